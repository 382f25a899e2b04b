/* fl_loss, fl_nll_loss and their gradients against their definitions in double. */
#include "testing.h"

using namespace testing;

namespace {

double loss_reference(int op, double x, double t) {
  switch (op) {
    case FL_LOSS_MSE: return (x - t) * (x - t);
    case FL_LOSS_L1: return std::fabs(x - t);
    case FL_LOSS_BCE: return -(t * std::max(-100.0, std::log(x)) + (1 - t) * std::max(-100.0, std::log1p(-x)));
    default: return (1 - t) * x + std::max(-x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
  }
}

double slope_reference(int op, double x, double t) {
  switch (op) {
    case FL_LOSS_MSE: return 2 * (x - t);
    case FL_LOSS_L1: return (x > t) - (x < t);
    case FL_LOSS_BCE: return (x - t) / std::max(1e-12, (1 - x) * x);
    default: return 1 / (1 + std::exp(-x)) - t;
  }
}

template <class T> void check_loss(int op, int dtype, int64_t n) {
  const double unit = std::numeric_limits<T>::epsilon();
  const bool probability = op == FL_LOSS_BCE;
  std::vector<T> x = uniform_values<T>(n, probability ? 0.01 : -8, probability ? 0.99 : 8);
  const std::vector<T> t = uniform_values<T>(n, 0, 1), g = uniform_values<T>(n, -2, 2);
  if (op == FL_LOSS_L1) x[0] = t[0];
  if (probability) x[0] = 0;
  std::vector<T> y(x.size()), gx(x.size());
  for (int reduction : {FL_NONE, FL_MEAN, FL_SUM}) {
    CHECK_OK(fl_loss(op, reduction, dtype, n, address(x.data()), address(t.data()), address(y.data())));
    CHECK_OK(fl_loss_grad(op, reduction, dtype, n, address(g.data()), address(x.data()), address(t.data()),
                          address(gx.data())));
    long double sum = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double term = loss_reference(op, x[i], t[i]);
      sum += term;
      if (reduction == FL_NONE) {
        CHECK(std::fabs(y[i] - term) <= 8 * unit * (1 + std::fabs(term)), "loss %d of (%g, %g): %.9g, not %.9g", op,
              double(x[i]), double(t[i]), double(y[i]), term);
      }
      const double factor = reduction == FL_NONE   ? g[i]
                            : reduction == FL_MEAN ? double(g[0]) / double(n)
                                                   : double(g[0]);
      const double slope = factor * slope_reference(op, x[i], t[i]);
      CHECK(std::fabs(gx[i] - slope) <= 8 * unit * (std::fabs(factor) + std::fabs(slope)),
            "loss_grad %d of (%g, %g): %.9g, not %.9g", op, double(x[i]), double(t[i]), double(gx[i]), slope);
    }
    if (reduction == FL_MEAN) sum /= double(n);
    if (reduction != FL_NONE) {
      CHECK(std::fabs(y[0] - sum) <= 8 * unit * (1 + std::fabs(sum)), "loss %d reduced: %.9g, not %.9Lg", op,
            double(y[0]), sum);
    }
  }
}

template <class T> void check_nll(int dtype, int64_t outer, int64_t classes, int64_t inner, bool weighted) {
  const double unit = std::numeric_limits<T>::epsilon();
  const int64_t n = outer * inner;
  const std::vector<T> log_p = uniform_values<T>(n * classes, -5, 0), weight = uniform_values<T>(classes, 0.5, 2);
  const std::vector<T> g = uniform_values<T>(n, -2, 2);
  const fl_address w = weighted ? address(weight.data()) : 0;
  std::vector<int64_t> target(static_cast<size_t>(n));
  for (int64_t& t : target) t = uniform(0, 1) < 0.1 ? -100 : static_cast<int64_t>(uniform(0, double(classes)));
  target[0] = 0;
  std::vector<T> y(static_cast<size_t>(n)), gx(log_p.size());
  T total = -1;
  for (int reduction : {FL_NONE, FL_MEAN, FL_SUM}) {
    CHECK_OK(fl_nll_loss(reduction, dtype, outer, classes, inner, address(log_p.data()), address(target.data()), w,
                         address(y.data()), address(&total), -100));
    std::fill(gx.begin(), gx.end(), T(7));
    CHECK_OK(fl_nll_loss_grad(reduction, dtype, outer, classes, inner, address(g.data()), address(target.data()), w,
                              address(&total), address(gx.data()), -100));
    long double sum = 0, all = 0;
    for (int64_t i = 0; i < n; ++i) {
      const int64_t t = target[static_cast<size_t>(i)];
      if (t != -100) all += weighted ? double(weight[static_cast<size_t>(t)]) : 1;
    }
    for (int64_t i = 0; i < n; ++i) {
      const int64_t t = target[static_cast<size_t>(i)];
      for (int64_t c = 0; c < classes; ++c) {
        const size_t at = static_cast<size_t>((i / inner * classes + c) * inner + i % inner);
        const double wc = weighted ? double(weight[static_cast<size_t>(c)]) : 1;
        const double factor = reduction == FL_NONE   ? double(g[static_cast<size_t>(i)])
                              : reduction == FL_MEAN ? double(g[0] / all)
                                                     : double(g[0]);
        const double slope = c == t ? -wc * factor : 0;
        CHECK(std::fabs(gx[at] - slope) <= 64 * unit * std::fabs(slope), "nll_loss_grad %.9g, not %.9g", double(gx[at]),
              slope);
        if (c == t) sum -= wc * log_p[at];
        if (reduction == FL_NONE && (c == t || (t == -100 && c == 0))) {
          const double term = c == t ? -wc * log_p[at] : 0;
          CHECK(std::fabs(y[static_cast<size_t>(i)] - term) <= 2 * unit * std::fabs(term), "nll_loss term");
        }
      }
    }
    if (reduction == FL_MEAN) sum /= all;
    if (reduction != FL_NONE)
      CHECK(std::fabs(y[0] - sum) <= 64 * unit * sum, "nll_loss %.9g, not %.9Lg", double(y[0]), sum);
    CHECK(std::fabs(total - all) <= 64 * unit * all, "total weight %g, not %Lg", double(total), all);
  }
}

}  // namespace

