/* x86-64-v2: SSE4.2. */
#pragma GCC target("arch=x86-64-v2")
#define FL_ISA v2
#define FL_VECTOR_BYTES 16
