/* fl_softmax, fl_layer_norm and their gradients against their definitions in long double. */
#include "testing.h"

using namespace testing;

namespace {

using Wide = long double;

struct Shape {
  int64_t outer, len, inner;
};
const Shape shapes[] = {{1, 1, 1},    {3, 2, 1}, {5, 10, 1},  {2, 17, 1},   {1, 4097, 1}, {1, 100003, 1},
                        {300, 63, 1}, {1, 3, 5}, {2, 15, 17}, {3, 10, 300}, {1, 1000, 3}, {64, 2, 2}};

template <class T> bool near(T got, Wide expected, double relative, double absolute) {
  if (std::isnan(expected)) return std::isnan(got);
  if (std::isinf(expected)) return static_cast<Wide>(got) == expected;
  return std::fabs(static_cast<Wide>(got) - expected) <= relative * std::fabs(expected) + absolute;
}

template <class T> void check_softmax(int dtype, const Shape& s, double scale, int holes) {
  const double unit = std::numeric_limits<T>::epsilon();
  const int64_t n = s.outer * s.len * s.inner;
  std::vector<T> x = uniform_values<T>(n, -scale, scale), g = uniform_values<T>(n, -1, 1), y(x.size()), gx(x.size());
  for (T& v : x) {
    if (holes > 0 && uniform(0, 1) < 0.2) v = T(-INFINITY);
    if (holes > 1 && uniform(0, 1) < 0.05) v = T(NAN);
  }
  for (int log : {0, 1}) {
    CHECK_OK(fl_softmax(log, dtype, s.outer, s.len, s.inner, address(x.data()), address(y.data())));
    CHECK_OK(
        fl_softmax_grad(log, dtype, s.outer, s.len, s.inner, address(g.data()), address(y.data()), address(gx.data())));
    for (int64_t o = 0; o < s.outer; ++o) {
      for (int64_t i = 0; i < s.inner; ++i) {
        const auto at = [&](int64_t k) { return static_cast<size_t>((o * s.len + k) * s.inner + i); };
        Wide top = -INFINITY, sum = 0, dot = 0;
        for (int64_t k = 0; k < s.len; ++k) {
          if (x[at(k)] > top || x[at(k)] != x[at(k)]) top = top != top ? top : x[at(k)];
        }
        for (int64_t k = 0; k < s.len; ++k) sum += std::exp(x[at(k)] - top);
        for (int64_t k = 0; k < s.len; ++k) dot += log ? Wide(g[at(k)]) : Wide(g[at(k)]) * y[at(k)];
        for (int64_t k = 0; k < s.len; ++k) {
          const Wide p = std::exp(x[at(k)] - top) / sum;
          const Wide expected = log ? (x[at(k)] - top) - std::log(sum) : p;
          CHECK(near(y[at(k)], expected, log ? 8 * unit : 8 * unit * (1 + scale), log ? 8 * unit * (1 + scale) : 2e-44),
                "softmax log %d (%ld, %ld, %ld): %.9g, not %.9Lg", log, long(s.outer), long(s.len), long(s.inner),
                double(y[at(k)]), expected);
          const Wide slope = log ? g[at(k)] - std::exp(Wide(y[at(k)])) * dot : y[at(k)] * (g[at(k)] - dot);
          const Wide size = log ? 1 + std::exp(Wide(y[at(k)])) * std::sqrt(Wide(s.len)) : Wide(y[at(k)]);
          CHECK(near(gx[at(k)], slope, 16 * unit, 16 * unit * double(size) + 2e-44),
                "softmax_grad log %d (%ld, %ld, %ld): %.9g, not %.9Lg", log, long(s.outer), long(s.len), long(s.inner),
                double(gx[at(k)]), slope);
        }
      }
    }
  }
}

template <class T> void check_layer_norm(int dtype, int64_t rows, int64_t columns, bool affine, double shift) {
  const double unit = std::numeric_limits<T>::epsilon(), eps = 1e-5;
  const std::vector<T> x = uniform_values<T>(rows * columns, shift - 1, shift + 1),
                       g = uniform_values<T>(rows * columns, -1, 1);
  const std::vector<T> weight = uniform_values<T>(columns, 0.5, 2), bias = uniform_values<T>(columns, -1, 1);
  const fl_address w = affine ? address(weight.data()) : 0, b = affine ? address(bias.data()) : 0;
  std::vector<T> y(x.size()), gx(x.size()), mean(static_cast<size_t>(rows)), rstd(mean.size()), gw(weight.size()),
      gb(bias.size());
  CHECK_OK(fl_layer_norm(dtype, rows, columns, address(x.data()), w, b, address(y.data()), address(mean.data()),
                         address(rstd.data()), eps));
  CHECK_OK(fl_layer_norm_grad(dtype, rows, columns, address(g.data()), address(x.data()), address(mean.data()),
                              address(rstd.data()), w, address(gx.data()), affine ? address(gw.data()) : 0,
                              affine ? address(gb.data()) : 0));
  std::vector<Wide> sum_w(weight.size()), sum_b(weight.size());
  const double loss = unit * (1 + shift) * 60;  // x - mean loses what x's size takes
  for (int64_t r = 0; r < rows; ++r) {
    const T* row = &x[static_cast<size_t>(r * columns)];
    const T* slope = &g[static_cast<size_t>(r * columns)];
    Wide center = 0, squares = 0, h_mean = 0, hz_mean = 0;
    for (int64_t c = 0; c < columns; ++c) center += row[c];
    center /= columns;
    for (int64_t c = 0; c < columns; ++c) squares += (row[c] - center) * (row[c] - center);
    const Wide scale = 1 / std::sqrt(squares / columns + eps);
    CHECK(near(mean[static_cast<size_t>(r)], center, 4 * unit, 4 * unit * (1 + shift)), "layer_norm mean");
    CHECK(near(rstd[static_cast<size_t>(r)], scale, columns == 1 ? 1e-2 : 16 * unit, 0),
          "layer_norm rstd %g, not %Lg, columns %ld", double(rstd[static_cast<size_t>(r)]), scale, long(columns));
    for (int64_t c = 0; c < columns; ++c) {
      const Wide h = slope[c] * (affine ? Wide(weight[static_cast<size_t>(c)]) : 1), z = (row[c] - center) * scale;
      h_mean += h / columns;
      hz_mean += h * z / columns;
      sum_w[static_cast<size_t>(c)] += slope[c] * z;
      sum_b[static_cast<size_t>(c)] += slope[c];
    }
    const Wide steep = std::max<Wide>(1, scale);
    for (int64_t c = 0; c < columns; ++c) {
      const size_t i = static_cast<size_t>(r * columns + c);
      const Wide z = (row[c] - center) * scale;
      const Wide wc = affine ? Wide(weight[static_cast<size_t>(c)]) : 1,
                 bc = affine ? Wide(bias[static_cast<size_t>(c)]) : 0;
      CHECK(near(y[i], z * wc + bc, 8 * unit, double(loss * steep)), "layer_norm %ld x %ld: %.9g, not %.9Lg",
            long(rows), long(columns), double(y[i]), z * wc + bc);
      const Wide expected = scale * (slope[c] * wc - h_mean - z * hz_mean);
      CHECK(near(gx[i], expected, 16 * unit, double(loss * steep * steep)),
            "layer_norm_grad %ld x %ld: %.9g, not %.9Lg", long(rows), long(columns), double(gx[i]), expected);
    }
  }
  for (size_t c = 0; affine && c < gw.size(); ++c) {
    CHECK(near(gw[c], sum_w[c], 16 * unit, double(loss) * double(rows)), "gweight %.9g, not %.9Lg", double(gw[c]),
          sum_w[c]);
    CHECK(near(gb[c], sum_b[c], 16 * unit, 4 * unit * std::sqrt(double(rows))), "gbias %.9g, not %.9Lg", double(gb[c]),
          sum_b[c]);
  }
}

template <class T> void check_type(int dtype) {
  for (const Shape& s : shapes) {
    check_softmax<T>(dtype, s, 5, 0);
    check_softmax<T>(dtype, s, 80, 0);
    check_softmax<T>(dtype, s, 5, 1);
    check_softmax<T>(dtype, s, 5, 2);
  }
  for (int64_t columns : {1, 3, 15, 16, 17, 63, 1000, 4097}) {
    for (int64_t rows : {1, 3, 130}) {
      check_layer_norm<T>(dtype, rows, columns, true, 0);
      check_layer_norm<T>(dtype, rows, columns, false, 30);
    }
  }
}

}  // namespace

int main() {
  check_type<float>(FL_FLOAT32);
  check_type<double>(FL_FLOAT64);
  const int64_t x = 1;
  int64_t y;
  CHECK(fl_softmax(0, FL_INT64, 1, 1, 1, address(&x), address(&y)) == FL_UNSUPPORTED, "softmax of integers");
  const float one = 1;
  float gx;
  CHECK_OK(fl_layer_norm_grad(FL_FLOAT32, 1, 1, address(&one), address(&one), address(&one), address(&one), 0,
                              address(&gx), 0, 0));
  return finish();
}
