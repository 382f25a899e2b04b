/* x86-64-v4: AVX-512. */
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#define FL_ISA v4
#define FL_VECTOR_BYTES 64
