/* fl_unary and fl_unary_grad against libm in double precision. */
#include "testing.h"

using namespace testing;

namespace {

double normal_cdf(double x) { return 0.5 * std::erfc(-x * std::sqrt(0.5)); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

double reference(int op, double x, double p, double q) {
  switch (op) {
    case FL_NEG: return -x;
    case FL_ABS: return std::fabs(x);
    case FL_SIGN: return (x > 0) - (x < 0);
    case FL_EXP: return std::exp(x);
    case FL_LOG: return std::log(x);
    case FL_LOG1P: return std::log1p(x);
    case FL_SQRT: return std::sqrt(x);
    case FL_RSQRT: return 1 / std::sqrt(x);
    case FL_RECIPROCAL: return 1 / x;
    case FL_SQUARE: return x * x;
    case FL_SIN: return std::sin(x);
    case FL_COS: return std::cos(x);
    case FL_TANH: return std::tanh(x);
    case FL_SIGMOID: return logistic(x);
    case FL_ERF: return std::erf(x);
    case FL_FLOOR: return std::floor(x);
    case FL_CEIL: return std::ceil(x);
    case FL_ROUND: return std::nearbyint(x);
    case FL_CLAMP: return x < p ? p : x > q ? q : x;
    case FL_RELU: return x > 0 ? x : std::isnan(x) ? x : 0;
    case FL_LEAKY_RELU: return x > 0 ? x : p * x;
    case FL_ELU: return x > 0 ? x : p * std::expm1(x);
    case FL_GELU: return x * normal_cdf(x);
    case FL_GELU_TANH: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case FL_SILU: return x / (1 + std::exp(-x));
    case FL_SOFTPLUS: return x * p > q ? x : std::log1p(std::exp(x * p)) / p;
    case FL_POW: return std::pow(x, p);
    case FL_EXPM1: return std::expm1(x);
    default: return NAN;
  }
}

/* The slope by its own formula; kinks are left out by the test's inputs. */
double slope(int op, double x, double p, double q) {
  const double y = reference(op, x, p, q);
  const double u = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
  switch (op) {
    case FL_NEG: return -1;
    case FL_ABS: return (x > 0) - (x < 0);
    case FL_EXP: return y;
    case FL_LOG: return 1 / x;
    case FL_LOG1P: return 1 / (1 + x);
    case FL_SQRT: return 0.5 / y;
    case FL_RSQRT: return -0.5 * y * y * y;
    case FL_RECIPROCAL: return -y * y;
    case FL_SQUARE: return 2 * x;
    case FL_SIN: return std::cos(x);
    case FL_COS: return -std::sin(x);
    case FL_TANH: return 1 - y * y;
    case FL_SIGMOID: return y * (1 - y);
    case FL_ERF: return 2 / std::sqrt(M_PI) * std::exp(-x * x);
    case FL_CLAMP: return x >= p && x <= q;
    case FL_RELU: return x > 0;
    case FL_LEAKY_RELU: return x > 0 ? 1 : p;
    case FL_ELU: return x > 0 ? 1 : p * std::exp(x);
    case FL_GELU: return normal_cdf(x) + x * std::exp(-0.5 * x * x) / std::sqrt(2 * M_PI);
    case FL_GELU_TANH:
      return 0.5 * (1 + std::tanh(u)) +
             0.5 * x / std::pow(std::cosh(u), 2) * std::sqrt(2 / M_PI) * (1 + 0.134145 * x * x);
    case FL_SILU: return logistic(x) * (1 + x * (1 - logistic(x)));
    case FL_SOFTPLUS: return x * p > q ? 1 : logistic(x * p);
    case FL_POW: return p == 0 ? 0 : p * std::pow(x, p - 1);
    case FL_EXPM1: return std::exp(x);
    default: return 0;
  }
}

struct Case {
  int op;
  double low, high;     // where inputs lie
  double units;         // allowed distance in units of the last place of float32
  double absolute = 0;  // or this far, for float32 results that cancel
  double p = 0, q = 0;
};

const Case cases[] = {
    {FL_NEG, -9, 9, 0},
    {FL_ABS, -9, 9, 0},
    {FL_SIGN, -9, 9, 0},
    {FL_EXP, -100, 88, 1.5},
    {FL_EXP, -1, 1, 1.5},
    {FL_LOG, 1e-6, 100, 1.5},
    {FL_LOG, 0.5, 2, 1.5},
    {FL_LOG1P, -0.99, 3, 2},
    {FL_LOG1P, -1e-3, 1e-3, 1.5},
    {FL_LOG1P, 3, 1e9, 2},
    {FL_SQRT, 0, 100, 0.51},
    {FL_RSQRT, 0.01, 100, 1.5},
    {FL_RECIPROCAL, 0.1, 10, 0.51},
    {FL_SQUARE, -9, 9, 0.51},
    {FL_SIN, -100, 100, 1},
    {FL_COS, -100, 100, 1},
    {FL_SIN, -1e5, 1e5, 1},
    {FL_COS, -1e8, 1e8, 1},
    {FL_TANH, -10, 10, 2},
    {FL_TANH, -0.1, 0.1, 1.5},
    {FL_SIGMOID, -20, 20, 3},
    {FL_ERF, -4.5, 4.5, 2},
    {FL_ERF, -0.1, 0.1, 1.5},
    {FL_FLOOR, -9, 9, 0},
    {FL_CEIL, -9, 9, 0},
    {FL_ROUND, -9, 9, 0},
    {FL_CLAMP, -9, 9, 0, 0, -1.5, 2.5},
    {FL_CLAMP, -9, 9, 0, 0, -INFINITY, 2.5},
    {FL_RELU, -9, 9, 0},
    {FL_LEAKY_RELU, -9, 9, 0.51, 0, 0.25},
    {FL_ELU, -9, 9, 2, 0, 1},
    {FL_ELU, -9, 9, 2, 0, 1.5},
    {FL_GELU, -5, 5, 3, 4e-7},
    {FL_GELU, -30, 30, 3, 1e-7},
    {FL_GELU_TANH, -5, 5, 3, 6e-7},
    {FL_SILU, -20, 20, 3},
    {FL_SOFTPLUS, -10, 30, 3, 0, 1, 20},
    {FL_SOFTPLUS, -5, 5, 4, 0, 2, 4},
    {FL_POW, 0, 5, 1, 0, 2.5},
    {FL_POW, -5, 5, 1.6, 0, 3},
    {FL_POW, 0.1, 5, 1.6, 0, -0.5},
    {FL_POW, 0.1, 5, 1, 0, 0.5},
    {FL_POW, -5, 5, 1, 0, 2},
    {FL_POW, -5, 5, 1, 0, 0},
    {FL_EXPM1, -30, 80, 2},
    {FL_EXPM1, -0.5, 0.5, 2},
    {FL_EXPM1, -1e-4, 1e-4, 1.5},
};

template <class T> bool close(T got, double expected, double units, double absolute) {
  if (ulps<T>(got, expected) <= units) return true;
  return std::fabs(static_cast<double>(got) - expected) <= absolute;
}

template <class T> void check_case(int dtype, const Case& c, int64_t n) {
  const bool single = sizeof(T) == 4;
  const double units = single ? c.units + 0.01 : 8, absolute = single ? c.absolute : 1e-15;
  const std::vector<T> x = uniform_values<T>(n, c.low, c.high), g = uniform_values<T>(n, -2, 2);
  std::vector<T> y(x.size()), gx(x.size());
  CHECK_OK(fl_unary(c.op, dtype, n, address(x.data()), address(y.data()), c.p, c.q));
  CHECK_OK(fl_unary_grad(c.op, dtype, n, address(g.data()), address(x.data()), address(y.data()), address(gx.data()),
                         c.p, c.q));
  for (size_t i = 0; i < x.size(); ++i) {
    const double expected = reference(c.op, x[i], c.p, c.q);
    CHECK(close(y[i], expected, units, absolute), "op %d dtype %d n %ld x %.9g: %.9g, not %.9g", c.op, dtype,
          static_cast<long>(n), double(x[i]), double(y[i]), expected);
    // A slope from a rounded output is as good as that output; slopes of large sizes are compared relatively.
    const double slope_expected = g[i] * slope(c.op, x[i], c.p, c.q);
    const double tolerance = (single ? 2e-6 : 1e-13) * (1 + std::fabs(slope_expected));
    CHECK(std::fabs(gx[i] - slope_expected) <= tolerance, "op %d dtype %d grad at x %.9g: %.9g, not %.9g", c.op, dtype,
          double(x[i]), double(gx[i]), slope_expected);
  }
  std::vector<T> in_place = x;
  CHECK_OK(fl_unary(c.op, dtype, n, address(in_place.data()), address(in_place.data()), c.p, c.q));
  CHECK(memcmp(in_place.data(), y.data(), y.size() * sizeof(T)) == 0, "op %d in place", c.op);
}

template <class T> T one(int op, int dtype, double x, double p = 0, double q = 0) {
  // Three copies: a place in a register, and a tail.
  const std::vector<T> from(19, static_cast<T>(x));
  std::vector<T> to(19);
  CHECK_OK(fl_unary(op, dtype, 19, address(from.data()), address(to.data()), p, q));
  CHECK(memcmp(&to[0], &to[18], sizeof(T)) == 0, "op %d: register and tail differ at %g", op, x);
  return to[0];
}

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

template <class T> void check_specials(int dtype) {
  const double inf = INFINITY, tiny = sizeof(T) == 4 ? 1e-40 : 1e-310;
  struct Special {
    int op;
    double x, y, p, q;
  };
  const Special specials[] = {
      {FL_EXP, inf, inf, 0, 0},
      {FL_EXP, -inf, 0, 0, 0},
      {FL_EXP, NAN, NAN, 0, 0},
      {FL_EXP, -0.0, 1, 0, 0},
      {FL_EXP, 1e30, inf, 0, 0},
      {FL_EXP, -1e30, 0, 0, 0},
      {FL_LOG, 0, -inf, 0, 0},
      {FL_LOG, -0.0, -inf, 0, 0},
      {FL_LOG, inf, inf, 0, 0},
      {FL_LOG, -1, NAN, 0, 0},
      {FL_LOG, NAN, NAN, 0, 0},
      {FL_LOG, 1, 0, 0, 0},
      {FL_LOG, -inf, NAN, 0, 0},
      {FL_LOG1P, -1, -inf, 0, 0},
      {FL_LOG1P, -2, NAN, 0, 0},
      {FL_LOG1P, -0.0, -0.0, 0, 0},
      {FL_LOG1P, inf, inf, 0, 0},
      {FL_LOG1P, NAN, NAN, 0, 0},
      {FL_LOG1P, tiny, tiny, 0, 0},
      {FL_EXPM1, inf, inf, 0, 0},
      {FL_EXPM1, -inf, -1, 0, 0},
      {FL_EXPM1, -0.0, -0.0, 0, 0},
      {FL_EXPM1, NAN, NAN, 0, 0},
      {FL_EXPM1, tiny, tiny, 0, 0},
      {FL_TANH, inf, 1, 0, 0},
      {FL_TANH, -inf, -1, 0, 0},
      {FL_TANH, -0.0, -0.0, 0, 0},
      {FL_TANH, NAN, NAN, 0, 0},
      {FL_TANH, tiny, tiny, 0, 0},
      {FL_ERF, inf, 1, 0, 0},
      {FL_ERF, -inf, -1, 0, 0},
      {FL_ERF, NAN, NAN, 0, 0},
      {FL_ERF, -0.0, -0.0, 0, 0},
      {FL_SIN, inf, NAN, 0, 0},
      {FL_SIN, -0.0, -0.0, 0, 0},
      {FL_SIN, NAN, NAN, 0, 0},
      {FL_COS, -inf, NAN, 0, 0},
      {FL_COS, 0, 1, 0, 0},
      {FL_SIGMOID, inf, 1, 0, 0},
      {FL_SIGMOID, -inf, 0, 0, 0},
      {FL_SIGMOID, NAN, NAN, 0, 0},
      {FL_RELU, NAN, NAN, 0, 0},
      {FL_RELU, -0.0, 0, 0, 0},
      {FL_RELU, inf, inf, 0, 0},
      {FL_CLAMP, NAN, NAN, -1, 1},
      {FL_CLAMP, inf, 1, -1, 1},
      {FL_SIGN, NAN, 0, 0, 0},
      {FL_SQRT, -1, NAN, 0, 0},
      {FL_SQRT, -0.0, -0.0, 0, 0},
      {FL_RSQRT, 0, inf, 0, 0},
      {FL_RECIPROCAL, -0.0, -inf, 0, 0},
      {FL_ROUND, 0.5, 0, 0, 0},
      {FL_ROUND, 1.5, 2, 0, 0},
      {FL_ROUND, 2.5, 2, 0, 0},
      {FL_ROUND, -0.5, -0.0, 0, 0},
      {FL_FLOOR, -inf, -inf, 0, 0},
      {FL_CEIL, NAN, NAN, 0, 0},
      {FL_ELU, -inf, -2, 2, 0},
      {FL_ELU, NAN, NAN, 1, 0},
      {FL_GELU, inf, inf, 0, 0},
      {FL_GELU, NAN, NAN, 0, 0},
      {FL_GELU, -inf, NAN, 0, 0},
      {FL_SILU, inf, inf, 0, 0},
      {FL_SOFTPLUS, 1e4, 1e4, 1, 20},
      {FL_SOFTPLUS, -inf, 0, 1, 20},
      {FL_SOFTPLUS, NAN, NAN, 1, 20},
      {FL_POW, 0, 1, 0, 0},
      {FL_POW, -8, NAN, 1.5, 0},
      {FL_POW, NAN, 1, 0, 0},
      {FL_LEAKY_RELU, NAN, NAN, 0.1, 0},
      {FL_NEG, 0, -0.0, 0, 0},
      {FL_ABS, -0.0, 0, 0, 0},
      {FL_ABS, -inf, inf, 0, 0},
  };
  for (const Special& s : specials) {
    const T y = one<T>(s.op, dtype, s.x, s.p, s.q);
    CHECK(same(y, static_cast<T>(s.y)), "op %d dtype %d at %g: %g, not %g", s.op, dtype, s.x, double(y), s.y);
  }
  if (sizeof(T) == 4) {
    for (double x : {-87.5, -95.0, -103.0}) {  // denormal results
      CHECK(std::fabs(one<T>(FL_EXP, dtype, x) - std::exp(x)) <= 1.5e-45, "exp(%g)", x);
    }
    for (double x : {1e-39, 1e-44, 1.2e-38}) {  // denormal inputs
      CHECK(ulps<T>(one<T>(FL_LOG, dtype, x), std::log(double(float(x)))) <= 1.5, "log(%g)", x);
    }
    CHECK(std::isfinite(one<T>(FL_EXP, dtype, 88.72)) && std::isinf(one<T>(FL_EXP, dtype, 88.73)), "exp's end");
    for (double x : {1e7, 3.3e12, 1e38}) {
      CHECK(ulps<T>(one<T>(FL_SIN, dtype, x), std::sin(double(float(x)))) <= 1, "sin(%g)", x);
      CHECK(ulps<T>(one<T>(FL_COS, dtype, x), std::cos(double(float(x)))) <= 1, "cos(%g)", x);
    }
  }
}

template <class T> void check_predicates(int dtype) {
  const std::vector<double> inputs = {0, -0.0, 1, 3, NAN, INFINITY, -INFINITY};
  const bool floating = T(0.5) != T(0);
  for (double v : inputs) {
    if (!floating && !std::isfinite(v)) continue;
    const std::vector<T> x(67, static_cast<T>(v));
    std::vector<uint8_t> y(67);
    const std::pair<int, bool> expected[] = {{FL_IS_NAN, std::isnan(v)},
                                             {FL_IS_INF, std::isinf(v)},
                                             {FL_IS_FINITE, std::isfinite(v)},
                                             {FL_LOGICAL_NOT, v == 0}};
    for (const auto& e : expected) {
      CHECK_OK(fl_unary(e.first, dtype, 67, address(x.data()), address(y.data()), 0, 0));
      for (uint8_t answer : y) CHECK(answer == e.second, "predicate %d of %g", e.first, v);
    }
  }
}

template <class T> void check_integers(int dtype) {
  const std::vector<T> x = {
      0, 1, 2, 5, static_cast<T>(-1), static_cast<T>(-7), std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  std::vector<T> y(x.size());
  using U = std::make_unsigned_t<T>;
  for (int op : {FL_NEG, FL_ABS, FL_SIGN, FL_SQUARE, FL_RELU}) {
    CHECK_OK(fl_unary(op, dtype, static_cast<int64_t>(x.size()), address(x.data()), address(y.data()), 0, 0));
    for (size_t i = 0; i < x.size(); ++i) {
      const U u = static_cast<U>(x[i]);
      const T expected = op == FL_NEG      ? static_cast<T>(U(0) - u)
                         : op == FL_ABS    ? (x[i] < T(0) ? static_cast<T>(U(0) - u) : x[i])
                         : op == FL_SIGN   ? static_cast<T>((x[i] > T(0)) - (x[i] < T(0)))
                         : op == FL_SQUARE ? static_cast<T>(u * u)
                                           : (x[i] > T(0) ? x[i] : T(0));
      CHECK(y[i] == expected, "op %d dtype %d of %ld", op, dtype, static_cast<long>(x[i]));
    }
  }
  CHECK(fl_unary(FL_EXP, dtype, 1, address(x.data()), address(y.data()), 0, 0) == FL_UNSUPPORTED, "exp of integers");
}

}  // namespace

int main() {
  for (const Case& c : cases) {
    for (int64_t n : sizes()) {
      check_case<float>(FL_FLOAT32, c, n);
      if (n < 100000) check_case<double>(FL_FLOAT64, c, n);
    }
  }
  check_specials<float>(FL_FLOAT32);
  check_specials<double>(FL_FLOAT64);
  check_predicates<float>(FL_FLOAT32);
  check_predicates<double>(FL_FLOAT64);
  check_predicates<int64_t>(FL_INT64);
  check_predicates<uint8_t>(FL_UINT8);
  check_predicates<uint8_t>(FL_BOOL);
  check_integers<int64_t>(FL_INT64);
  check_integers<int32_t>(FL_INT32);
  check_integers<uint8_t>(FL_UINT8);
  const uint8_t bools[3] = {0, 1, 1};
  uint8_t answer[3];
  CHECK_OK(fl_unary(FL_RELU, FL_BOOL, 3, address(bools), address(answer), 0, 0));
  CHECK(memcmp(bools, answer, 3) == 0, "relu of bools");
  CHECK(fl_unary(FL_NEG, FL_BOOL, 3, address(bools), address(answer), 0, 0) == FL_UNSUPPORTED, "neg of bools");
  CHECK(fl_unary(FL_NEG, FL_FLOAT32, 3, 0, address(answer), 0, 0) == FL_INTERNAL, "a null address");
  const float x = 1;
  float gx;
  CHECK(fl_unary_grad(FL_LOG, FL_FLOAT32, 1, address(&x), 0, address(&x), address(&gx), 0, 0) == FL_INTERNAL,
        "log's gradient without its input");
  return finish();
}
