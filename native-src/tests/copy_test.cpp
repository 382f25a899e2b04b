/* fl_fill, fl_convert, fl_copy, fl_upload and their neighbours. */
#include "testing.h"

using namespace testing;

namespace {

struct Bool {  // converts as the library's bool does
  uint8_t byte;
  explicit Bool(double v = 0) : byte(v != 0) {}
  operator double() const { return byte; }
};

template <class From, class To> To expected_of(From x) {
  const double v = static_cast<double>(x);
  if constexpr (std::is_same_v<To, Bool>)
    return Bool(v);
  else
    return static_cast<To>(v);
}

template <class From, class To> void check_pair(int from, int to) {
  for (int64_t n : sizes()) {
    std::vector<From> x(static_cast<size_t>(n));
    for (From& v : x) v = From(std::floor(uniform(0, 100)) / (uniform(0, 1) < 0.5 ? 1 : 8));
    std::vector<To> y(x.size());
    CHECK_OK(fl_convert(from, to, n, address(x.data()), address(y.data())));
    for (size_t i = 0; i < x.size(); ++i) {
      const To expected = expected_of<From, To>(x[i]);
      CHECK(memcmp(&y[i], &expected, sizeof(To)) == 0, "convert %d to %d of %g: %g", from, to, double(x[i]),
            double(y[i]));
    }
  }
  // (rows, columns) transposed, reversed, repeated, with gaps
  for (const auto& shape : {std::pair<int64_t, int64_t>{3, 5}, {16, 16}, {33, 50}, {70, 17}, {1, 9000}, {130, 4}}) {
    const int64_t rows = shape.first, columns = shape.second, n = rows * columns;
    std::vector<From> x(static_cast<size_t>(n));
    for (From& v : x) v = From(std::floor(uniform(0, 100)));
    struct Strides {
      int64_t y[2], x[2];
    };
    const Strides layouts[] = {{{columns, 1}, {1, rows}},        {{columns, 1}, {columns, 1}},
                               {{columns, 1}, {columns, -1}},    {{columns, 1}, {0, 1}},
                               {{columns, 1}, {1, 0}},           {{1, rows}, {columns, 1}},
                               {{2 * columns + 3, 2}, {1, rows}}};
    for (const Strides& s : layouts) {
      const int64_t table[] = {2, rows, columns, s.y[0], s.y[1], s.x[0], s.x[1]};
      std::vector<To> y(static_cast<size_t>(rows * (2 * columns + 3)));
      const From* first = x.data() + (s.x[1] < 0 ? columns - 1 : 0);
      CHECK_OK(fl_copy(from, to, address(table), address(first), address(y.data())));
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t c = 0; c < columns; ++c) {
          const To expected = expected_of<From, To>(first[r * s.x[0] + c * s.x[1]]);
          CHECK(memcmp(&y[static_cast<size_t>(r * s.y[0] + c * s.y[1])], &expected, sizeof(To)) == 0,
                "copy %d to %d at (%ld, %ld) of (%ld, %ld)", from, to, long(r), long(c), long(rows), long(columns));
        }
      }
    }
  }
}

template <class From> void check_from(int from) {
  check_pair<From, float>(from, FL_FLOAT32);
  check_pair<From, double>(from, FL_FLOAT64);
  check_pair<From, int64_t>(from, FL_INT64);
  check_pair<From, Bool>(from, FL_BOOL);
  check_pair<From, int32_t>(from, FL_INT32);
  check_pair<From, uint8_t>(from, FL_UINT8);
}

/* Six dims in a shuffled order: the walk over rows, and a transposition with dims around it. */
void check_permutation(const std::vector<int>& order) {
  const std::vector<int64_t> size = {3, 4, 5, 6, 4, 5};
  std::vector<int64_t> stride(6);
  int64_t n = 1;
  for (int d = 5; d >= 0; --d) {
    stride[static_cast<size_t>(d)] = n;
    n *= size[static_cast<size_t>(d)];
  }
  std::vector<int64_t> table = {6};
  for (int d : order) table.push_back(size[static_cast<size_t>(d)]);
  std::vector<int64_t> to(6);
  int64_t step = 1;
  for (int i = 5; i >= 0; --i) {
    to[static_cast<size_t>(i)] = step;
    step *= table[static_cast<size_t>(1 + i)];
  }
  table.insert(table.end(), to.begin(), to.end());
  for (int d : order) table.push_back(stride[static_cast<size_t>(d)]);
  const std::vector<float> x = uniform_values<float>(n, -1, 1);
  std::vector<float> y(x.size());
  CHECK_OK(fl_copy(FL_FLOAT32, FL_FLOAT32, address(table.data()), address(x.data()), address(y.data())));
  for (int64_t i = 0; i < n; ++i) {
    int64_t rest = i, from = 0;
    for (int d = 5; d >= 0; --d) {
      from += rest % table[static_cast<size_t>(1 + d)] * table[static_cast<size_t>(13 + d)];
      rest /= table[static_cast<size_t>(1 + d)];
    }
    CHECK(y[static_cast<size_t>(i)] == x[static_cast<size_t>(from)], "permuted copy at %ld", long(i));
  }
}

