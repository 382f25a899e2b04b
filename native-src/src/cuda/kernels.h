/* Generated from native-src/include by: java native-src/tools/Bindings.java . */
// clang-format off
/* The kernels, for one device. Files are named after the CPU's. */
#ifndef FLAMBEAU_CUDA_KERNELS_H
#define FLAMBEAU_CUDA_KERNELS_H
#include "device.h"

namespace flambeau {
namespace device {

int32_t fill(Device& d, int32_t dtype, int64_t n, fl_out y, int64_t value);
int32_t sequence(Device& d, int32_t kind, int32_t dtype, int64_t n, fl_out y, int64_t start, int64_t by);
int32_t unary(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address x, fl_out y, double p, double q);
int32_t unary_grad(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address g, fl_maybe x, fl_maybe y, fl_out gx,
                   double p, double q);
int32_t binary(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_out y);
int32_t binary_scalar(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address a, fl_out y, int64_t scalar,
                      int32_t reversed);
int32_t binary_strided(Device& d, int32_t op, int32_t dtype, fl_table geometry, fl_address a, fl_address b, fl_out y);
int32_t where(Device& d, int32_t dtype, fl_table geometry, fl_address condition, fl_address a, fl_address b, fl_out y);
int32_t convert(Device& d, int32_t from, int32_t to, int64_t n, fl_address x, fl_out y);
int32_t copy(Device& d, int32_t from, int32_t to, fl_table geometry, fl_address x, fl_out y);
int32_t reduce(Device& d, int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_out y);
int32_t reduce_index(Device& d, int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                     fl_maybe_out values, fl_out indices);
int32_t moments(Device& d, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_maybe_out mean,
                fl_out variance, double correction);
int32_t softmax(Device& d, int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                fl_out y);
int32_t softmax_grad(Device& d, int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                     fl_address y, fl_out gx);
int32_t layer_norm(Device& d, int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_maybe weight,
                   fl_maybe bias, fl_out y, fl_out mean, fl_out rstd, double eps);
int32_t layer_norm_grad(Device& d, int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x,
                        fl_address mean, fl_address rstd, fl_maybe weight, fl_maybe_out gx, fl_maybe_out gweight,
                        fl_maybe_out gbias);
int32_t loss(Device& d, int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address x, fl_address target,
             fl_out y);
int32_t loss_grad(Device& d, int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address g, fl_address x,
                  fl_address target, fl_out gx);
int32_t nll_loss(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                 fl_address log_probabilities, fl_address target, fl_maybe weight, fl_out y, fl_out total_weight,
                 int64_t ignore_index);
int32_t nll_loss_grad(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                      fl_address g, fl_address target, fl_maybe weight, fl_address total_weight, fl_out gx,
                      int64_t ignore_index);
int32_t cross_entropy(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                      fl_address x, fl_address target, fl_maybe weight, fl_out y, fl_maybe_out log_sums,
                      fl_out total_weight, int64_t ignore_index, double smoothing);
int32_t cross_entropy_grad(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                           fl_address g, fl_address x, fl_address log_sums, fl_address target, fl_maybe weight,
                           fl_address total_weight, fl_out gx, int64_t ignore_index, double smoothing);
int32_t matmul(Device& d, int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k,
               fl_address a, int64_t a_batch, int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch,
               int64_t c_row, int64_t c_column, fl_maybe bias, fl_out y, int64_t y_batch, int64_t y_row);
int32_t gather(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
               fl_address index, fl_out y);
int32_t scatter(Device& d, int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                fl_address index, fl_address source, fl_out y);
int32_t index_select(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                     fl_address x, fl_address index, fl_out y);
int32_t index_add(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                  fl_address index, fl_address source, fl_out y);
int32_t random_seed(fl_table state, int64_t seed);
int32_t random(Device& d, int32_t kind, int32_t dtype, int64_t n, fl_table state, fl_maybe x, fl_out y, int64_t p,
               int64_t q);
int32_t step(Device& d, int32_t kind, int32_t dtype, int32_t flags, int64_t count, fl_rows table);
int32_t dropout(Device& d, int32_t dtype, int64_t n, fl_address x, fl_out y, int64_t seed, int64_t offset, double p);

}  // namespace device
}  // namespace flambeau
#endif
// clang-format on
