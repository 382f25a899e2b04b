/* Generated from native-src/include by: java native-src/tools/Bindings.java . */
// clang-format off
/* X(name) for each kernel of flambeau.h; the function is fl_name. */
#ifndef FLAMBEAU_CPU_KERNELS_H
#define FLAMBEAU_CPU_KERNELS_H

#define FL_KERNELS(X) \
  X(fill) \
  X(sequence) \
  X(unary) \
  X(unary_grad) \
  X(binary) \
  X(binary_scalar) \
  X(binary_strided) \
  X(where) \
  X(convert) \
  X(copy) \
  X(reduce) \
  X(reduce_index) \
  X(moments) \
  X(softmax) \
  X(softmax_grad) \
  X(layer_norm) \
  X(layer_norm_grad) \
  X(loss) \
  X(loss_grad) \
  X(nll_loss) \
  X(nll_loss_grad) \
  X(cross_entropy) \
  X(cross_entropy_grad) \
  X(matmul) \
  X(gather) \
  X(scatter) \
  X(index_select) \
  X(index_add) \
  X(random_seed) \
  X(random) \
  X(step)

#endif
// clang-format on
