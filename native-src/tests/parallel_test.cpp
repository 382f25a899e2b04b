/* The pool: right results from many threads at once, with the number of threads changing under them. */
#include <atomic>
#include <thread>

#include "testing.h"

using namespace testing;

namespace {

/* Kernels called from many threads at once: one wins the pool, the others work alone. */
void check_many_callers() {
  const std::vector<float> x = uniform_values<float>(200000, -1, 1);
  std::vector<float> expected(x.size());
  CHECK_OK(
      fl_unary(FL_EXP, FL_FLOAT32, static_cast<int64_t>(x.size()), address(x.data()), address(expected.data()), 0, 0));
  float sum = 0;
  CHECK_OK(
      fl_reduce(FL_REDUCE_SUM, FL_FLOAT32, 1, static_cast<int64_t>(x.size()), 1, address(x.data()), address(&sum)));
  std::atomic<int> bad{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      std::vector<float> y(x.size());
      for (int round = 0; round < 60; ++round) {
        memset(y.data(), 0, y.size() * sizeof(float));
        if (fl_unary(FL_EXP, FL_FLOAT32, static_cast<int64_t>(x.size()), address(x.data()), address(y.data()), 0, 0) !=
                FL_OK ||
            y != expected) {
          ++bad;
        }
        float again = 0;
        fl_reduce(FL_REDUCE_SUM, FL_FLOAT32, 1, static_cast<int64_t>(x.size()), 1, address(x.data()), address(&again));
        if (again != sum) ++bad;
      }
    });
  }
  for (int32_t count : {1, 4, 2, 7, 3}) {
    CHECK_OK(fl_set_threads(count));
    CHECK(fl_threads() == count, "threads");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(bad == 0, "%d wrong results", bad.load());
}

/* Every element exactly once, from sleeping and from spinning workers, for totals around the cuts. */
void check_every_element_once() {
  for (int32_t count : {1, 2, 3, 16}) {
    CHECK_OK(fl_set_threads(count));
    for (int64_t n : {4096, 4097, 50000, 1000003}) {
      const std::vector<int64_t> ones(static_cast<size_t>(n), 1);
      std::vector<int64_t> y(ones.size(), 0);
      for (int round = 0; round < 20; ++round) {
        CHECK_OK(fl_binary(FL_ADD, FL_INT64, n, address(y.data()), address(ones.data()), address(y.data())));
      }
      for (int64_t v : y) CHECK(v == 20, "an element was left out or taken twice: %ld", long(v));
      if (n == 50000) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
}

}  // namespace

int main() {
  const int32_t before = fl_threads();
  CHECK(before >= 1, "threads");
  CHECK(fl_set_threads(0) == FL_INTERNAL && fl_set_threads(100000) == FL_INTERNAL, "silly numbers of threads");
  CHECK(fl_threads() == before, "which change nothing");
  check_many_callers();
  check_every_element_once();
  CHECK_OK(fl_set_threads(before));
  return finish();
}
