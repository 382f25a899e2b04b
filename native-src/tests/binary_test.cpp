/* fl_binary, fl_binary_scalar, fl_binary_strided and fl_where against plain loops. */
#include "testing.h"

using namespace testing;

namespace {

template <class T> T wrap(int op, T a, T b) {
  using U = uint64_t;
  return static_cast<T>(op == FL_ADD ? U(a) + U(b) : op == FL_SUB ? U(a) - U(b) : U(a) * U(b));
}

template <class T> T power(T a, T b) {
  if (b < T(0)) return a == T(1) ? T(1) : a == T(-1) ? (b % 2 == 0 ? T(1) : T(-1)) : T(0);
  T y = 1;
  for (T i = 0; i < b; ++i) y = wrap<T>(FL_MUL, y, a);
  return y;
}

/* The answer as a double; comparisons give 0 or 1. */
template <class T> double reference(int op, T a, T b) {
  const bool floating = !std::numeric_limits<T>::is_integer;
  const bool nan = a != a || b != b;
  switch (op) {
    case FL_ADD: return floating ? double(T(a + b)) : double(wrap(op, a, b));
    case FL_SUB: return floating ? double(T(a - b)) : double(wrap(op, a, b));
    case FL_MUL: return floating ? double(T(a * b)) : double(wrap(op, a, b));
    case FL_DIV: return double(T(a / b));
    case FL_BINARY_POW:
      if constexpr (std::numeric_limits<T>::is_integer) return double(power(a, b));
      return std::pow(double(a), double(b));
    case FL_REMAINDER:
      if constexpr (std::numeric_limits<T>::is_integer) {
        if (b == T(-1)) return 0;
        const T r = static_cast<T>(a % b);
        return double(r != 0 && (r < 0) != (b < 0) ? T(r + b) : r);
      } else {
        const T r = std::fmod(a, b);
        return r != 0 && (r < 0) != (b < 0) ? r + b : r;
      }
    case FL_MINIMUM: return nan ? NAN : double(a < b ? a : b);
    case FL_MAXIMUM: return nan ? NAN : double(a > b ? a : b);
    case FL_EQ: return a == b;
    case FL_NE: return a != b;
    case FL_LT: return a < b;
    case FL_LE: return a <= b;
    case FL_GT: return a > b;
    case FL_GE: return a >= b;
    case FL_AND: return a != 0 && b != 0;
    case FL_OR: return a != 0 || b != 0;
    default: return (a != 0) != (b != 0);
  }
}

template <class T> bool same(double got, double expected) {
  return ulps<T>(static_cast<T>(got), expected) <= (std::numeric_limits<T>::is_integer ? 0 : 1);
}

template <class T> std::vector<T> values(int64_t n, int op) {
  std::vector<T> x(static_cast<size_t>(n));
  const bool floating = !std::numeric_limits<T>::is_integer;
  for (T& v : x) {
    v = static_cast<T>(uniform(op == FL_BINARY_POW || !std::numeric_limits<T>::is_signed ? 0 : -6, 6));
    if (op == FL_REMAINDER && v == 0) v = 1;
    if (floating && op != FL_BINARY_POW && uniform(0, 1) < 0.02)
      v = static_cast<T>(uniform(0, 1) < 0.5 ? NAN : INFINITY);
  }
  return x;
}

template <class T> double element(const std::vector<char>& y, size_t i, bool predicate) {
  if (predicate) return static_cast<uint8_t>(y[i]);
  T v;
  memcpy(&v, &y[i * sizeof(T)], sizeof v);
  return static_cast<double>(v);
}

template <class T> int64_t encode(T v) {
  if (std::numeric_limits<T>::is_integer) return static_cast<int64_t>(v);
  const double d = static_cast<double>(v);
  int64_t bits;
  memcpy(&bits, &d, sizeof bits);
  return bits;
}

template <class T> void check_dense(int op, int dtype, int64_t n) {
  const bool predicate = op >= FL_EQ;
  const std::vector<T> a = values<T>(n, op), b = values<T>(n, op);
  std::vector<char> y(a.size() * sizeof(T));
  CHECK_OK(fl_binary(op, dtype, n, address(a.data()), address(b.data()), address(y.data())));
  for (size_t i = 0; i < a.size(); ++i) {
    const double got = element<T>(y, i, predicate), expected = reference(op, a[i], b[i]);
    CHECK(same<T>(got, expected), "op %d dtype %d (%g, %g): %g, not %g", op, dtype, double(a[i]), double(b[i]), got,
          expected);
  }
  for (int reversed : {0, 1}) {
    const T scalar = b[0];
    CHECK_OK(fl_binary_scalar(op, dtype, n, address(a.data()), address(y.data()), encode(scalar), reversed));
    for (size_t i = 0; i < a.size(); ++i) {
      const double got = element<T>(y, i, predicate);
      const double expected = reversed ? reference(op, scalar, a[i]) : reference(op, a[i], scalar);
      CHECK(same<T>(got, expected), "op %d dtype %d scalar %g, %g, reversed %d: %g, not %g", op, dtype, double(scalar),
            double(a[i]), reversed, got, expected);
    }
  }
}

/* A transposed a, b that repeats rows or columns or runs backwards, and y with gaps. */
template <class T> void check_strided(int op, int dtype, int64_t rows, int64_t columns) {
  struct Strides {
    int64_t y[2], a[2], b[2];
  };
  const Strides layouts[] = {
      {{columns, 1}, {1, rows}, {0, 1}},        {{columns, 1}, {columns, 1}, {1, 0}},
      {{columns, 1}, {0, 1}, {columns, 1}},     {{columns, 1}, {columns, -1}, {0, 0}},
      {{1, rows}, {columns, 1}, {-columns, 1}}, {{2 * columns, 2}, {columns, 1}, {columns, 1}},
  };
  const bool predicate = op >= FL_EQ;
  const int64_t n = rows * columns;
  const std::vector<T> a = values<T>(n, op), b = values<T>(n, op);
  for (const Strides& s : layouts) {
    const int64_t table[] = {2, rows, columns, s.y[0], s.y[1], s.a[0], s.a[1], s.b[0], s.b[1]};
    std::vector<char> y(static_cast<size_t>(2 * n) * sizeof(T), 77);
    const T* first_a = a.data() + (s.a[1] < 0 ? columns - 1 : 0);
    const T* first_b = b.data() + (s.b[0] < 0 ? n - columns : 0);
    CHECK_OK(fl_binary_strided(op, dtype, address(table), address(first_a), address(first_b), address(y.data())));
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        const double got = element<T>(y, static_cast<size_t>(r * s.y[0] + c * s.y[1]), predicate);
        const double expected = reference(op, first_a[r * s.a[0] + c * s.a[1]], first_b[r * s.b[0] + c * s.b[1]]);
        CHECK(same<T>(got, expected), "strided op %d dtype %d at (%ld, %ld): %g, not %g", op, dtype, long(r), long(c),
              got, expected);
      }
    }
  }
}

