/*
 * Matrix products: cuBLAS where it can, else tiles of our own, correct at any shape, stride and type. Sums of halves are
 * made in float.
 */
#include "blas.h"
#include "kernels.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

/* What products are summed in: unsigned integers, which wrap. */
template <class T> struct Sum { using type = Compute<T>; };
template <> struct Sum<int64_t> { using type = uint64_t; };
template <> struct Sum<int32_t> { using type = uint32_t; };
template <> struct Sum<uint8_t> { using type = uint32_t; };
template <class T> using SumType = typename Sum<T>::type;

/** A matrix as flambeau.h has it, of one of a batch. */
template <class T> struct Operand {
  T* at;
  int64_t batch, row, column;
};

/**
 * A tile of kSide x kSide results by 256 threads, kPer x kPer each; k goes by in steps of kDeep. While a step is
 * multiplied, the next one's elements are on their way to registers.
 */
template <class T, int kSide, int kPer, int kDeep>
__global__ void __launch_bounds__(256)
    product_kernel(int64_t m, int64_t n, int64_t k, Operand<const T> a, Operand<const T> c, const T* bias, Operand<T> y,
                   int32_t activation) {
  using S = SumType<T>;
  constexpr int kAcross = kSide / kPer;        // threads side by side
  constexpr int kLoads = kSide * kDeep / 256;  // elements of each operand that a thread brings
  static_assert(kAcross * kAcross == 256, "256 threads make a tile");
  __shared__ S left[kDeep][kSide + 4], right[kDeep][kSide + 4];
  const int thread = static_cast<int>(threadIdx.x), tx = thread % kAcross, ty = thread / kAcross;
  const int64_t row0 = static_cast<int64_t>(blockIdx.y) * kSide, column0 = static_cast<int64_t>(blockIdx.x) * kSide;
  const T* from_a = a.at + static_cast<int64_t>(blockIdx.z) * a.batch;
  const T* from_c = c.at + static_cast<int64_t>(blockIdx.z) * c.batch;
  T* to = y.at + static_cast<int64_t>(blockIdx.z) * y.batch;

  // Neighbouring threads bring neighbouring elements, along whichever dim is dense.
  const bool a_along_k = a.column == 1, c_along_k = c.row == 1 && c.column != 1;
  S next_a[kLoads], next_c[kLoads];
  const auto bring = [&](int64_t k0) {
#pragma unroll
    for (int j = 0; j < kLoads; ++j) {
      const int i = thread + j * 256;
      const int ak = a_along_k ? i % kDeep : i / kSide, am = a_along_k ? i / kDeep : i % kSide;
      const int ck = c_along_k ? i % kDeep : i / kSide, cn = c_along_k ? i / kDeep : i % kSide;
      next_a[j] = row0 + am < m && k0 + ak < k
                      ? static_cast<S>(to_compute(from_a[(row0 + am) * a.row + (k0 + ak) * a.column]))
                      : S(0);
      next_c[j] = column0 + cn < n && k0 + ck < k
                      ? static_cast<S>(to_compute(from_c[(k0 + ck) * c.row + (column0 + cn) * c.column]))
                      : S(0);
    }
  };
  const auto put_down = [&] {
#pragma unroll
    for (int j = 0; j < kLoads; ++j) {
      const int i = thread + j * 256;
      left[a_along_k ? i % kDeep : i / kSide][a_along_k ? i / kDeep : i % kSide] = next_a[j];
      right[c_along_k ? i % kDeep : i / kSide][c_along_k ? i / kDeep : i % kSide] = next_c[j];
    }
  };

  S sums[kPer][kPer];
#pragma unroll
  for (int i = 0; i < kPer; ++i) {
#pragma unroll
    for (int j = 0; j < kPer; ++j) sums[i][j] = S(0);
  }
  bring(0);
  for (int64_t k0 = 0; k0 < k; k0 += kDeep) {
    put_down();
    __syncthreads();
    if (k0 + kDeep < k) bring(k0 + kDeep);
#pragma unroll
    for (int p = 0; p < kDeep; ++p) {
      S of_a[kPer], of_c[kPer];
#pragma unroll
      for (int i = 0; i < kPer; ++i) {
        // Four neighbours, then the next four a quarter (half) of the tile on: banks are read without conflict.
        of_a[i] = left[p][i / 4 * (4 * kAcross) + ty * 4 + i % 4];
        of_c[i] = right[p][i / 4 * (4 * kAcross) + tx * 4 + i % 4];
      }
#pragma unroll
      for (int i = 0; i < kPer; ++i) {
#pragma unroll
        for (int j = 0; j < kPer; ++j) sums[i][j] += of_a[i] * of_c[j];
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < kPer; ++i) {
    const int64_t row = row0 + i / 4 * (4 * kAcross) + ty * 4 + i % 4;
#pragma unroll
    for (int j = 0; j < kPer; ++j) {
      const int64_t column = column0 + j / 4 * (4 * kAcross) + tx * 4 + j % 4;
      if (row < m && column < n) {
        S sum = sums[i][j];
        if (bias != nullptr) sum += static_cast<S>(to_compute(bias[column]));
        to[row * y.row + column] = from_compute<T>(activated(activation, static_cast<Compute<T>>(sum)));
      }
    }
  }
}

template <class T, int kSide, int kPer, int kDeep> int32_t multiply_tiles(Device& d, const Product& p) {
  constexpr int64_t kMostBatches = 65535;
  for (int64_t b = 0; b < p.batch; b += kMostBatches) {
    for (int64_t r = 0; r < p.m; r += kMostBatches * kSide) {
      const Operand<const T> a = {pointer<const T>(p.a) + b * p.a_batch + r * p.a_row, p.a_batch, p.a_row, p.a_column};
      const Operand<const T> c = {pointer<const T>(p.c) + b * p.c_batch, p.c_batch, p.c_row, p.c_column};
      const Operand<T> y = {pointer<T>(p.y) + b * p.y_batch + r * p.y_row, p.y_batch, p.y_row, 1};
      const int64_t rows = least(p.m - r, kMostBatches * kSide);
      const Grid grid = {dim3(static_cast<unsigned>(ceil_div(p.n, kSide)), static_cast<unsigned>(ceil_div(rows, kSide)),
                              static_cast<unsigned>(least(p.batch - b, kMostBatches))),
                         dim3(256)};
      const int32_t status = launch(d, "matmul", product_kernel<T, kSide, kPer, kDeep>, grid, rows, p.n, p.k, a, c,
                                    pointer<const T>(p.bias), y, p.activation);
      if (status != FL_OK) return status;
    }
  }
  return FL_OK;
}

}  // namespace

int32_t matmul(Device& d, int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k,
               fl_address a, int64_t a_batch, int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch,
               int64_t c_row, int64_t c_column, fl_address bias, fl_address y, int64_t y_batch, int64_t y_row) {
  const Product p = {dtype,    activation, batch,   m,     n,        k,    a, a_batch, a_row,
                     a_column, c,          c_batch, c_row, c_column, bias, y, y_batch, y_row};
  int32_t status = FL_OK;
  if (blas_multiply(d, p, &status)) return status;
  return visit_numbers("matmul", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    if constexpr (sizeof(SumType<T>) == 4 && IsFloating<SumType<T>>::value) {
      // Large tiles reuse more of what they load, but must be enough to fill the GPU.
      if (ceil_div(m, 128) * ceil_div(n, 128) * batch >= d.processors) return multiply_tiles<T, 128, 8, 8>(d, p);
    }
    return multiply_tiles<T, 64, 4, 16>(d, p);
  });
}

}  // namespace device
}  // namespace flambeau
