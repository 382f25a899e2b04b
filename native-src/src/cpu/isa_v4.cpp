/* The kernels for x86-64-v4. */
#include "isa.h"

#if FL_X86
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#define FL_ISA v4
#define FL_VECTOR_BYTES 64
#include "kernels/all.inl"
#endif
