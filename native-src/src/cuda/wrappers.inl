/* Generated from native-src/include by: java native-src/tools/Bindings.java . */
// clang-format off
extern "C" {

int32_t fl_fill(int32_t dtype, int64_t n, fl_out y, int64_t value) {
  return on_device("fill", n >= 1 && y != 0, y,
                   [&](Device& d) { return device::fill(d, dtype, n, y, value); });
}

int32_t fl_sequence(int32_t kind, int32_t dtype, int64_t n, fl_out y, int64_t start, int64_t by) {
  return on_device("sequence", n >= 1 && y != 0, y,
                   [&](Device& d) { return device::sequence(d, kind, dtype, n, y, start, by); });
}

int32_t fl_unary(int32_t op, int32_t dtype, int64_t n, fl_address x, fl_out y, double p, double q) {
  return on_device("unary", n >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::unary(d, op, dtype, n, x, y, p, q); });
}

int32_t fl_unary_grad(int32_t op, int32_t dtype, int64_t n, fl_address g, fl_maybe x, fl_maybe y, fl_out gx, double p,
                      double q) {
  return on_device("unary_grad", n >= 1 && g != 0 && gx != 0, gx,
                   [&](Device& d) { return device::unary_grad(d, op, dtype, n, g, x, y, gx, p, q); });
}

int32_t fl_binary(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_out y) {
  return on_device("binary", n >= 1 && a != 0 && b != 0 && y != 0, y,
                   [&](Device& d) { return device::binary(d, op, dtype, n, a, b, y); });
}

int32_t fl_binary_scalar(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_out y, int64_t scalar,
                         int32_t reversed) {
  return on_device("binary_scalar", n >= 1 && a != 0 && y != 0, y,
                   [&](Device& d) { return device::binary_scalar(d, op, dtype, n, a, y, scalar, reversed); });
}

int32_t fl_binary_strided(int32_t op, int32_t dtype, fl_table geometry, fl_address a, fl_address b, fl_out y) {
  return on_device("binary_strided", geometry != 0 && a != 0 && b != 0 && y != 0, y,
                   [&](Device& d) { return device::binary_strided(d, op, dtype, geometry, a, b, y); });
}

int32_t fl_where(int32_t dtype, fl_table geometry, fl_address condition, fl_address a, fl_address b, fl_out y) {
  return on_device("where", geometry != 0 && condition != 0 && a != 0 && b != 0 && y != 0, y,
                   [&](Device& d) { return device::where(d, dtype, geometry, condition, a, b, y); });
}

int32_t fl_convert(int32_t from, int32_t to, int64_t n, fl_address x, fl_out y) {
  return on_device("convert", n >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::convert(d, from, to, n, x, y); });
}

int32_t fl_copy(int32_t from, int32_t to, fl_table geometry, fl_address x, fl_out y) {
  return on_device("copy", geometry != 0 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::copy(d, from, to, geometry, x, y); });
}

int32_t fl_reduce(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_out y) {
  return on_device("reduce", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::reduce(d, op, dtype, outer, len, inner, x, y); });
}

int32_t fl_reduce_index(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                        fl_maybe_out values, fl_out indices) {
  return on_device("reduce_index", outer >= 1 && len >= 1 && inner >= 1 && x != 0 &&
                   indices != 0, values != 0 ? values : indices,
                   [&](Device& d) { return device::reduce_index(d, op, dtype, outer, len, inner, x, values,
                                                                indices); });
}

int32_t fl_moments(int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_maybe_out mean,
                   fl_out variance, double correction) {
  return on_device("moments", outer >= 1 && len >= 1 && inner >= 1 && x != 0 &&
                   variance != 0, mean != 0 ? mean : variance,
                   [&](Device& d) { return device::moments(d, dtype, outer, len, inner, x, mean, variance,
                                                           correction); });
}

int32_t fl_softmax(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_out y) {
  return on_device("softmax", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::softmax(d, log, dtype, outer, len, inner, x, y); });
}

int32_t fl_softmax_grad(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                        fl_address y, fl_out gx) {
  return on_device("softmax_grad", outer >= 1 && len >= 1 && inner >= 1 && g != 0 && y != 0 && gx != 0, gx,
                   [&](Device& d) { return device::softmax_grad(d, log, dtype, outer, len, inner, g, y, gx); });
}

int32_t fl_layer_norm(int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_maybe weight, fl_maybe bias,
                      fl_out y, fl_out mean, fl_out rstd, double eps) {
  return on_device("layer_norm", rows >= 1 && columns >= 1 && x != 0 && y != 0 && mean != 0 && rstd != 0, y,
                   [&](Device& d) { return device::layer_norm(d, dtype, rows, columns, x, weight, bias, y, mean, rstd,
                                                              eps); });
}

int32_t fl_layer_norm_grad(int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x, fl_address mean,
                           fl_address rstd, fl_maybe weight, fl_maybe_out gx, fl_maybe_out gweight,
                           fl_maybe_out gbias) {
  return on_device("layer_norm_grad", rows >= 1 && columns >= 1 && g != 0 && x != 0 && mean != 0 && rstd != 0 &&
                   (gx != 0 ? gx : gweight != 0 ? gweight : gbias) != 0, gx != 0 ? gx : gweight != 0 ? gweight : gbias,
                   [&](Device& d) { return device::layer_norm_grad(d, dtype, rows, columns, g, x, mean, rstd, weight,
                                                                   gx, gweight, gbias); });
}

int32_t fl_loss(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address x, fl_address target, fl_out y) {
  return on_device("loss", n >= 1 && x != 0 && target != 0 && y != 0, y,
                   [&](Device& d) { return device::loss(d, op, reduction, dtype, n, x, target, y); });
}

