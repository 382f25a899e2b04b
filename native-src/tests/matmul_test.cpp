/* Matrix products against plain loops. Small whole numbers make every sum exact, so most checks ask for equality. */
#include "testing.h"

using namespace testing;

namespace {

using Matrix = std::vector<int64_t>;

int64_t small_number() { return static_cast<int64_t>(random_engine()() % 9) - 4; }

/** How an operand lies in memory: which index runs fastest, and how far apart neighbours are. */
struct Form {
  const char* name;
  bool transposed;
  int64_t step, gap;
};
const Form kForms[] = {
    {"plain", false, 1, 0}, {"transposed", true, 1, 0}, {"padded", false, 1, 5}, {"spread", false, 3, 2}};

/** A batch of matrices laid out in a form. */
template <class T> struct Operand {
  std::vector<T> memory;
  int64_t batch, row, column;
  Operand(const Matrix& values, int64_t count, int64_t rows, int64_t columns, const Form& form) {
    const int64_t inner = form.transposed ? rows : columns, outer = form.transposed ? columns : rows;
    const int64_t line = inner * form.step + form.gap;
    row = form.transposed ? form.step : line;
    column = form.transposed ? line : form.step;
    batch = outer * line;
    // To the last element and not further: a read beyond it is a fault that the sanitizer sees.
    memory.assign(static_cast<size_t>((count - 1) * batch + (rows - 1) * row + (columns - 1) * column + 1), T(77));
    for (int64_t b = 0; b < count; ++b)
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
          memory[static_cast<size_t>(b * batch + i * row + j * column)] =
              static_cast<T>(values[static_cast<size_t>((b * rows + i) * columns + j)]);
  }
};

struct Case {
  int64_t batch, m, n, k;
  Matrix a, c, bias, y;
  Case(int64_t batch_, int64_t m_, int64_t n_, int64_t k_) : batch(batch_), m(m_), n(n_), k(k_) {
    for (int64_t i = 0; i < batch * m * k; ++i) a.push_back(small_number());
    for (int64_t i = 0; i < batch * k * n; ++i) c.push_back(small_number());
    for (int64_t i = 0; i < n; ++i) bias.push_back(small_number());
    y.assign(static_cast<size_t>(batch * m * n), 0);
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t i = 0; i < m; ++i)
        for (int64_t p = 0; p < k; ++p)
          for (int64_t j = 0; j < n; ++j)
            y[static_cast<size_t>((b * m + i) * n + j)] +=
                a[static_cast<size_t>((b * m + i) * k + p)] * c[static_cast<size_t>((b * k + p) * n + j)];
  }
};

template <class T>
void check_forms(int32_t dtype, const Case& s, const Form& left, const Form& right, bool with_bias, int64_t y_gap) {
  const Operand<T> a(s.a, s.batch, s.m, s.k, left), c(s.c, s.batch, s.k, s.n, right);
  std::vector<T> bias(s.bias.begin(), s.bias.end());
  const int64_t y_row = s.n + y_gap, y_batch = s.m * y_row + y_gap;
  std::vector<T> y(static_cast<size_t>(s.batch * y_batch), T(99));
  const int32_t status = fl_matmul(dtype, 0, s.batch, s.m, s.n, s.k, address(a.memory.data()), a.batch, a.row, a.column,
                                   address(c.memory.data()), c.batch, c.row, c.column,
                                   with_bias ? address(bias.data()) : 0, address(y.data()), y_batch, y_row);
  bool right_values = status == FL_OK;
  for (int64_t b = 0; b < s.batch; ++b)
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = 0; j < s.n; ++j) {
        const int64_t sum =
            s.y[static_cast<size_t>((b * s.m + i) * s.n + j)] + (with_bias ? s.bias[static_cast<size_t>(j)] : 0);
        right_values &= y[static_cast<size_t>(b * y_batch + i * y_row + j)] == static_cast<T>(sum);
      }
  for (int64_t b = 0; b < s.batch; ++b)
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = s.n; j < y_row; ++j)
        right_values &= y[static_cast<size_t>(b * y_batch + i * y_row + j)] == T(99);
  CHECK(right_values, "status %d dtype %d: %lld of %lldx%lldx%lld, a %s, c %s, bias %d, gap %lld", status, dtype,
        static_cast<long long>(s.batch), static_cast<long long>(s.m), static_cast<long long>(s.n),
        static_cast<long long>(s.k), left.name, right.name, with_bias, static_cast<long long>(y_gap));
}

template <class T> void check_type(int32_t dtype, const Case& s) {
  bool bias = false;
  int64_t gap = 0;
  for (const Form& left : kForms)
    for (const Form& right : kForms) {
      check_forms<T>(dtype, s, left, right, bias, gap);
      bias = !bias;
      gap = (gap + 3) % 7;
    }
}

void check_all(const Case& s) {
  check_type<float>(FL_FLOAT32, s);
  check_type<double>(FL_FLOAT64, s);
  check_type<int64_t>(FL_INT64, s);
  check_type<int32_t>(FL_INT32, s);
  check_type<uint8_t>(FL_UINT8, s);
}

