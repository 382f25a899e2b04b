/* SGD, Adam and AdamW against PyTorch's formulas written out in long double, over many steps. */
#include "testing.h"

using namespace testing;

namespace {

using Wide = long double;
const int kSteps = 300;
const std::vector<int64_t> kSizes = {1, 3, 17, 4097, 100};

/** Parameters, gradients and state in T, and the same in the reference's numbers. */
template <class T> struct Group {
  std::vector<std::vector<T>> parameter, gradient, first, second, greatest;
  std::vector<std::vector<Wide>> p, m, v, top;
  Group() {
    for (int64_t n : kSizes) {
      parameter.push_back(uniform_values<T>(n, -1, 1));
      gradient.emplace_back(static_cast<size_t>(n));
      for (auto* state : {&first, &second, &greatest}) state->emplace_back(static_cast<size_t>(n));
      p.emplace_back(parameter.back().begin(), parameter.back().end());
      for (auto* state : {&m, &v, &top}) state->emplace_back(static_cast<size_t>(n));
    }
  }
  /** A gradient that leads to 0.3, with some noise that both sides see. */
  void new_gradients() {
    for (size_t r = 0; r < parameter.size(); ++r)
      for (size_t i = 0; i < parameter[r].size(); ++i)
        gradient[r][i] = static_cast<T>(static_cast<Wide>(p[r][i]) - 0.3L + static_cast<Wide>(uniform(-0.1, 0.1)));
  }
  double distance() const {
    Wide worst = 0;
    for (size_t r = 0; r < p.size(); ++r)
      for (size_t i = 0; i < p[r].size(); ++i) {
        const Wide d = fabsl(p[r][i] - static_cast<Wide>(parameter[r][i]));
        worst = d > worst || !(d == d) ? d : worst;
      }
    return static_cast<double>(worst);
  }
};

/** Adds a row to a table. */
void add_row(std::vector<int64_t>& table, int64_t n, fl_address p, fl_address g, std::vector<fl_address> states,
             std::vector<double> numbers) {
  std::vector<int64_t> row(FL_ROW_LENGTH);
  row[FL_ROW_N] = n;
  row[FL_ROW_PARAMETER] = p;
  row[FL_ROW_GRADIENT] = g;
  for (size_t k = 0; k < states.size(); ++k) row[FL_ROW_STATES + k] = states[k];
  for (size_t k = 0; k < numbers.size(); ++k) memcpy(&row[FL_ROW_NUMBERS + k], &numbers[k], sizeof(double));
  table.insert(table.end(), row.begin(), row.end());
}

struct Sgd {
  double momentum, dampening, weight_decay;
  int32_t flags;
};

template <class T> void sgd(int32_t dtype, const Sgd& o, double tolerance) {
  Group<T> group;
  const double lr = 0.05;
  for (int step = 0; step < kSteps; ++step) {
    group.new_gradients();
    std::vector<int64_t> table;
    for (size_t r = 0; r < kSizes.size(); ++r) {
      const fl_address buffer = o.momentum != 0 ? address(group.first[r].data()) : 0;
      add_row(table, kSizes[r], address(group.parameter[r].data()), address(group.gradient[r].data()), {buffer},
              {lr, o.momentum, o.dampening, o.weight_decay, step == 0 ? 1.0 : 0.0});
      for (size_t i = 0; i < group.p[r].size(); ++i) {
        Wide g = static_cast<Wide>(group.gradient[r][i]), &p = group.p[r][i], &b = group.m[r][i];
        if (o.flags & FL_MAXIMIZE) g = -g;
        g += o.weight_decay * p;
        if (o.momentum != 0) {
          b = step == 0 ? g : o.momentum * b + (1 - static_cast<Wide>(o.dampening)) * g;
          g = o.flags & FL_NESTEROV ? g + o.momentum * b : b;
        }
        p -= lr * g;
      }
    }
    CHECK_OK(fl_step(FL_SGD, dtype, o.flags, static_cast<int64_t>(kSizes.size()), address(table.data())));
    if (o.flags & FL_MAXIMIZE && step == 20) break;  // it runs away, as it should
  }
  CHECK(group.distance() < tolerance, "sgd dtype %d momentum %g dampening %g decay %g flags %d: off by %g", dtype,
        o.momentum, o.dampening, o.weight_decay, o.flags, group.distance());
}

template <class T> void adam(int32_t dtype, double weight_decay, int32_t flags, bool amsgrad, double tolerance) {
  Group<T> group;
  const double lr = 0.01, beta1 = 0.9, beta2 = 0.99, eps = 1e-8;
  for (int step = 1; step <= kSteps; ++step) {
    group.new_gradients();
    std::vector<int64_t> table;
    for (size_t r = 0; r < kSizes.size(); ++r) {
      const double last = flags & FL_DECOUPLED ? 1 - lr * weight_decay : weight_decay;
      add_row(table, kSizes[r], address(group.parameter[r].data()), address(group.gradient[r].data()),
              {address(group.first[r].data()), address(group.second[r].data()),
               amsgrad ? address(group.greatest[r].data()) : 0},
              {lr / (1 - pow(beta1, step)), beta1, beta2, sqrt(1 - pow(beta2, step)), eps, last});
      const Wide c1 = 1 - powl(beta1, step), c2 = 1 - powl(beta2, step);
      for (size_t i = 0; i < group.p[r].size(); ++i) {
        Wide g = static_cast<Wide>(group.gradient[r][i]), &p = group.p[r][i], &m = group.m[r][i], &v = group.v[r][i];
        if (flags & FL_MAXIMIZE) g = -g;
        if (flags & FL_DECOUPLED)
          p *= 1 - static_cast<Wide>(lr) * weight_decay;
        else
          g += weight_decay * p;
        m = beta1 * m + (1 - static_cast<Wide>(beta1)) * g;
        v = beta2 * v + (1 - static_cast<Wide>(beta2)) * g * g;
        Wide top = v;
        if (amsgrad) top = group.top[r][i] = fmaxl(group.top[r][i], v);
        p -= lr / c1 * m / (sqrtl(top) / sqrtl(c2) + eps);
      }
    }
    CHECK_OK(fl_step(FL_ADAM, dtype, flags, static_cast<int64_t>(kSizes.size()), address(table.data())));
  }
  CHECK(group.distance() < tolerance, "adam dtype %d decay %g flags %d amsgrad %d: off by %g", dtype, weight_decay,
        flags, amsgrad, group.distance());
}

}  // namespace

