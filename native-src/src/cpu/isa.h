/*
 * The kernels of one instruction set, as a table; chosen once.
 *
 * How a kernel file (src/cpu/kernels/NAME.inl) is written. isa_v2.cpp, isa_v3.cpp, isa_v4.cpp and isa_generic.cpp each
 * include all of them (through kernels/all.inl) under their own #pragma GCC target and their own FL_ISA, so the same
 * text is compiled once per instruction set.
 *   - Everything is inside `namespace flambeau { namespace FL_ISA { ... } }`; helpers of one file sit in a namespace of
 *     their own inside it (`namespace pointwise { ... }`), never in an anonymous one. Shared headers (src/shared) are
 *     written in the same namespace: they are compiled per instruction set too, which a copy in another would not be.
 *   - A file includes only src/shared headers and other kernel files, with include guards. System headers, isa.h,
 *     error.h, parallel.h, allocator.h, blas.h are here already, before the pragma: nothing else may come in after it.
 *   - No std:: (its templates become weak symbols, and the linker could give everybody the AVX-512 copy; a test looks).
 *     __builtin_exp, __builtin_memcpy and friends, plain loops, structs, lambdas.
 *   - A kernel has exactly the signature that flambeau.h gives fl_NAME, without fl_, and is marked FL_KERNEL. Sizes are
 *     at least 1, and addresses not 0 where the header says so: the fl_ functions have looked.
 *   - Errors: `return fail(FL_BAD_INDEX, "gather: index %lld ...", ...)` or `return unsupported("gather", dtype)`, on
 *     the calling thread, before anything is written. No exception may be thrown.
 *   - Threads: `parallel_for(total, ns_per_item, [&](int64_t begin, int64_t end) { ... })` (kernels/support.inl). What
 *     a range computes must not depend on where it was cut: sums go over fixed blocks and are combined in order.
 *   - Scratch memory: `Scratch<T> s(count)` (kernels/support.inl), null when there is none: return out_of_memory("op").
 *   - Types: visit_floating / visit_number / visit_any (shared/dtype.h) from a code to a template.
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

/** One pointer per kernel, with the ABI's signature. */
struct KernelTable {
#define FL_ENTRY(name) decltype(&fl_##name) name;
  FL_KERNELS(FL_ENTRY)
#undef FL_ENTRY
};

#if FL_X86
namespace v2 {
extern const KernelTable table;
}
namespace v3 {
extern const KernelTable table;
}
namespace v4 {
extern const KernelTable table;
}
#else
namespace generic {
extern const KernelTable table;
}
#endif

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
