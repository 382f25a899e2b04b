/* Gather, scatter, index_select and index_add against plain loops. */
#include "testing.h"

using namespace testing;

namespace {

struct Sizes {
  int64_t outer, length, count, inner;
};
const Sizes kSizes[] = {{1, 1, 1, 1}, {1, 5, 7, 1}, {3, 4, 9, 5}, {2, 6, 3, 300}, {1, 1000, 5000, 3}, {70, 10, 20, 17}};

std::vector<int64_t> random_indices(int64_t n, int64_t length) {
  std::vector<int64_t> index(static_cast<size_t>(n));
  for (int64_t& i : index) i = static_cast<int64_t>(random_engine()() % static_cast<uint64_t>(length));
  return index;
}

template <class T> std::vector<T> random_values(int64_t n, bool truth) {
  std::vector<T> values(static_cast<size_t>(n));
  for (T& v : values) v = static_cast<T>(random_engine()() % (truth ? 2 : 200));
  return values;
}

template <class T> void check(int32_t dtype, const Sizes& s) {
  const bool truth = dtype == FL_BOOL;
  const int64_t lines = s.outer * s.count, n = lines * s.inner, whole = s.outer * s.length * s.inner;
  const std::vector<T> x = random_values<T>(whole, truth), source = random_values<T>(n, truth);
  const std::vector<int64_t> index = random_indices(n, s.length), places = random_indices(s.count, s.length);
  std::vector<T> y(static_cast<size_t>(n)), expected(static_cast<size_t>(n)), picked = expected;
  std::vector<T> set = x, added = x, summed = x;
  for (int64_t o = 0; o < s.outer; ++o)
    for (int64_t c = 0; c < s.count; ++c)
      for (int64_t i = 0; i < s.inner; ++i) {
        const size_t at = static_cast<size_t>((o * s.count + c) * s.inner + i);
        const size_t far = static_cast<size_t>((o * s.length + index[at]) * s.inner + i);
        const size_t same = static_cast<size_t>((o * s.length + places[static_cast<size_t>(c)]) * s.inner + i);
        expected[at] = x[far];
        picked[at] = x[same];
        set[far] = source[at];
        added[far] = truth ? static_cast<T>(added[far] || source[at]) : static_cast<T>(added[far] + source[at]);
        summed[same] = truth ? static_cast<T>(summed[same] || source[at]) : static_cast<T>(summed[same] + source[at]);
      }
  CHECK_OK(fl_gather(dtype, s.outer, s.length, s.count, s.inner, address(x.data()), address(index.data()),
                     address(y.data())));
  CHECK(y == expected, "gather, dtype %d", dtype);
  CHECK_OK(fl_index_select(dtype, s.outer, s.length, s.count, s.inner, address(x.data()), address(places.data()),
                           address(y.data())));
  CHECK(y == picked, "index_select, dtype %d", dtype);
  std::vector<T> z = x;
  CHECK_OK(fl_scatter(0, dtype, s.outer, s.length, s.count, s.inner, address(index.data()), address(source.data()),
                      address(z.data())));
  CHECK(z == set, "scatter, dtype %d", dtype);
  z = x;
  CHECK_OK(fl_scatter(1, dtype, s.outer, s.length, s.count, s.inner, address(index.data()), address(source.data()),
                      address(z.data())));
  CHECK(z == added, "scatter adding, dtype %d", dtype);
  z = x;
  CHECK_OK(fl_index_add(dtype, s.outer, s.length, s.count, s.inner, address(places.data()), address(source.data()),
                        address(z.data())));
  CHECK(z == summed, "index_add, dtype %d", dtype);
}

/** The first bad index is named, and nothing is written. */
void bad_indices() {
  for (int64_t bad : {int64_t(5), int64_t(7), int64_t(-1), INT64_MIN, INT64_MAX}) {
    std::vector<int64_t> index(200000, 4);
    index[150000] = bad;
    index[190000] = 99;
    const std::vector<float> x(200000, 1.0f);
    std::vector<float> y(200000, 3.0f);
    char message[100];
    snprintf(message, sizeof message, "index %lld is out of range for a dimension of size 5",
             static_cast<long long>(bad));
    const int64_t n = 200000;
    const fl_address i = address(index.data()), from = address(x.data()), to = address(y.data());
    for (int op = 0; op < 5; ++op) {
      const int32_t status = op == 0   ? fl_gather(FL_FLOAT32, 1, 5, n, 1, from, i, to)
                             : op == 1 ? fl_index_select(FL_FLOAT32, 1, 5, n, 1, from, i, to)
                             : op == 2 ? fl_index_add(FL_FLOAT32, 1, 5, n, 1, i, from, to)
                                       : fl_scatter(op - 3, FL_FLOAT32, 1, 5, n, 1, i, from, to);
      CHECK(status == FL_BAD_INDEX, "op %d", op);
      CHECK(strstr(fl_last_error(), message) != nullptr, "op %d: %s", op, fl_last_error());
    }
    CHECK(y == std::vector<float>(200000, 3.0f), "nothing is written");
  }
}

}  // namespace

int main() {
  for (const Sizes& s : kSizes) {
    check<float>(FL_FLOAT32, s);
    check<double>(FL_FLOAT64, s);
    check<int64_t>(FL_INT64, s);
    check<uint8_t>(FL_BOOL, s);
    check<int32_t>(FL_INT32, s);
    check<uint8_t>(FL_UINT8, s);
  }
  bad_indices();
  return finish();
}
