/*
 * Matrix products. y (m x n) = a (m x k) @ c (k x n), any strides for a and c, optionally plus a row of biases, and an activation.
 *
 * Every element is summed in the order of k, whatever tile it falls into and whichever thread computes it (single rows
 * have an order of their own). Nothing is ever skipped, so NaN and infinities spread as in the plain sums.
 */
#ifndef FLAMBEAU_KERNELS_MATMUL_INL
#define FLAMBEAU_KERNELS_MATMUL_INL
#include "matvec.h"

namespace flambeau {
namespace FL_ISA {
namespace matrices {

/** Is this so small that setting up anything costs more than computing it? */
template <class T> FL_HD bool is_tiny(const Product<T>& g) {
  constexpr int64_t kTiny = 128;
  return g.m <= kTiny && g.n <= kTiny && g.k <= kTiny && g.m * g.n * g.k <= kTiny;
}

/** A tiny product whose rows of y fit a vector: the columns of c go into the lanes. */
template <class T> FL_HD void product_tiny_lanes(const Product<T>& g) {
  using Vector = typename Block<T>::Vector;
  constexpr int64_t lanes = Block<T>::lanes;
  alignas(kVectorBytes) T packed[8 * lanes];
  const T* c = g.c;
  int64_t c_row = g.c_row;
  if (g.c_column != 1) {
    for (int64_t p = 0; p < g.k; ++p)
      for (int64_t j = 0; j < g.n; ++j) packed[p * lanes + j] = g.c[p * g.c_row + j * g.c_column];
    c = packed;
    c_row = lanes;
  }
  Vector right[8];
  for (int64_t p = 0; p < g.k; ++p) right[p] = load_part(c + p * c_row, g.n);
  const Vector last = g.bias ? load_part(g.bias, g.n) : Vector{};
  for (int64_t i = 0; i < g.m; ++i) {
    Vector sum = {};
    for (int64_t p = 0; p < g.k; ++p) sum += (g.a[i * g.a_row + p * g.a_column] - Vector{}) * right[p];
    if (g.bias) sum += last;
    store_part(g.y + i * g.y_row, sum, g.n);
  }
}

/** A tiny product. */
template <class T> void product_tiny(const Product<T>& g) {
  if constexpr (Block<T>::masks) {
    if (g.n > 1 && g.n <= Block<T>::lanes && g.k <= 8) return product_tiny_lanes(g);
  }
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) {
      T sum = T(0);
      for (int64_t p = 0; p < g.k; ++p) sum += g.a[i * g.a_row + p * g.a_column] * g.c[p * g.c_row + j * g.c_column];
      g.y[i * g.y_row + j] = g.bias ? sum + g.bias[j] : sum;
    }
  }
}

/** The sums of tiny products, single rows and single columns, which have a way of their own. False: it is none. */
template <class T> bool product_slim(const Product<T>& g) {
  if (is_tiny(g)) {
    product_tiny(g);
    return true;
  }
  constexpr int64_t kFewRows = 4;  // up to here packing c costs more than reading it once per row
  if (g.c_row == 1 && g.a_column == 1 && (g.m == 1 || (g.m <= kFewRows && g.k >= Block<T>::lanes))) {
    for (int64_t i = 0; i < g.m; ++i) row_times_columns(g, g.a + i * g.a_row, g.y + i * g.y_row, 1, 1);
    return true;
  }
  if (g.m == 1 && g.c_column == 1) {
    row_times_rows(g);
    return true;
  }
  if (g.n == 1 && g.c_row == 1 && g.a_column == 1) {  // the same with the operands swapped
    Product<T> swapped = {1, g.m, g.k, g.c, 0, 1, g.a, 1, g.a_row, g.bias, nullptr, 0};
    row_times_columns(swapped, g.c, g.y, g.y_row, 0);
    return true;
  }
  if (g.n == 1 && g.a_row == 1 && g.y_row == 1 && !g.bias) {
    row_times_rows(Product<T>{1, g.m, g.k, g.c, 0, g.c_row, g.a, g.a_column, 1, nullptr, g.y, 1});
    return true;
  }
  return false;
}

/** One product by our own kernels. */
template <class T> int32_t product_own(const Product<T>& g) {
  if (!product_slim(g)) return product_blocks(g);
  activate(g, 0, g.m, 0, g.n);
  return FL_OK;
}

/**
 * Products of up to so many multiplications are ours; beyond, OpenBLAS is faster (on Zen 4 in float64 by a tenth) or it
 * does not matter. In float32 with AVX-512 ours are faster at all sizes, or as fast. The one table of crossovers.
 */
constexpr double kCube128 = 128.0 * 128 * 128, kCube256 = 256.0 * 256 * 256, kNever = 1e300;
template <class T>
constexpr double kCrossover = kVectorBytes == 64 ? (sizeof(T) == 4 ? kNever : kCube256)
                                                 : (sizeof(T) == 4 ? kCube256 : kCube128);

FL_HD void blas_product(const Blas& blas, int left, int right, int m, int n, int k, const float* a, int lda,
                        const float* c, int ldc, float beta, float* y, int ldy) {
  blas.sgemm(kRowMajor, left, right, m, n, k, 1.0f, a, lda, c, ldc, beta, y, ldy);
}
FL_HD void blas_product(const Blas& blas, int left, int right, int m, int n, int k, const double* a, int lda,
                        const double* c, int ldc, double beta, double* y, int ldy) {
  blas.dgemm(kRowMajor, left, right, m, n, k, 1.0, a, lda, c, ldc, beta, y, ldy);
}

/** An operand as BLAS takes it: dense rows or columns, and a leading dimension that an int holds. */
FL_HD bool blas_form(int64_t rows, int64_t columns, int64_t row, int64_t column, int& form, int& leading) {
  bool plain = column == 1 && row >= columns;
  if (!plain && !(row == 1 && column >= rows)) return false;
  int64_t distance = plain ? row : column;
  form = plain ? kNoTrans : kTrans;
  leading = static_cast<int>(distance);
  return distance == leading;
}

/** Is this a product that BLAS should compute, as far as its size and strides go? */
template <class T> bool wants_blas(const Product<T>& g) {
  if constexpr (!Block<T>::floating) return false;
  int form, leading;
  constexpr int64_t most = 2147483647;
  return double(g.m) * double(g.n) * double(g.k) > kCrossover<T> && g.m > 4 && g.n > 4 && g.m <= most && g.n <= most &&
         g.k <= most && g.y_row <= most && g.y_row >= g.n && blas_form(g.m, g.k, g.a_row, g.a_column, form, leading) &&
         blas_form(g.k, g.n, g.c_row, g.c_column, form, leading);
}

/** By BLAS, one thread a call: the longer side of y is cut into a piece for each thread. */
template <class T> void product_blas(const Blas& blas, const Product<T>& g) {
  int left, right, lda, ldc;
  blas_form(g.m, g.k, g.a_row, g.a_column, left, lda);
  blas_form(g.k, g.n, g.c_row, g.c_column, right, ldc);
  bool by_rows = g.m >= g.n;
  int64_t side = by_rows ? g.m : g.n, other = by_rows ? g.n : g.m;
  int64_t piece = (ceil_div(side, threads()) + 47) / 48 * 48;
  parallel_for(ceil_div(side, piece), piece * double(other) * g.k * kPairNs<T>, [&](int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; ++s) {
      int64_t first = s * piece, count = min_of(piece, side - first);
      int64_t i = by_rows ? first : 0, j = by_rows ? 0 : first;
      int64_t m = by_rows ? count : g.m, n = by_rows ? g.n : count;
      T* y = g.y + i * g.y_row + j;
      if (g.bias)
        for (int64_t r = 0; r < m; ++r)
          for (int64_t q = 0; q < n; ++q) y[r * g.y_row + q] = g.bias[j + q];
      blas_product(blas, left, right, int(m), int(n), int(g.k), g.a + i * g.a_row, lda, g.c + j * g.c_column, ldc,
                   T(g.bias ? 1 : 0), y, int(g.y_row));
      activate(g, i, m, j, n);
    }
  });
}

