/* The kernels for x86-64-v3. */
#include "isa.h"

#if FL_X86
#pragma GCC target("arch=x86-64-v3")
#define FL_ISA v3
#define FL_VECTOR_BYTES 32
#include "kernels/all.inl"
#endif