int main() {
  const Sgd plans[] = {{0, 0, 0, 0},        {0, 0, 0.1, FL_MAXIMIZE},    {0.9, 0, 0, 0},
                       {0.9, 0.5, 0.01, 0}, {0.9, 0, 0.01, FL_NESTEROV}, {0.8, 0.1, 0, FL_MAXIMIZE}};
  for (const Sgd& plan : plans) {
    sgd<float>(FL_FLOAT32, plan, 1e-5);
    sgd<double>(FL_FLOAT64, plan, 1e-13);
  }
  for (int32_t flags : {0, int(FL_DECOUPLED), int(FL_MAXIMIZE)})
    for (double decay : {0.0, 0.05})
      for (bool amsgrad : {false, true}) {
        adam<float>(FL_FLOAT32, decay, flags, amsgrad, 1e-4);
        adam<double>(FL_FLOAT64, decay, flags, amsgrad, 1e-12);
      }
  std::vector<int64_t> one;
  const fl_address somewhere = address(kSizes.data());
  add_row(one, 1, somewhere, somewhere, {somewhere, somewhere}, {});
  CHECK(fl_step(FL_SGD, FL_INT64, 0, 1, address(one.data())) == FL_UNSUPPORTED, "integers");
  CHECK(fl_step(FL_ADAM, FL_INT64, 0, 1, address(one.data())) == FL_UNSUPPORTED, "integers");
  return finish();
}
