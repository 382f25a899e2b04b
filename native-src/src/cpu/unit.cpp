/*
 * One family of kernels (kernels/FAMILY.inl) for one instruction set (sets/SET.h). The builds compile this file once for
 * each pair, with -DFL_FAMILY=softmax -DFL_SET=v3, into softmax.v3.o and so on.
 */
#include "isa.h"  // and with it all that comes from the system: compiled for every processor, before the set's pragma

/* Paths, no divisions. */
/* clang-format off */
#define FL_TEXT(x) #x
#define FL_PATH(folder, name, suffix) FL_TEXT(folder/name.suffix)
#include FL_PATH(sets, FL_SET, h)
#include FL_PATH(kernels, FL_FAMILY, inl)
/* clang-format on */