void shapes() {
  for (int64_t m : {1, 3, 12, 29})
    for (int64_t n : {1, 7, 16, 33, 70})
      for (int64_t k : {1, 5, 16, 100}) check_all(Case(1, m, n, k));
  check_all(Case(1, 5, 40, 800));    // more than one block of k
  check_all(Case(1, 100, 300, 40));  // panels of a
  check_all(Case(1, 300, 20, 33));   // panels of c
  check_all(Case(1, 1100, 37, 20));  // more strips than a block of rows has
  check_all(Case(1, 61, 70, 401));   // blocks of k that vectors do not divide
  check_all(Case(1, 47, 290, 35));   // groups of panels
  for (int64_t m : {1, 2, 5, 10, 11, 13, 23, 47}) check_all(Case(1, m, 17, 9));
  for (int64_t n : {2, 3, 4, 8})
    for (int64_t k : {1, 2, 4, 8, 9}) check_all(Case(1, 3, n, k));
  check_all(Case(1, 1, 1000, 64));
  check_all(Case(1, 1000, 1, 64));
  check_forms<float>(FL_FLOAT32, Case(1, 1000, 1, 64), kForms[1], kForms[0], false, 0);
  check_all(Case(3, 5, 6, 7));
  check_all(Case(40, 9, 17, 12));
}

/** A matrix used for the whole batch: a batch stride of 0, on either side. */
void repeated() {
  const Case s(1, 6, 10, 8);
  const int64_t batch = 5;
  std::vector<float> one_a(s.a.begin(), s.a.end()), one_c(s.c.begin(), s.c.end()), many;
  for (int64_t b = 0; b < batch; ++b) many.insert(many.end(), one_a.begin(), one_a.end());
  std::vector<float> y(static_cast<size_t>(batch * 60));
  for (int both = 0; both < 2; ++both) {
    CHECK_OK(fl_matmul(FL_FLOAT32, 0, batch, 6, 10, 8, address(both ? one_a.data() : many.data()), both ? 0 : 48, 8, 1,
                       address(one_c.data()), 0, 10, 1, 0, address(y.data()), 60, 10));
    for (size_t i = 0; i < y.size(); ++i) CHECK(y[i] == static_cast<float>(s.y[i % 60]), "element %zu", i);
  }
}

/** Broadcast and flipped operands: strides of 0 and below. */
void odd_strides() {
  const float a[4] = {1, 2, 3, 4}, c[6] = {1, 2, 3, 4, 5, 6};
  float y[6];
  CHECK_OK(fl_matmul(FL_FLOAT32, 0, 1, 2, 3, 4, address(a + 3), 0, 0, -1, address(c), 0, 0, 1, 0, address(y), 6, 3));
  const float sum = 1 + 2 + 3 + 4;
  for (int i = 0; i < 6; ++i) CHECK(y[i] == sum * c[i % 3], "%g", static_cast<double>(y[i]));
}

/** Nothing is skipped: 0 times infinity is NaN in every path, and only in its row and column. */
void not_finite() {
  for (int64_t m : {1, 3, 20})
    for (int64_t n : {1, 5, 40})
      for (bool transposed : {false, true}) {
        const int64_t k = 37;
        std::vector<float> a(static_cast<size_t>(m * k), 0.0f), c(static_cast<size_t>(k * n), 1.0f),
            y(static_cast<size_t>(m * n));
        a[5] = NAN;                                                   // row 0
        c[static_cast<size_t>(transposed ? 36 : 36 * n)] = INFINITY;  // column 0
        CHECK_OK(fl_matmul(FL_FLOAT32, 0, 1, m, n, k, address(a.data()), 0, k, 1, address(c.data()), 0,
                           transposed ? 1 : n, transposed ? k : 1, 0, address(y.data()), 0, n));
        for (int64_t i = 0; i < m; ++i)
          for (int64_t j = 0; j < n; ++j) {
            const float got = y[static_cast<size_t>(i * n + j)];
            CHECK((i == 0 || j == 0) ? std::isnan(got) : got == 0, "%g", static_cast<double>(got));
          }
      }
}

template <class T>
double largest_error(int32_t dtype, int64_t m, int64_t n, int64_t k, std::vector<T>& y, bool bias_too) {
  std::mt19937_64 engine(3);
  std::uniform_real_distribution<double> number(-1, 1);
  std::vector<T> a(static_cast<size_t>(m * k)), c(static_cast<size_t>(k * n)), bias(static_cast<size_t>(n));
  for (T& v : a) v = static_cast<T>(number(engine));
  for (T& v : c) v = static_cast<T>(number(engine));
  for (T& v : bias) v = static_cast<T>(number(engine));
  y.assign(static_cast<size_t>(m * n), T(0));
  CHECK_OK(fl_matmul(dtype, 0, 1, m, n, k, address(a.data()), 0, k, 1, address(c.data()), 0, 1, k,
                     bias_too ? address(bias.data()) : 0, address(y.data()), 0, n));
  double worst = 0;
  for (int64_t i = 0; i < m; i += 7)
    for (int64_t j = 0; j < n; j += 5) {
      double sum = bias_too ? static_cast<double>(bias[static_cast<size_t>(j)]) : 0;
      for (int64_t p = 0; p < k; ++p)
        sum += static_cast<double>(a[static_cast<size_t>(i * k + p)]) *
               static_cast<double>(c[static_cast<size_t>(j * k + p)]);
      worst = fmax(worst, fabs(sum - static_cast<double>(y[static_cast<size_t>(i * n + j)])));
    }
  return worst;
}

