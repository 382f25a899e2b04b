/* Processors other than x86-64, as the compiler's own target has it (arm64: NEON). */
#define FL_ISA generic
#define FL_VECTOR_BYTES 16
