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

extern const KernelTable table = {
    fill,          unary,
    unary_grad,    binary,
    binary_scalar, binary_strided,
    where,         convert,
    copy,          reduce,
    reduce_index,  moments,
    softmax,       softmax_grad,
    layer_norm,    layer_norm_grad,
    loss,          loss_grad,
    nll_loss,      nll_loss_grad,
    cross_entropy, cross_entropy_grad,
    matmul,        gather,
    scatter,       index_select,
    index_add,     random_seed,
    random,        sgd,
    adam,
};

}  // namespace FL_ISA
}  // namespace flambeau
