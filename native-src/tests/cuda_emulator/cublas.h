/*
 * What the emulated cuBLAS and cuBLASLt share: their answers, types, records, and the product itself. They follow what
 * NVIDIA's documentation demands (https://docs.nvidia.com/cuda/cublas/), and are strict: a call that the documentation
 * does not allow is refused, also where the real library would take the risk; and so is what Flambeau never means to
 * do, such as running on the default stream. What they compute is queued on the stream, as a kernel is. What src/cuda
 * declares of cuBLAS is not used here: each side checks the other.
 *
 * FLAMBEAU_EMULATED_CUBLAS names a file to which each call that multiplies, or looks for an algorithm, adds a line; a
 * line "FUNCTION STATUS TIMES" in the file of that name with ".fail" lets that function fail so often; a line
 * "ReluOfNaN 1 TIMES" lets cuBLASLt's ReLU make 0 of NaN, which nothing in its documentation forbids.
 */
#ifndef FLAMBEAU_TESTS_CUBLAS_H
#define FLAMBEAU_TESTS_CUBLAS_H
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../../src/shared/half.h"
#include "queue.h"

#define FL_EMULATED extern "C" __attribute__((visibility("default")))

namespace emulated {

enum Status {
  kSuccess = 0,
  kNotInitialized = 1,
  kInvalidValue = 7,
  kArchMismatch = 8,
  kExecutionFailed = 13,
  kNotSupported = 15
};
enum Type { kFloat = 0, kDouble = 1, kHalf = 2, kBrain = 14 };
enum Compute { kSumFloat = 68, kSumDouble = 70, kSumTf32 = 77 };
enum Operation { kPlain = 0, kTransposed = 1, kConjugated = 2 };

/* ------------------------------------------------------------------------------------------------------- records */
inline const char* record_file() {
  static const char* file = getenv("FLAMBEAU_EMULATED_CUBLAS");
  return file;
}

/** Writes down what was asked for and what is answered; passes the answer on. */
__attribute__((format(printf, 2, 3))) inline int answer(int status, const char* format, ...) {
  if (record_file() == nullptr) return status;
  char line[512];
  va_list values;
  va_start(values, format);
  vsnprintf(line, sizeof line, format, values);
  va_end(values);
  if (FILE* file = fopen(record_file(), "a")) {
    fprintf(file, "%s -> %d\n", line, status);
    fclose(file);
  }
  return status;
}

/** The status that a test wants this function to fail with; 0: none. */
inline int wanted_failure(const char* function) {
  if (record_file() == nullptr) return kSuccess;
  const std::string wishes = std::string(record_file()) + ".fail";
  FILE* file = fopen(wishes.c_str(), "r");
  if (file == nullptr) return kSuccess;
  char name[128];
  int status = 0, times = 0, wanted = kSuccess;
  std::string left;
  while (fscanf(file, "%127s %d %d", name, &status, &times) == 3) {
    if (strcmp(name, function) == 0 && times > 0) wanted = status, --times;
    left += std::string(name) + " " + std::to_string(status) + " " + std::to_string(times) + "\n";
  }
  fclose(file);
  if (wanted == kSuccess) return kSuccess;
  if (FILE* written = fopen(wishes.c_str(), "w")) {
    fputs(left.c_str(), written);
    fclose(written);
  }
  return wanted;
}

/* --------------------------------------------------------------------------------------------------------- types */
inline bool is_half(int type) { return type == kHalf || type == kBrain; }
inline size_t width(int type) { return type == kDouble ? 8 : type == kFloat ? 4 : 2; }
inline bool is_type(int type) { return type == kFloat || type == kDouble || type == kHalf || type == kBrain; }
inline bool is_operation(int operation) { return operation >= kPlain && operation <= kConjugated; }
inline bool is_aligned(const void* address, uint64_t bytes) {
  return reinterpret_cast<uintptr_t>(address) % bytes == 0;
}

/** May a and b of one type give a result of another, summed and scaled so? Of the documented table, what is real. */
inline bool is_combination(int compute, int scale, int from, int to) {
  switch (compute) {
    case kSumFloat:
      return scale == kFloat &&
             ((from == kFloat && to == kFloat) || ((from == kHalf || from == kBrain) && (to == from || to == kFloat)));
    case kSumTf32: return scale == kFloat && from == kFloat && to == kFloat;
    case kSumDouble: return scale == kDouble && from == kDouble && to == kDouble;
    default: return false;
  }
}

using flambeau::FL_ISA::BFloat16;
using flambeau::FL_ISA::Half;

template <class S> S load(const void* from, int type, int64_t i) {
  switch (type) {
    case kFloat: return static_cast<S>(static_cast<const float*>(from)[i]);
    case kDouble: return static_cast<S>(static_cast<const double*>(from)[i]);
    case kHalf: return static_cast<S>(flambeau::FL_ISA::widen(static_cast<const Half*>(from)[i]));
    default: return static_cast<S>(flambeau::FL_ISA::widen(static_cast<const BFloat16*>(from)[i]));
  }
}
template <class S> void store(void* to, int type, int64_t i, S value) {
  switch (type) {
    case kFloat: static_cast<float*>(to)[i] = static_cast<float>(value); break;
    case kDouble: static_cast<double*>(to)[i] = static_cast<double>(value); break;
    case kHalf: flambeau::FL_ISA::narrow(static_cast<float>(value), static_cast<Half*>(to)[i]); break;
    default: flambeau::FL_ISA::narrow(static_cast<float>(value), static_cast<BFloat16*>(to)[i]);
  }
}

/** What a tensor core keeps of a float: 10 bits of the fraction, rounded to nearest. */
inline float as_tf32(float x) {
  if (!isfinite(x)) return x;
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x1000u) & ~0x1fffu;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* ------------------------------------------------------------------------------------------------------ products */
/** A column-major matrix in device memory. */
struct Matrix {
  const void* at;
  int type;
  int operation;
  int64_t leading;
};

/** Row by row (or, for `columns`, column by column) what operation(x) is, rows x columns, in the type of the sums. */
template <class S> std::vector<S> dense(const Matrix& x, int64_t rows, int64_t columns, bool by_columns, bool tf32) {
  std::vector<S> all(static_cast<size_t>(rows * columns));
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t i = 0; i < rows; ++i) {
      S value = load<S>(x.at, x.type, x.operation == kPlain ? i + j * x.leading : j + i * x.leading);
      if (tf32) value = static_cast<S>(as_tf32(static_cast<float>(value)));
      all[static_cast<size_t>(by_columns ? j * rows + i : i * columns + j)] = value;
    }
  }
  return all;
}

