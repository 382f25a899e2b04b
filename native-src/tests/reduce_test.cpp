/* fl_reduce, fl_reduce_index and fl_moments against plain loops in long double. */
#include "testing.h"

using namespace testing;

namespace {

struct Shape {
  int64_t outer, len, inner;
};
const Shape shapes[] = {{1, 1, 1},     {1, 3, 1},  {1, 100003, 1}, {5, 17, 1},    {1000, 3, 1},
                        {3, 20000, 1}, {1, 63, 5}, {4, 15, 17},    {2, 1000, 3},  {1, 4097, 10},
                        {3, 16, 1000}, {7, 1, 5},  {1, 70, 300},   {2, 2500, 260}};

template <class T> double reduce_reference(int op, const std::vector<T>& line) {
  long double sum = 0, product = 1;
  T most = line[0], least = line[0];
  bool any = false, all = true;
  for (T v : line) {
    sum += v;
    product *= v;
    if (v > most || v != v) most = most != most ? most : v;
    if (v < least || v != v) least = least != least ? least : v;
    any |= v != 0;
    all &= v != 0;
  }
  switch (op) {
    case FL_REDUCE_SUM: return static_cast<double>(sum);
    case FL_REDUCE_MEAN: return static_cast<double>(sum / static_cast<long double>(line.size()));
    case FL_REDUCE_PROD: return static_cast<double>(product);
    case FL_REDUCE_AMAX: return static_cast<double>(most);
    case FL_REDUCE_AMIN: return static_cast<double>(least);
    case FL_REDUCE_ANY: return any;
    case FL_REDUCE_ALL: return all;
    default: break;
  }
  if (std::isinf(static_cast<double>(most)) || most != most) return static_cast<double>(most);
  long double total = 0;
  for (T v : line) total += std::exp(static_cast<long double>(v) - most);
  return static_cast<double>(most + std::log(total));
}

template <class T> void check_reduce(int op, int dtype, const Shape& s, const std::vector<T>& x) {
  const bool predicate = op == FL_REDUCE_ANY || op == FL_REDUCE_ALL;
  const bool widens = std::numeric_limits<T>::is_integer && (op == FL_REDUCE_SUM || op == FL_REDUCE_PROD);
  std::vector<T> y(static_cast<size_t>(s.outer * s.inner) * (widens ? 8 / sizeof(T) : 1));
  CHECK_OK(fl_reduce(op, dtype, s.outer, s.len, s.inner, address(x.data()), address(y.data())));
  for (int64_t o = 0; o < s.outer; ++o) {
    for (int64_t i = 0; i < s.inner; ++i) {
      std::vector<T> line(static_cast<size_t>(s.len));
      double size = 0;  // rounding is measured against the sum of sizes
      for (int64_t k = 0; k < s.len; ++k) {
        line[static_cast<size_t>(k)] = x[static_cast<size_t>((o * s.len + k) * s.inner + i)];
        size += std::fabs(static_cast<double>(line[static_cast<size_t>(k)]));
      }
      const int64_t at = o * s.inner + i;
      const double got = predicate ? reinterpret_cast<const uint8_t*>(y.data())[at]
                         : widens  ? static_cast<double>(reinterpret_cast<const int64_t*>(y.data())[at])
                                   : double(y[static_cast<size_t>(at)]);
      const double expected = reduce_reference(op, line);
      if (op == FL_REDUCE_MEAN) size /= static_cast<double>(s.len);
      if (op == FL_REDUCE_PROD) size = std::fabs(expected) * (1 + std::sqrt(static_cast<double>(s.len)) / 2);
      if (op == FL_REDUCE_LOGSUMEXP) size = std::fabs(expected) + 20;  // of values up to 20
      const double unit = std::numeric_limits<T>::is_integer ? 0 : std::numeric_limits<T>::epsilon();
      const bool same =
          got == expected || (std::isnan(got) && std::isnan(expected)) ||
          std::fabs(got - expected) <= (op >= FL_REDUCE_AMAX && op <= FL_REDUCE_ALL ? 0 : 4 * unit * size);
      CHECK(same, "op %d dtype %d (%ld, %ld, %ld) at %ld: %.9g, not %.9g", op, dtype, long(s.outer), long(s.len),
            long(s.inner), long(at), got, expected);
    }
  }
}

template <class T> void check_index(int op, int dtype, const Shape& s, const std::vector<T>& x) {
  std::vector<T> values(static_cast<size_t>(s.outer * s.inner));
  std::vector<int64_t> indices(values.size()), again(values.size());
  CHECK_OK(fl_reduce_index(op, dtype, s.outer, s.len, s.inner, address(x.data()), address(values.data()),
                           address(indices.data())));
  CHECK_OK(fl_reduce_index(op, dtype, s.outer, s.len, s.inner, address(x.data()), 0, address(again.data())));
  CHECK(indices == again, "indices without values");
  for (size_t at = 0; at < values.size(); ++at) {
    const int64_t o = static_cast<int64_t>(at) / s.inner, i = static_cast<int64_t>(at) % s.inner;
    int64_t best = 0;
    const auto element = [&](int64_t k) { return x[static_cast<size_t>((o * s.len + k) * s.inner + i)]; };
    for (int64_t k = 1; k < s.len; ++k) {
      const T v = element(k), b = element(best);
      if (b == b && (v != v || (op == FL_INDEX_MAX ? v > b : v < b))) best = k;
    }
    const T expected = element(best);
    CHECK(indices[at] == best, "index op %d dtype %d: %ld, not %ld", op, dtype, long(indices[at]), long(best));
    CHECK(memcmp(&values[at], &expected, sizeof(T)) == 0, "value op %d dtype %d", op, dtype);
  }
}

template <class T> void check_moments(int dtype, const Shape& s, double shift, double correction) {
  const std::vector<T> x = uniform_values<T>(s.outer * s.len * s.inner, shift - 1, shift + 1);
  std::vector<T> mean(static_cast<size_t>(s.outer * s.inner)), variance(mean.size());
  CHECK_OK(fl_moments(dtype, s.outer, s.len, s.inner, address(x.data()), address(mean.data()), address(variance.data()),
                      correction));
  for (size_t at = 0; at < mean.size(); ++at) {
    const int64_t o = static_cast<int64_t>(at) / s.inner, i = static_cast<int64_t>(at) % s.inner;
    long double sum = 0, squares = 0;
    for (int64_t k = 0; k < s.len; ++k) sum += x[static_cast<size_t>((o * s.len + k) * s.inner + i)];
    const long double center = sum / s.len;
    for (int64_t k = 0; k < s.len; ++k) {
      const long double d = x[static_cast<size_t>((o * s.len + k) * s.inner + i)] - center;
      squares += d * d;
    }
    const double divisor = std::max(0.0, static_cast<double>(s.len) - correction);
    const double expected = static_cast<double>(squares) / divisor;
    const double unit = std::numeric_limits<T>::epsilon();
    CHECK(std::fabs(mean[at] - static_cast<double>(center)) <= 4 * unit * (1 + shift), "mean %.9g, not %.9g",
          double(mean[at]), double(center));
    CHECK((std::isnan(expected) && std::isnan(variance[at])) ||
              std::fabs(variance[at] - expected) <= 8 * unit * expected + 4 * unit * unit * shift * shift,
          "variance dtype %d len %ld: %.9g, not %.9g", dtype, long(s.len), double(variance[at]), expected);
  }
}

template <class T> void check_type(int dtype) {
  const bool floating = !std::numeric_limits<T>::is_integer;
  for (const Shape& s : shapes) {
    const int64_t n = s.outer * s.len * s.inner;
    std::vector<T> x(static_cast<size_t>(n)), near_one(x.size()), some(x.size());
    for (T& v : x) v = static_cast<T>(uniform(std::numeric_limits<T>::is_signed ? -20 : 0, 20));
    for (T& v : near_one) v = static_cast<T>(floating ? uniform(0.99, 1.01) : 1);
    for (T& v : some) v = static_cast<T>(uniform(0, 1) < 1.0 / static_cast<double>(s.len));
    check_reduce<T>(FL_REDUCE_SUM, dtype, s, x);
    check_reduce<T>(FL_REDUCE_PROD, dtype, s, near_one);
    check_reduce<T>(FL_REDUCE_AMAX, dtype, s, x);
    check_reduce<T>(FL_REDUCE_AMIN, dtype, s, x);
    check_reduce<T>(FL_REDUCE_ANY, dtype, s, some);
    for (T& v : some) v = static_cast<T>(v == 0);
    check_reduce<T>(FL_REDUCE_ALL, dtype, s, some);
    check_index<T>(FL_INDEX_MAX, dtype, s, x);
    check_index<T>(FL_INDEX_MIN, dtype, s, x);
    if constexpr (std::numeric_limits<T>::has_quiet_NaN) {
      check_reduce<T>(FL_REDUCE_MEAN, dtype, s, x);
      check_reduce<T>(FL_REDUCE_LOGSUMEXP, dtype, s, x);
      for (T& v : x) v = uniform(0, 1) < 0.3 ? T(-INFINITY) : v;
      check_reduce<T>(FL_REDUCE_LOGSUMEXP, dtype, s, x);
      for (T& v : x) v = uniform(0, 1) < 0.3 ? T(NAN) : uniform(0, 1) < 0.1 ? T(INFINITY) : v;
      check_reduce<T>(FL_REDUCE_AMAX, dtype, s, x);
      check_reduce<T>(FL_REDUCE_AMIN, dtype, s, x);
      check_index<T>(FL_INDEX_MAX, dtype, s, x);
      check_index<T>(FL_INDEX_MIN, dtype, s, x);
      check_reduce<T>(FL_REDUCE_LOGSUMEXP, dtype, s, std::vector<T>(x.size(), T(-INFINITY)));
      check_moments<T>(dtype, s, 0, 1);
      check_moments<T>(dtype, s, 1000, 0);
    }
  }
}

/* Any number of threads, the same bits. */
void check_determinism() {
  const std::vector<float> x = uniform_values<float>(3000000, -1, 1);
  const int32_t before = fl_threads();
  for (const Shape& s : {Shape{1, 3000000, 1}, Shape{3, 1000000, 1}, Shape{1, 300000, 10}, Shape{10, 300, 1000}}) {
    std::vector<float> first, y(static_cast<size_t>(s.outer * s.inner));
    for (int32_t threads : {1, 2, 3, 8}) {
      CHECK_OK(fl_set_threads(threads));
      for (int round = 0; round < 3; ++round) {
        CHECK_OK(fl_reduce(FL_REDUCE_SUM, FL_FLOAT32, s.outer, s.len, s.inner, address(x.data()), address(y.data())));
        if (first.empty()) first = y;
        CHECK(first == y, "a sum depends on the number of threads (%d)", threads);
      }
    }
  }
  CHECK_OK(fl_set_threads(before));
}

}  // namespace

int main() {
  check_type<float>(FL_FLOAT32);
  check_type<double>(FL_FLOAT64);
  check_type<int64_t>(FL_INT64);
  check_type<int32_t>(FL_INT32);
  check_type<int16_t>(FL_INT16);
  check_type<int8_t>(FL_INT8);
  check_type<uint8_t>(FL_UINT8);
  const uint8_t bools[5] = {0, 1, 0, 1, 1};
  uint8_t y;
  CHECK_OK(fl_reduce(FL_REDUCE_ANY, FL_BOOL, 1, 5, 1, address(bools), address(&y)));
  CHECK(y == 1, "any of bools");
  CHECK_OK(fl_reduce(FL_REDUCE_AMIN, FL_BOOL, 1, 5, 1, address(bools), address(&y)));
  CHECK(y == 0, "amin of bools");
  int64_t sum;
  CHECK_OK(fl_reduce(FL_REDUCE_SUM, FL_BOOL, 1, 5, 1, address(bools), address(&sum)));
  CHECK(sum == 3, "sum of bools");
  check_determinism();
  return finish();
}