/** The same bits with any number of threads: flat, high and wide, one and more blocks of k, a single row. */
void thread_count() {
  struct Size {
    int64_t m, n, k;
  };
  const int32_t before = fl_threads();
  for (const Size& s : {Size{130, 210, 500}, Size{1, 700, 900}, Size{300, 10, 1000}, Size{12, 900, 400}}) {
    std::vector<float> one, many;
    CHECK_OK(fl_set_threads(1));
    CHECK(largest_error(FL_FLOAT32, s.m, s.n, s.k, one, true) < 2e-4, "one thread");
    CHECK_OK(fl_set_threads(3));
    CHECK(largest_error(FL_FLOAT32, s.m, s.n, s.k, many, true) < 2e-4, "three threads");
    CHECK(one == many, "threads change the sums");
  }
  CHECK_OK(fl_set_threads(before));
}

/** In steps of 4 KB, which share a place in the caches: operands are packed. */
void aliasing_steps() {
  const int64_t m = 60, n = 70, k = 40, step = 1024;
  const Case s(1, m, n, k);
  for (int transposed = 0; transposed < 4; ++transposed) {
    std::vector<float> a(static_cast<size_t>(step * 70), 77.0f), c = a, y(static_cast<size_t>(m * n));
    const int64_t a_row = transposed & 1 ? 1 : step, a_column = transposed & 1 ? step : 1;
    const int64_t c_row = transposed & 2 ? 1 : step, c_column = transposed & 2 ? step : 1;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t p = 0; p < k; ++p)
        a[static_cast<size_t>(i * a_row + p * a_column)] = static_cast<float>(s.a[static_cast<size_t>(i * k + p)]);
    for (int64_t p = 0; p < k; ++p)
      for (int64_t j = 0; j < n; ++j)
        c[static_cast<size_t>(p * c_row + j * c_column)] = static_cast<float>(s.c[static_cast<size_t>(p * n + j)]);
    CHECK_OK(fl_matmul(FL_FLOAT32, 0, 1, m, n, k, address(a.data()), 0, a_row, a_column, address(c.data()), 0, c_row,
                       c_column, 0, address(y.data()), 0, n));
    bool right = true;
    for (size_t i = 0; i < y.size(); ++i) right &= y[i] == static_cast<float>(s.y[i]);
    CHECK(right, "transposed %d", transposed);
  }
}

/** Large products ask for BLAS, do without it when there is none, and use it when it is there. */
void blas() {
  std::vector<float> y;
  std::vector<double> z(300 * 310);
  const std::vector<double> x(310 * 310, 1.0);
  CHECK(fl_matmul(FL_FLOAT64, 0, 1, 300, 310, 305, address(x.data()), 0, 305, 1, address(x.data()), 0, 310, 1, 0,
                  address(z.data()), 0, 310) == FL_NEED_BLAS,
        "a large product before BLAS is opened");
  CHECK(fl_blas_open("/nowhere/libnothing.so") != FL_OK, "a BLAS that is not there");
  CHECK_OK(fl_blas_open(""));
  CHECK(largest_error(FL_FLOAT32, 300, 310, 305, y, true) < 1e-4, "our own instead of BLAS");
  CHECK(largest_error(FL_FLOAT64, 280, 270, 260, z, true) < 1e-12, "our own instead of BLAS");
  if (fl_blas_open("libopenblas.so.0") != FL_OK) {
    printf("no libopenblas.so.0 here: products by BLAS are not tested\n");
    return;
  }
  CHECK(largest_error(FL_FLOAT32, 300, 310, 305, y, true) < 1e-4, "by BLAS");
  CHECK(largest_error(FL_FLOAT32, 310, 300, 305, y, false) < 1e-4, "by BLAS");
  CHECK(largest_error(FL_FLOAT64, 280, 270, 260, z, true) < 1e-12, "by BLAS");
  CHECK(largest_error(FL_FLOAT64, 270, 280, 260, z, false) < 1e-12, "by BLAS");
}

}  // namespace

int main() {
  shapes();
  repeated();
  odd_strides();
  not_finite();
  thread_count();
  aliasing_steps();
  uint8_t byte = 1;
  CHECK(fl_matmul(FL_BOOL, 0, 1, 1, 1, 1, address(&byte), 0, 1, 1, address(&byte), 0, 1, 1, 0, address(&byte), 0, 1) ==
            FL_UNSUPPORTED,
        "bools");
  blas();
  return finish();
}
