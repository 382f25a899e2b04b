/* Generated from native-src/include by: java native-src/tools/Bindings.java . */
// clang-format off
extern "C" {

int32_t fl_fill(int32_t dtype, int64_t n, fl_out y, int64_t value) {
  return guarded("fill", n >= 1 && y != 0,
                 [&] { return kernels().fill(dtype, n, y, value); });
}

int32_t fl_sequence(int32_t kind, int32_t dtype, int64_t n, fl_out y, int64_t start, int64_t by) {
  return guarded("sequence", n >= 1 && y != 0,
                 [&] { return kernels().sequence(kind, dtype, n, y, start, by); });
}

int32_t fl_unary(int32_t op, int32_t dtype, int64_t n, fl_address x, fl_out y, double p, double q) {
  return guarded("unary", n >= 1 && x != 0 && y != 0,
                 [&] { return kernels().unary(op, dtype, n, x, y, p, q); });
}

int32_t fl_unary_grad(int32_t op, int32_t dtype, int64_t n, fl_address g, fl_maybe x, fl_maybe y, fl_out gx, double p,
                      double q) {
  return guarded("unary_grad", n >= 1 && g != 0 && gx != 0,
                 [&] { return kernels().unary_grad(op, dtype, n, g, x, y, gx, p, q); });
}

int32_t fl_binary(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_out y) {
  return guarded("binary", n >= 1 && a != 0 && b != 0 && y != 0,
                 [&] { return kernels().binary(op, dtype, n, a, b, y); });
}

int32_t fl_binary_scalar(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_out y, int64_t scalar,
                         int32_t reversed) {
  return guarded("binary_scalar", n >= 1 && a != 0 && y != 0,
                 [&] { return kernels().binary_scalar(op, dtype, n, a, y, scalar, reversed); });
}

int32_t fl_binary_strided(int32_t op, int32_t dtype, fl_table geometry, fl_address a, fl_address b, fl_out y) {
  return guarded("binary_strided", geometry != 0 && a != 0 && b != 0 && y != 0,
                 [&] { return kernels().binary_strided(op, dtype, geometry, a, b, y); });
}

int32_t fl_where(int32_t dtype, fl_table geometry, fl_address condition, fl_address a, fl_address b, fl_out y) {
  return guarded("where", geometry != 0 && condition != 0 && a != 0 && b != 0 && y != 0,
                 [&] { return kernels().where(dtype, geometry, condition, a, b, y); });
}

int32_t fl_convert(int32_t from, int32_t to, int64_t n, fl_address x, fl_out y) {
  return guarded("convert", n >= 1 && x != 0 && y != 0,
                 [&] { return kernels().convert(from, to, n, x, y); });
}

int32_t fl_copy(int32_t from, int32_t to, fl_table geometry, fl_address x, fl_out y) {
  return guarded("copy", geometry != 0 && x != 0 && y != 0,
                 [&] { return kernels().copy(from, to, geometry, x, y); });
}

int32_t fl_reduce(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_out y) {
  return guarded("reduce", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && y != 0,
                 [&] { return kernels().reduce(op, dtype, outer, len, inner, x, y); });
}

int32_t fl_reduce_index(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                        fl_maybe_out values, fl_out indices) {
  return guarded("reduce_index", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && indices != 0,
                 [&] { return kernels().reduce_index(op, dtype, outer, len, inner, x, values, indices); });
}

int32_t fl_moments(int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_maybe_out mean,
                   fl_out variance, double correction) {
  return guarded("moments", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && variance != 0,
                 [&] { return kernels().moments(dtype, outer, len, inner, x, mean, variance, correction); });
}

int32_t fl_softmax(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_out y) {
  return guarded("softmax", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && y != 0,
                 [&] { return kernels().softmax(log, dtype, outer, len, inner, x, y); });
}

int32_t fl_softmax_grad(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                        fl_address y, fl_out gx) {
  return guarded("softmax_grad", outer >= 1 && len >= 1 && inner >= 1 && g != 0 && y != 0 && gx != 0,
                 [&] { return kernels().softmax_grad(log, dtype, outer, len, inner, g, y, gx); });
}

int32_t fl_layer_norm(int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_maybe weight, fl_maybe bias,
                      fl_out y, fl_out mean, fl_out rstd, double eps) {
  return guarded("layer_norm", rows >= 1 && columns >= 1 && x != 0 && y != 0 && mean != 0 && rstd != 0,
                 [&] { return kernels().layer_norm(dtype, rows, columns, x, weight, bias, y, mean, rstd, eps); });
}

int32_t fl_layer_norm_grad(int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x, fl_address mean,
                           fl_address rstd, fl_maybe weight, fl_maybe_out gx, fl_maybe_out gweight,
                           fl_maybe_out gbias) {
  return guarded("layer_norm_grad", rows >= 1 && columns >= 1 && g != 0 && x != 0 && mean != 0 && rstd != 0 &&
                 (gx != 0 ? gx : gweight != 0 ? gweight : gbias) != 0,
                 [&] { return kernels().layer_norm_grad(dtype, rows, columns, g, x, mean, rstd, weight, gx, gweight,
                                                        gbias); });
}

int32_t fl_loss(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address x, fl_address target, fl_out y) {
  return guarded("loss", n >= 1 && x != 0 && target != 0 && y != 0,
                 [&] { return kernels().loss(op, reduction, dtype, n, x, target, y); });
}

int32_t fl_loss_grad(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address g, fl_address x,
                     fl_address target, fl_out gx) {
  return guarded("loss_grad", n >= 1 && g != 0 && x != 0 && target != 0 && gx != 0,
                 [&] { return kernels().loss_grad(op, reduction, dtype, n, g, x, target, gx); });
}

int32_t fl_nll_loss(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                    fl_address log_probabilities, fl_address target, fl_maybe weight, fl_out y, fl_out total_weight,
                    int64_t ignore_index) {
  return guarded("nll_loss", outer >= 1 && classes >= 1 && inner >= 1 && log_probabilities != 0 && target != 0 &&
                 y != 0 && total_weight != 0,
                 [&] { return kernels().nll_loss(reduction, dtype, outer, classes, inner, log_probabilities, target,
                                                 weight, y, total_weight, ignore_index); });
}

int32_t fl_nll_loss_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner, fl_address g,
                         fl_address target, fl_maybe weight, fl_address total_weight, fl_out gx, int64_t ignore_index) {
  return guarded("nll_loss_grad", outer >= 1 && classes >= 1 && inner >= 1 && g != 0 && target != 0 &&
                 total_weight != 0 && gx != 0,
                 [&] { return kernels().nll_loss_grad(reduction, dtype, outer, classes, inner, g, target, weight,
                                                      total_weight, gx, ignore_index); });
}