int main() {
  for (int op = FL_LOSS_MSE; op <= FL_LOSS_BCE_LOGITS; ++op) {
    for (int64_t n : sizes()) {
      check_loss<float>(op, FL_FLOAT32, n);
      check_loss<double>(op, FL_FLOAT64, n);
    }
  }
  for (bool weighted : {false, true}) {
    check_nll<float>(FL_FLOAT32, 64, 10, 1, weighted);
    check_nll<float>(FL_FLOAT32, 3, 5, 17, weighted);
    check_nll<double>(FL_FLOAT64, 20003, 3, 1, weighted);
  }
  const float log_p[2] = {-1, -2};
  float y = 5, total = 5;
  const int64_t ignored[1] = {-100}, bad[1] = {2};
  CHECK_OK(fl_nll_loss(FL_MEAN, FL_FLOAT32, 1, 2, 1, address(log_p), address(ignored), 0, address(&y), address(&total),
                       -100));
  CHECK(std::isnan(y) && total == 0, "the mean of nothing is NaN");
  y = 5;
  CHECK(fl_nll_loss(FL_MEAN, FL_FLOAT32, 1, 2, 1, address(log_p), address(bad), 0, address(&y), address(&total),
                    -100) == FL_BAD_INDEX,
        "a bad class");
  CHECK(y == 5, "nothing written");
  CHECK(strstr(fl_last_error(), "nll_loss: target 2") != nullptr, "%s", fl_last_error());
  return finish();
}
