/* All kernels of one instruction set; the including file has set FL_ISA, FL_VECTOR_BYTES and the target. */
#include "copy.inl"
#include "unary.inl"
#include "binary.inl"
#include "reduce.inl"
#include "softmax.inl"
#include "norm.inl"
#include "loss.inl"
#include "cross_entropy.inl"
#include "matmul.inl"
#include "index.inl"
#include "random.inl"
#include "optim.inl"

namespace flambeau {
namespace FL_ISA {

#define FL_ENTRY(name) name,
extern const KernelTable table = {FL_KERNELS(FL_ENTRY)};
#undef FL_ENTRY

}  // namespace FL_ISA
}  // namespace flambeau
