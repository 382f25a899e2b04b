/*
 * The kernels of each instruction set, as a table; chosen once.
 *
 * How a kernel file (src/cpu/kernels/FAMILY.inl) is written. It is compiled on its own, once per instruction set
 * (unit.cpp says how), under the #pragma GCC target and with the FL_ISA and FL_VECTOR_BYTES of sets/SET.h; what several
 * families share lies in headers beside them (kernels/NAME.h).
 *   - Everything is inside `namespace flambeau { namespace FL_ISA { ... } }`; helpers of one family sit in a namespace of
 *     their own inside it (`namespace pointwise { ... }`), never in an anonymous one. Shared headers (src/shared) are
 *     written in the same namespace: they are compiled per instruction set too, which a copy in another would not be.
 *   - A file includes only src/shared headers and headers beside it, with include guards. System headers, isa.h,
 *     error.h, parallel.h, allocator.h, blas.h are here already, before the pragma: nothing else may come in after it.
 *   - No std:: (its templates become weak symbols, and the linker could give everybody the AVX-512 copy; the build
 *     refuses such symbols). __builtin_exp, __builtin_memcpy and friends, plain loops, structs, lambdas.
 *   - A kernel has exactly the signature that flambeau.h gives fl_NAME, without fl_, and is marked FL_KERNEL. The fl_
 *     functions have checked that sizes are at least 1, and addresses not 0 where the header says so. All kernels are
 *     declared below for every instruction set, so that a family may call another's. What is large and needed by
 *     several (the product of matmul_blocks.inl) is compiled in one of them, and declared in a header.
 *   - Errors: `return fail(FL_BAD_INDEX, "gather: index %lld ...", ...)` or `return unsupported("gather", dtype)`, on
 *     the calling thread, before anything is written. No exception may be thrown.
 *   - Threads: `parallel_for(total, ns_per_item, [&](int64_t begin, int64_t end) { ... })` (kernels/support.h). What a
 *     range computes must not depend on where it was cut: sums go over fixed blocks and are combined in order.
 *   - Scratch memory: `Scratch<T> s(count)` (kernels/support.h), null when there is none: return out_of_memory("op").
 *   - Types: `visit<kNumbers>("op", dtype, [&](auto tag) { using T = decltype(tag.value); ... })` (shared/dtype.h).
 *   - Vectors: Vec<T> (shared/lanes.h) fills one register of the instruction set; FL_VECTOR_BYTES is its size.
 */
#ifndef FLAMBEAU_CPU_ISA_H
#define FLAMBEAU_CPU_ISA_H
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "allocator.h"
#include "blas.h"
#include "../shared/error.h"
#include "flambeau.h"
#include "kernels.h"
#include "parallel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define FL_X86 1
#else
#define FL_X86 0
#endif

namespace flambeau {

/* The instruction sets that the library is compiled for: sets/NAME.h. */
#if FL_X86
#define FL_SETS(X) X(v2) X(v3) X(v4)
#else
#define FL_SETS(X) X(generic)
#endif

/** One pointer per kernel, with the ABI's signature. */
struct KernelTable {
#define FL_ENTRY(name) decltype(&fl_##name) name;
  FL_KERNELS(FL_ENTRY)
#undef FL_ENTRY
};

/* A kernel's linkage: external, for tables and other families; the library hides it. */
#define FL_KERNEL

/* Each instruction set's kernels. */
#define FL_DECLARE(name) FL_KERNEL decltype(fl_##name) name;
#define FL_SET_KERNELS(set) \
  namespace set {           \
  FL_KERNELS(FL_DECLARE)    \
  }
FL_SETS(FL_SET_KERNELS)
#undef FL_SET_KERNELS
#undef FL_DECLARE

/** The instruction set in use. */
struct Isa {
  const KernelTable* table;
  const char* name;
  const char* note;  // why it is not the one FLAMBEAU_ISA asked for, or ""
};

/** Chosen at the first call: the best the processor has, or the one FLAMBEAU_ISA=v2|v3|v4 names. */
const Isa& isa();

}  // namespace flambeau
#endif