/**
 * d = finish(alpha a b + beta c, row), m x n; with beta 0, c is not read. narrow: the depth is shared out, and the sums
 * of its parts have the type of the result before they are added up, as is allowed where nobody forbids it.
 */
struct Product {
  int compute;
  int64_t m, n, k;
  double alpha, beta;
  Matrix a, b, c;
  void* d;
  int64_t d_leading;
  std::function<double(double, int64_t)> finish;
  bool narrow;
};

/** What is left of a value in a type. */
template <class S> S rounded(int type, S value) {
  uint64_t bits;
  store<S>(&bits, type, 0, value);
  return load<S>(&bits, type, 0);
}

template <class S> void multiply_as(const Product& p) {
  const bool tf32 = p.compute == kSumTf32;
  const std::vector<S> left = dense<S>(p.a, p.m, p.k, false, tf32), right = dense<S>(p.b, p.k, p.n, true, tf32);
  for (int64_t j = 0; j < p.n; ++j) {
    for (int64_t i = 0; i < p.m; ++i) {
      const S *x = &left[static_cast<size_t>(i * p.k)], *y = &right[static_cast<size_t>(j * p.k)];
      S sum = 0, before = 0;
      for (int64_t l = 0; l < p.k; ++l) {
        if (p.narrow && l == p.k / 2) before = rounded(p.c.type, sum), sum = 0;
        sum += x[l] * y[l];
      }
      if (p.narrow) sum = rounded(p.c.type, sum) + before;
      sum *= static_cast<S>(p.alpha);
      if (p.beta != 0) sum += static_cast<S>(p.beta) * load<S>(p.c.at, p.c.type, i + j * p.c.leading);
      const S last = p.finish ? static_cast<S>(p.finish(static_cast<double>(sum), i)) : sum;
      store<S>(p.d, p.c.type, i + j * p.d_leading, last);
    }
  }
}
inline void multiply(const Product& p) { p.compute == kSumDouble ? multiply_as<double>(p) : multiply_as<float>(p); }

/** A scalar that lies in the host's memory. */
inline double scalar(const void* at, int compute) {
  return compute == kSumDouble ? *static_cast<const double*>(at) : static_cast<double>(*static_cast<const float*>(at));
}

inline int queue(void* stream, const char* op, std::function<void()> work) {
  auto* queue = static_cast<EmulatedQueue*>(stream);
  return queue->take(queue, op, std::move(work)) == 0 ? kSuccess : kExecutionFailed;
}

}  // namespace emulated
#endif