template <class T> void check_where(int dtype) {
  const int64_t d0 = 3, d1 = 5, d2 = 37;  // a repeats along d1, b along everything, the condition runs backwards
  const std::vector<T> a = values<T>(d0 * d2, FL_ADD), b = values<T>(1, FL_ADD);
  std::vector<uint8_t> c(static_cast<size_t>(d0 * d1 * d2));
  for (uint8_t& v : c) v = uniform(0, 1) < 0.5;
  std::vector<T> y(c.size());
  const int64_t table[] = {3, d0, d1, d2, d1 * d2, d2, 1, -d1 * d2, d2, 1, d2, 0, 1, 0, 0, 0};
  const uint8_t* first = c.data() + (d0 - 1) * d1 * d2;
  CHECK_OK(fl_where(dtype, address(table), address(first), address(a.data()), address(b.data()), address(y.data())));
  for (int64_t i = 0; i < d0; ++i) {
    for (int64_t j = 0; j < d1; ++j) {
      for (int64_t k = 0; k < d2; ++k) {
        const T expected = first[-i * d1 * d2 + j * d2 + k] ? a[static_cast<size_t>(i * d2 + k)] : b[0];
        const T got = y[static_cast<size_t>((i * d1 + j) * d2 + k)];
        CHECK(memcmp(&got, &expected, sizeof(T)) == 0, "where dtype %d at (%ld, %ld, %ld)", dtype, long(i), long(j),
              long(k));
      }
    }
  }
}

