/* x86-64-v3: AVX2 and FMA. */
#pragma GCC target("arch=x86-64-v3")
#define FL_ISA v3
#define FL_VECTOR_BYTES 32