template <class T> void check_fill(int dtype, double value) {
  int64_t bits = static_cast<int64_t>(value);
  if (!std::numeric_limits<T>::is_integer) memcpy(&bits, &value, sizeof bits);
  for (int64_t n : sizes()) {
    std::vector<T> y(static_cast<size_t>(n) + 1, T(1));
    CHECK_OK(fl_fill(dtype, n, address(y.data()), bits));
    for (int64_t i = 0; i < n; ++i) CHECK(y[static_cast<size_t>(i)] == T(value), "fill dtype %d", dtype);
    CHECK(y.back() == T(1), "fill dtype %d wrote too much", dtype);
    CHECK(fl_read_double(dtype, address(y.data())) == double(T(value)), "read_double dtype %d", dtype);
    CHECK(fl_read_long(dtype, address(y.data())) == int64_t(T(value)), "read_long dtype %d", dtype);
  }
}

void check_sequences() {
  std::vector<int64_t> whole(100003);
  CHECK_OK(fl_sequence(FL_ARANGE, FL_INT64, 100003, address(whole.data()), INT64_MAX, 3));
  for (size_t i = 0; i < whole.size(); ++i) {
    CHECK(static_cast<uint64_t>(whole[i]) == uint64_t{INT64_MAX} + 3 * i, "arange of int64 at %ld", long(i));
  }
  std::vector<float> y(100003);
  double bounds[2] = {-3, 0.1};
  int64_t bits[2];
  memcpy(bits, bounds, sizeof bits);
  CHECK_OK(fl_sequence(FL_ARANGE, FL_FLOAT32, 100003, address(y.data()), bits[0], bits[1]));
  for (size_t i = 0; i < y.size(); ++i) {
    CHECK(y[i] == float(std::fma(double(i), 0.1, -3.0)), "arange of float32 at %ld", long(i));
  }
  for (int64_t n : {1, 2, 5, 100003}) {
    CHECK_OK(fl_sequence(FL_LINSPACE, FL_FLOAT32, n, address(y.data()), bits[0], bits[1]));
    CHECK(y[0] == -3 && (n == 1 || y[static_cast<size_t>(n - 1)] == 0.1f), "ends of linspace");
    for (int64_t i = 1; i < n; ++i) CHECK(y[static_cast<size_t>(i)] >= y[static_cast<size_t>(i - 1)], "linspace");
  }
  CHECK(fl_sequence(FL_LINSPACE, FL_INT64, 3, address(whole.data()), 0, 2) == FL_UNSUPPORTED, "linspace of integers");
}

}  // namespace

int main() {
  check_sequences();
  check_from<float>(FL_FLOAT32);
  check_from<double>(FL_FLOAT64);
  check_from<int64_t>(FL_INT64);
  check_from<Bool>(FL_BOOL);
  check_from<int32_t>(FL_INT32);
  check_from<uint8_t>(FL_UINT8);
  check_permutation({0, 1, 2, 3, 4, 5});
  check_permutation({5, 4, 3, 2, 1, 0});
  check_permutation({0, 5, 2, 3, 1, 4});
  check_permutation({2, 0, 1, 3, 5, 4});
  check_fill<float>(FL_FLOAT32, -1.5);
  check_fill<double>(FL_FLOAT64, 0.1);
  check_fill<int64_t>(FL_INT64, -7);
  check_fill<int32_t>(FL_INT32, -7);
  check_fill<uint8_t>(FL_UINT8, 200);
  const float nan_to_bool = NAN;
  uint8_t answer = 0;
  CHECK_OK(fl_convert(FL_FLOAT32, FL_BOOL, 1, address(&nan_to_bool), address(&answer)));
  CHECK(answer == 1, "NaN is not 0");
  const float from[3] = {1, 2, 3};
  float there[3], back[3];
  CHECK_OK(fl_upload(address(there), from, sizeof from));
  CHECK_OK(fl_download(back, address(there), sizeof there));
  CHECK(memcmp(from, back, sizeof from) == 0, "upload and download");
  CHECK(fl_fill(99, 1, address(there), 0) == FL_UNSUPPORTED, "an unknown dtype");
  CHECK(strstr(fl_last_error(), "fill") != nullptr, "%s", fl_last_error());
  return finish();
}