int32_t fl_loss_grad(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address g, fl_address x,
                     fl_address target, fl_out gx) {
  return on_device("loss_grad", n >= 1 && g != 0 && x != 0 && target != 0 && gx != 0, gx,
                   [&](Device& d) { return device::loss_grad(d, op, reduction, dtype, n, g, x, target, gx); });
}

int32_t fl_nll_loss(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                    fl_address log_probabilities, fl_address target, fl_maybe weight, fl_out y, fl_out total_weight,
                    int64_t ignore_index) {
  return on_device("nll_loss", outer >= 1 && classes >= 1 && inner >= 1 && log_probabilities != 0 && target != 0 &&
                   y != 0 && total_weight != 0, y,
                   [&](Device& d) { return device::nll_loss(d, reduction, dtype, outer, classes, inner,
                                                            log_probabilities, target, weight, y, total_weight,
                                                            ignore_index); });
}

int32_t fl_nll_loss_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner, fl_address g,
                         fl_address target, fl_maybe weight, fl_address total_weight, fl_out gx, int64_t ignore_index) {
  return on_device("nll_loss_grad", outer >= 1 && classes >= 1 && inner >= 1 && g != 0 && target != 0 &&
                   total_weight != 0 && gx != 0, gx,
                   [&](Device& d) { return device::nll_loss_grad(d, reduction, dtype, outer, classes, inner, g, target,
                                                                 weight, total_weight, gx, ignore_index); });
}

int32_t fl_cross_entropy(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner, fl_address x,
                         fl_address target, fl_maybe weight, fl_out y, fl_maybe_out log_sums, fl_out total_weight,
                         int64_t ignore_index, double smoothing) {
  return on_device("cross_entropy", outer >= 1 && classes >= 1 && inner >= 1 && x != 0 && target != 0 && y != 0 &&
                   total_weight != 0, y,
                   [&](Device& d) { return device::cross_entropy(d, reduction, dtype, outer, classes, inner, x, target,
                                                                 weight, y, log_sums, total_weight, ignore_index,
                                                                 smoothing); });
}

int32_t fl_cross_entropy_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                              fl_address g, fl_address x, fl_address log_sums, fl_address target, fl_maybe weight,
                              fl_address total_weight, fl_out gx, int64_t ignore_index, double smoothing) {
  return on_device("cross_entropy_grad", outer >= 1 && classes >= 1 && inner >= 1 && g != 0 && x != 0 &&
                   log_sums != 0 && target != 0 && total_weight != 0 && gx != 0, gx,
                   [&](Device& d) { return device::cross_entropy_grad(d, reduction, dtype, outer, classes, inner, g, x,
                                                                      log_sums, target, weight, total_weight, gx,
                                                                      ignore_index, smoothing); });
}

int32_t fl_matmul(int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k, fl_address a,
                  int64_t a_batch, int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch, int64_t c_row,
                  int64_t c_column, fl_maybe bias, fl_out y, int64_t y_batch, int64_t y_row) {
  return on_device("matmul", batch >= 1 && m >= 1 && n >= 1 && k >= 1 && a != 0 && c != 0 && y != 0, y,
                   [&](Device& d) { return device::matmul(d, dtype, activation, batch, m, n, k, a, a_batch, a_row,
                                                          a_column, c, c_batch, c_row, c_column, bias, y, y_batch,
                                                          y_row); });
}

int32_t fl_gather(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                  fl_address index, fl_out y) {
  return on_device("gather", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && x != 0 && index != 0 && y != 0, y,
                   [&](Device& d) { return device::gather(d, dtype, outer, length, count, inner, x, index, y); });
}

int32_t fl_scatter(int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                   fl_address index, fl_address source, fl_out y) {
  return on_device("scatter", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && index != 0 && source != 0 &&
                   y != 0, y,
                   [&](Device& d) { return device::scatter(d, add, dtype, outer, length, count, inner, index, source,
                                                           y); });
}

int32_t fl_index_select(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                        fl_address index, fl_out y) {
  return on_device("index_select", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && x != 0 && index != 0 &&
                   y != 0, y,
                   [&](Device& d) { return device::index_select(d, dtype, outer, length, count, inner, x, index,
                                                                y); });
}

int32_t fl_index_add(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address index,
                     fl_address source, fl_out y) {
  return on_device("index_add", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && index != 0 && source != 0 &&
                   y != 0, y,
                   [&](Device& d) { return device::index_add(d, dtype, outer, length, count, inner, index, source,
                                                             y); });
}

int32_t fl_random_seed(fl_table state, int64_t seed) {
  return guarded("random_seed", state != 0,
                 [&] { return device::random_seed(state, seed); });
}

int32_t fl_random(int32_t kind, int32_t dtype, int64_t n, fl_table state, fl_maybe x, fl_out y, int64_t p, int64_t q) {
  return on_device("random", n >= 1 && state != 0 && y != 0, y,
                   [&](Device& d) { return device::random(d, kind, dtype, n, state, x, y, p, q); });
}

int32_t fl_step(int32_t kind, int32_t dtype, int32_t flags, int64_t count, fl_rows table) {
  return on_device("step", count >= 1 && table != 0, second_of_first_row(table),
                   [&](Device& d) { return device::step(d, kind, dtype, flags, count, table); });
}

int32_t fl_dropout(int32_t dtype, int64_t n, fl_address x, fl_out y, int64_t seed, int64_t offset, double p) {
  return on_device("dropout", n >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::dropout(d, dtype, n, x, y, seed, offset, p); });
}

}  // extern "C"
// clang-format on