int32_t fl_cross_entropy(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner, fl_address x,
                         fl_address target, fl_maybe weight, fl_out y, fl_maybe_out log_sums, fl_out total_weight,
                         int64_t ignore_index, double smoothing) {
  return guarded("cross_entropy", outer >= 1 && classes >= 1 && inner >= 1 && x != 0 && target != 0 && y != 0 &&
                 total_weight != 0,
                 [&] { return kernels().cross_entropy(reduction, dtype, outer, classes, inner, x, target, weight, y,
                                                      log_sums, total_weight, ignore_index, smoothing); });
}

int32_t fl_cross_entropy_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                              fl_address g, fl_address x, fl_address log_sums, fl_address target, fl_maybe weight,
                              fl_address total_weight, fl_out gx, int64_t ignore_index, double smoothing) {
  return guarded("cross_entropy_grad", outer >= 1 && classes >= 1 && inner >= 1 && g != 0 && x != 0 && log_sums != 0 &&
                 target != 0 && total_weight != 0 && gx != 0,
                 [&] { return kernels().cross_entropy_grad(reduction, dtype, outer, classes, inner, g, x, log_sums,
                                                           target, weight, total_weight, gx, ignore_index,
                                                           smoothing); });
}

int32_t fl_matmul(int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k, fl_address a,
                  int64_t a_batch, int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch, int64_t c_row,
                  int64_t c_column, fl_maybe bias, fl_out y, int64_t y_batch, int64_t y_row) {
  return guarded("matmul", batch >= 1 && m >= 1 && n >= 1 && k >= 1 && a != 0 && c != 0 && y != 0,
                 [&] { return kernels().matmul(dtype, activation, batch, m, n, k, a, a_batch, a_row, a_column, c,
                                               c_batch, c_row, c_column, bias, y, y_batch, y_row); });
}

int32_t fl_gather(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                  fl_address index, fl_out y) {
  return guarded("gather", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && x != 0 && index != 0 && y != 0,
                 [&] { return kernels().gather(dtype, outer, length, count, inner, x, index, y); });
}

int32_t fl_scatter(int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                   fl_address index, fl_address source, fl_out y) {
  return guarded("scatter", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && index != 0 && source != 0 &&
                 y != 0,
                 [&] { return kernels().scatter(add, dtype, outer, length, count, inner, index, source, y); });
}

int32_t fl_index_select(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                        fl_address index, fl_out y) {
  return guarded("index_select", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && x != 0 && index != 0 &&
                 y != 0,
                 [&] { return kernels().index_select(dtype, outer, length, count, inner, x, index, y); });
}

int32_t fl_index_add(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address index,
                     fl_address source, fl_out y) {
  return guarded("index_add", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && index != 0 && source != 0 &&
                 y != 0,
                 [&] { return kernels().index_add(dtype, outer, length, count, inner, index, source, y); });
}

int32_t fl_random_seed(fl_table state, int64_t seed) {
  return guarded("random_seed", state != 0,
                 [&] { return kernels().random_seed(state, seed); });
}

int32_t fl_random(int32_t kind, int32_t dtype, int64_t n, fl_table state, fl_maybe x, fl_out y, int64_t p, int64_t q) {
  return guarded("random", n >= 1 && state != 0 && y != 0,
                 [&] { return kernels().random(kind, dtype, n, state, x, y, p, q); });
}

int32_t fl_step(int32_t kind, int32_t dtype, int32_t flags, int64_t count, fl_rows table) {
  return guarded("step", count >= 1 && table != 0,
                 [&] { return kernels().step(kind, dtype, flags, count, table); });
}

}  // extern "C"
// clang-format on