template <class T> void check_type(int dtype) {
  const bool floating = !std::numeric_limits<T>::is_integer;
  for (int op = FL_ADD; op <= FL_XOR; ++op) {
    if (op == FL_DIV && !floating) {
      T x = 1;
      CHECK(fl_binary(op, dtype, 1, address(&x), address(&x), address(&x)) == FL_UNSUPPORTED, "div of integers");
      continue;
    }
    for (int64_t n : sizes()) check_dense<T>(op, dtype, n);
    for (int64_t n : {1, 3, 17, 63}) check_strided<T>(op, dtype, n, 33);
    check_strided<T>(op, dtype, 2, 4999);
  }
  check_where<T>(dtype);
  if (!floating) {
    std::vector<T> a(40, T(7)), b(40, T(2)), y(40, T(5));
    b[39] = 0;
    CHECK(fl_binary(FL_REMAINDER, dtype, 40, address(a.data()), address(b.data()), address(y.data())) ==
              FL_DIVIDE_BY_ZERO,
          "remainder by zero");
    CHECK(y[0] == T(5), "nothing written");
    CHECK(fl_binary_scalar(FL_REMAINDER, dtype, 40, address(a.data()), address(y.data()), 0, 0) == FL_DIVIDE_BY_ZERO,
          "remainder by the scalar zero");
    const int64_t table[] = {1, 40, 1, 1, 1};
    CHECK(fl_binary_strided(FL_REMAINDER, dtype, address(table), address(a.data()), address(b.data()),
                            address(y.data())) == FL_DIVIDE_BY_ZERO,
          "strided remainder by zero");
  }
}

void check_bools() {
  const uint8_t a[4] = {0, 0, 1, 1}, b[4] = {0, 1, 0, 1};
  uint8_t y[4];
  for (int op = FL_ADD; op <= FL_XOR; ++op) {
    const int32_t status = fl_binary(op, FL_BOOL, 4, address(a), address(b), address(y));
    if (op == FL_SUB || op == FL_DIV || op == FL_BINARY_POW || op == FL_REMAINDER) {
      CHECK(status == FL_UNSUPPORTED, "op %d of bools", op);
      continue;
    }
    CHECK(status == FL_OK, "op %d of bools", op);
    for (int i = 0; i < 4; ++i) {
      const double expected = op == FL_ADD ? (a[i] | b[i]) : op == FL_MUL ? (a[i] & b[i]) : reference(op, a[i], b[i]);
      CHECK(y[i] == expected, "op %d of bools %d, %d", op, a[i], b[i]);
    }
  }
}

}  // namespace

int main() {
  check_type<float>(FL_FLOAT32);
  check_type<double>(FL_FLOAT64);
  check_type<int64_t>(FL_INT64);
  check_type<int32_t>(FL_INT32);
  check_type<uint8_t>(FL_UINT8);
  check_bools();
  const int64_t least[2] = {INT64_MIN, INT64_MAX}, minus[2] = {-1, -1};
  int64_t y[2];
  CHECK_OK(fl_binary(FL_REMAINDER, FL_INT64, 2, address(least), address(minus), address(y)));
  CHECK(y[0] == 0 && y[1] == 0, "the least integer by -1");
  CHECK_OK(fl_binary(FL_ADD, FL_INT64, 2, address(least), address(minus), address(y)));
  CHECK(y[0] == INT64_MAX, "integers wrap");
  return finish();
}