/** All products of the batch. */
template <class T>
int32_t product_batch(Product<T> g, int64_t batch, int64_t a_batch, int64_t c_batch, int64_t y_batch) {
  if (batch > 1 && c_batch == 0 && a_batch == g.m * g.a_row && y_batch == g.m * g.y_row) {
    g.m *= batch;  // one matrix c for all: the rows of all a's follow each other
    batch = 1;
  }
  const Blas* blas = nullptr;
  if constexpr (Block<T>::floating) {
    if (wants_blas(g)) {
      blas = flambeau::blas();
      if (!blas && !blas_refused()) return fail(FL_NEED_BLAS, "matmul: needs BLAS for this size");
    }
  }
  auto one = [&](int64_t b) -> int32_t {
    Product<T> item = g;
    item.a += b * a_batch;
    item.c += b * c_batch;
    item.y += b * y_batch;
    if constexpr (Block<T>::floating) {
      if (blas) {
        product_blas(*blas, item);
        return FL_OK;
      }
    }
    return product_own(item);
  };
  int32_t status = FL_OK;
  if (batch < threads()) {
    for (int64_t b = 0; b < batch && status == FL_OK; ++b) status = one(b);
    return status;
  }
  double cost = double(g.m) * double(g.n) * double(g.k) * kPairNs<T> + 20;
  parallel_for(batch, cost, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      int32_t now = one(b);
      if (now != FL_OK) __atomic_store_n(&status, now, __ATOMIC_RELAXED);
    }
  });
  return status;
}

template <class T>
int32_t multiply(int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k, fl_address a, int64_t a_batch,
                 int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch, int64_t c_row, int64_t c_column,
                 fl_address bias, fl_address y, int64_t y_batch, int64_t y_row) {
  Product<T> g = {m,
                  n,
                  k,
                  pointer<const T>(a),
                  a_row,
                  a_column,
                  pointer<const T>(c),
                  c_row,
                  c_column,
                  pointer<const T>(bias),
                  pointer<T>(y),
                  y_row,
                  activation};
  if (batch == 1 && is_tiny(g)) {  // before anything else is asked or prepared
    product_tiny(g);
    activate(g, 0, g.m, 0, g.n);
    return FL_OK;
  }
  return product_batch(g, batch, a_batch, c_batch, y_batch);
}

}  // namespace matrices

FL_KERNEL int32_t matmul(int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k,
                         fl_address a, int64_t a_batch, int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch,
                         int64_t c_row, int64_t c_column, fl_address bias, fl_address y, int64_t y_batch,
                         int64_t y_row) {
  return visit<kNumbers>("matmul", dtype, [&](auto tag) {
    using T = Signless<decltype(tag.value)>;
    return matrices::multiply<T>(activation, batch, m, n, k, a, a_batch, a_row, a_column, c, c_batch, c_row, c_column,
                                 bias, y, y_batch, y_row);
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
