/* The kernels for processors other than x86-64, as the compiler's own target has it (arm64: NEON). */
#include "isa.h"

#if !FL_X86
#define FL_ISA generic
#define FL_VECTOR_BYTES 16
#include "kernels/all.inl"
#endif
