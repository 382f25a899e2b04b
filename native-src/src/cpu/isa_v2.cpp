/* The kernels for x86-64-v2. */
#include "isa.h"

#if FL_X86
#pragma GCC target("arch=x86-64-v2")
#define FL_ISA v2
#define FL_VECTOR_BYTES 16
#include "kernels/all.inl"
#endif
