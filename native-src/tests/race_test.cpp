/*
 * Operands that another thread writes while a kernel runs, as two threads of a program may: whatever is read then, no
 * instruction traps, and nothing outside the operands is read or written. Values and the status may be either one's.
 */
#include <atomic>
#include <functional>
#include <thread>

#include "testing.h"

using namespace testing;

namespace {

constexpr int64_t kWrong = int64_t{1} << 40;  // as an index far outside any memory

/** Calls `kernel` while another thread writes `other` over one element after another, and the old value back. */
template <class T> void check(const char* what, std::vector<T>& x, T other, const std::function<int32_t()>& kernel) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (size_t i = 0; !done; i = (i + 7) % x.size()) {
      const T before = x[i];
      __atomic_store_n(&x[i], other, __ATOMIC_RELAXED);
      for (int spin = 0; spin < 20; ++spin) __atomic_load_n(&x[i], __ATOMIC_RELAXED);
      __atomic_store_n(&x[i], before, __ATOMIC_RELAXED);
    }
  });
  int answers[2] = {0, 0};
  for (int round = 0; round < 3000; ++round) {
    const int32_t status = kernel();
    CHECK(status == FL_OK || status == FL_BAD_INDEX || status == FL_DIVIDE_BY_ZERO, "%s: %d %s", what, status,
          fl_last_error());
    ++answers[status != FL_OK];
  }
  done = true;
  writer.join();
  printf("%s: %d computed, %d refused\n", what, answers[0], answers[1]);
}

template <class T> void check_divisors(const char* what, int32_t dtype) {
  constexpr int64_t n = 64;
  std::vector<T> a(n, T(100)), b(n, T(7)), y(n);
  check<T>(what, b, T(0),
           [&] { return fl_binary(FL_REMAINDER, dtype, n, address(a.data()), address(b.data()), address(y.data())); });
  check<T>(what, b, T(0),
           [&] { return fl_binary_scalar(FL_REMAINDER, dtype, n, address(b.data()), address(y.data()), 100, 1); });
  const int64_t geometry[] = {2, 8, 8, 8, 1, 8, 1, 1, 8};  // b transposed
  check<T>(what, b, T(0), [&] {
    return fl_binary_strided(FL_REMAINDER, dtype, address(geometry), address(a.data()), address(b.data()),
                             address(y.data()));
  });
  const int64_t repeated[] = {1, n, 1, 1, 0};  // one divisor for all
  check<T>(what, b, T(0), [&] {
    return fl_binary_strided(FL_REMAINDER, dtype, address(repeated), address(a.data()), address(b.data()),
                             address(y.data()));
  });
}

[[maybe_unused]] void check_indices() {
  constexpr int64_t n = 64, length = 16;
  std::vector<int64_t> index(n);
  for (int64_t i = 0; i < n; ++i) index[static_cast<size_t>(i)] = i % length;
  std::vector<float> x(n * length), y(n * length);
  const fl_address at = address(index.data()), from = address(x.data()), to = address(y.data());
  for (int64_t inner : {1, 4}) {
    const int64_t count = n / inner;
    check("gather", index, kWrong, [&] { return fl_gather(FL_FLOAT32, 1, length, count, inner, from, at, to); });
    for (int32_t add : {0, 1}) {
      check("scatter", index, kWrong,
            [&] { return fl_scatter(add, FL_FLOAT32, 1, length, count, inner, at, from, to); });
    }
    check("index_select", index, kWrong,
          [&] { return fl_index_select(FL_FLOAT32, 1, length, n, inner, from, at, to); });
    check("index_add", index, kWrong, [&] { return fl_index_add(FL_FLOAT32, 1, length, n, inner, at, from, to); });
  }
}

[[maybe_unused]] void check_classes() {
  constexpr int64_t n = 64, classes = 16;
  std::vector<int64_t> target(n);
  for (int64_t i = 0; i < n; ++i) target[static_cast<size_t>(i)] = i % classes;
  std::vector<float> x(n * classes), gx(n * classes), y(n), weight(classes, 1), log_sums(2 * n);
  float g = 1, total = 1;
  const fl_address t = address(target.data()), from = address(x.data()), to = address(gx.data()),
                   w = address(weight.data()), sums = address(log_sums.data());
  for (int64_t inner : {1, 8}) {
    const int64_t outer = n / inner;
    check("nll_loss", target, kWrong, [&] {
      return fl_nll_loss(FL_MEAN, FL_FLOAT32, outer, classes, inner, from, t, w, address(y.data()), address(&total),
                         -100);
    });
    check("nll_loss_grad", target, kWrong, [&] {
      return fl_nll_loss_grad(FL_MEAN, FL_FLOAT32, outer, classes, inner, address(&g), t, w, address(&total), to, -100);
    });
    check("cross_entropy", target, kWrong, [&] {
      return fl_cross_entropy(FL_MEAN, FL_FLOAT32, outer, classes, inner, from, t, w, address(y.data()), sums,
                              address(&total), -100, 0);
    });
    check("cross_entropy_grad", target, kWrong, [&] {
      return fl_cross_entropy_grad(FL_MEAN, FL_FLOAT32, outer, classes, inner, address(&g), from, sums, t, w,
                                   address(&total), to, -100, 0);
    });
  }
}

}  // namespace

int main() {
#if defined(__SANITIZE_THREAD__)
  printf("races by intent: nothing to see for ThreadSanitizer\n");
#else
  check_divisors<int64_t>("remainder of int64", FL_INT64);
  check_divisors<int32_t>("remainder of int32", FL_INT32);
  check_divisors<int16_t>("remainder of int16", FL_INT16);
  check_divisors<uint8_t>("remainder of uint8", FL_UINT8);
  check_indices();
  check_classes();
#endif
  return finish();
}
