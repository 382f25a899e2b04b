/* Random fills against PyTorch's numbers, bit for bit on every instruction set. */
#include "random_golden.h"
#include "testing.h"

using namespace testing;

namespace {

const int kSizes[] = {4, 8, 8, 1, 4, 1};

int64_t bits(double value) {
  int64_t result;
  memcpy(&result, &value, sizeof result);
  return result;
}

/** A generator of its own. */
struct Generator {
  alignas(8) unsigned char state[FL_RANDOM_STATE_BYTES];
  explicit Generator(int64_t seed) { CHECK_OK(fl_random_seed(address(state), seed)); }
  int32_t fill(int32_t kind, int32_t dtype, int64_t n, const void* x, void* y, int64_t p, int64_t q) {
    return fl_random(kind, dtype, n, address(state), address(x), address(y), p, q);
  }
};

uint64_t hash(const std::vector<unsigned char>& bytes) {
  uint64_t h = 0xcbf29ce484222325u;
  for (unsigned char byte : bytes) h = (h ^ byte) * 0x100000001b3u;
  return h;
}

/** Do the numbers come from libm, whose last bits are the C library's own? */
bool by_libm(const Golden& row) {
  return row.kind == FL_NORMAL_SERIAL || (row.kind == FL_NORMAL && (row.n < 16 || row.dtype == FL_FLOAT64));
}

void golden_row(const Golden& row) {
#if !defined(__GLIBC__)
  if (by_libm(row)) return;
#endif
  Generator generator(row.seed);
  std::vector<unsigned char> y(static_cast<size_t>(row.n * kSizes[row.dtype]));
  std::vector<float> each;
  std::vector<double> each_double;
  for (int64_t i = 0; i < row.n; ++i) {
    each.push_back(static_cast<float>(i % 8) / 8);
    each_double.push_back(static_cast<double>(i % 8) / 8);
  }
  const void* x = row.kind != FL_BERNOULLI_EACH ? nullptr
                  : row.dtype == FL_FLOAT32     ? static_cast<void*>(each.data())
                                                : static_cast<void*>(each_double.data());
  const bool whole = row.kind == FL_INTEGERS;
  CHECK_OK(generator.fill(row.kind, row.dtype, row.n, x, y.data(), whole ? row.from : bits(row.p),
                          whole ? row.range : bits(row.q)));
  CHECK(hash(y) == row.hash, "kind %d dtype %d seed %lld n %lld p %g q %g libm %d", row.kind, row.dtype,
        static_cast<long long>(row.seed), static_cast<long long>(row.n), row.p, row.q, by_libm(row));
}

/** The well-known first numbers, and the normal sample that waits for the next call. */
void known_numbers() {
  float y[20];
  Generator generator(42);
  CHECK_OK(generator.fill(FL_UNIFORM, FL_FLOAT32, 3, nullptr, y, bits(0), bits(1)));
  CHECK(y[0] == 0.88226926f && y[1] == 0.91500396f && y[2] == 0.38286376f, "rand(3)");
  CHECK_OK(fl_random_seed(address(generator.state), 42));
  CHECK_OK(generator.fill(FL_NORMAL, FL_FLOAT32, 1, nullptr, y, bits(0), bits(1)));
  CHECK_OK(generator.fill(FL_NORMAL, FL_FLOAT32, 2, nullptr, y + 1, bits(0), bits(1)));
  CHECK(y[0] == 0.33669037f && y[1] == 0.1288094f && y[2] == 0.23446237f, "randn(1), randn(2)");
  CHECK_OK(fl_random_seed(address(generator.state), 42));  // drops the fourth sample
  CHECK_OK(generator.fill(FL_NORMAL, FL_FLOAT32, 20, nullptr, y, bits(0), bits(1)));
  CHECK(y[0] == 1.9269153f && y[19] == -0.6215954f, "randn(20)");
  int64_t order[10];
  CHECK_OK(fl_random_seed(address(generator.state), 42));
  CHECK_OK(generator.fill(FL_PERMUTATION, FL_INT64, 10, nullptr, order, 0, 0));
  const int64_t expected[10] = {2, 6, 1, 8, 4, 5, 0, 9, 3, 7};
  CHECK(memcmp(order, expected, sizeof order) == 0, "randperm(10)");
}

/** A fill in pieces is the fill in one. */
void pieces() {
  std::vector<float> whole(5000), parts(5000);
  Generator one(7), two(7);
  CHECK_OK(one.fill(FL_UNIFORM, FL_FLOAT32, 5000, nullptr, whole.data(), bits(-1), bits(2)));
  for (int64_t at = 0, step = 1; at < 5000; at += step, step = step * 3 + 1) {
    if (step > 5000 - at) step = 5000 - at;
    CHECK_OK(two.fill(FL_UNIFORM, FL_FLOAT32, step, nullptr, parts.data() + at, bits(-1), bits(2)));
  }
  CHECK(whole == parts, "uniform numbers drawn in pieces");
}

void refusals() {
  Generator generator(1);
  int64_t y[4] = {5, 5, 5, 5};
  CHECK(generator.fill(FL_UNIFORM, FL_INT64, 4, nullptr, y, bits(0), bits(1)) == FL_UNSUPPORTED, "uniform integers");
  CHECK(generator.fill(FL_PERMUTATION, FL_FLOAT32, 4, nullptr, y, 0, 0) == FL_UNSUPPORTED, "a float permutation");
  CHECK(generator.fill(FL_INTEGERS, FL_BOOL, 4, nullptr, y, 0, 2) == FL_UNSUPPORTED, "random bools by integers");
  CHECK(generator.fill(99, FL_FLOAT32, 4, nullptr, y, 0, 2) == FL_UNSUPPORTED, "an unknown kind");
  for (int32_t position : {-1, -500000000, 625, 2147483647}) {
    memcpy(reinterpret_cast<char*>(generator.state) + 4 * 624, &position, sizeof position);
    CHECK(generator.fill(FL_INTEGERS, FL_INT64, 4, nullptr, y, 0, 2) != FL_OK, "a generator at word %d", position);
  }
  CHECK(y[0] == 5 && y[3] == 5, "nothing is written");
}

}  // namespace

int main() {
  for (const Golden& row : golden) golden_row(row);
  known_numbers();
  pieces();
  refusals();
  return finish();
}
