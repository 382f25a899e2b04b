/* A small test harness: CHECK counts failures and shows where; a test program's main returns finish(). */
#ifndef FLAMBEAU_TESTS_TESTING_H
#define FLAMBEAU_TESTS_TESTING_H
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <random>
#include <vector>

#include "flambeau.h"

namespace testing {

inline int failures = 0;
inline long checks = 0;

/* Prints the first failures of a program only: one wrong kernel fails thousands of times. */
inline bool note_failure() { return ++failures <= 20; }

#define CHECK(condition, ...)                                \
  do {                                                       \
    ++testing::checks;                                       \
    if (!(condition) && testing::note_failure()) {           \
      printf("%s:%d: %s: ", __FILE__, __LINE__, #condition); \
      printf(__VA_ARGS__);                                   \
      printf("\n");                                          \
    }                                                        \
  } while (0)

#define CHECK_OK(call)                                                        \
  do {                                                                        \
    const int32_t status_of_call = (call);                                    \
    CHECK(status_of_call == FL_OK, "%d %s", status_of_call, fl_last_error()); \
  } while (0)

inline int finish() {
  printf("%s: %ld checks, %d failures\n", fl_describe(), checks, failures);
  return failures == 0 ? 0 : 1;
}

template <class T> fl_address address(const T* p) { return static_cast<fl_address>(reinterpret_cast<intptr_t>(p)); }

/** Awkward sizes: around vector widths, around blocks, odd. */
inline const std::vector<int64_t>& sizes() {
  static const std::vector<int64_t> all = {1, 3, 15, 16, 17, 63, 1000, 4097, 100003};
  return all;
}

/** Distance in units of the last place of the expected value's type; equal infinities and two NaNs are 0 apart. */
template <class T> double ulps(T got, double expected) {
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) && std::isnan(got) ? 0 : 1e30;
  const T nearest = static_cast<T>(expected);
  if (got == nearest) return 0;
  if (std::isinf(nearest) || std::isinf(got)) return 1e30;
  const double unit =
      std::fabs(static_cast<double>(std::nextafter(std::fabs(nearest), std::numeric_limits<T>::infinity())) -
                static_cast<double>(std::fabs(nearest)));
  return std::fabs(static_cast<double>(got) - expected) / unit;
}

inline std::mt19937_64& random_engine() {
  static std::mt19937_64 engine(42);
  return engine;
}

inline double uniform(double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random_engine());
}

template <class T> std::vector<T> uniform_values(int64_t n, double low, double high) {
  std::vector<T> values(static_cast<size_t>(n));
  for (T& value : values) value = static_cast<T>(uniform(low, high));
  return values;
}

}  // namespace testing
#endif
