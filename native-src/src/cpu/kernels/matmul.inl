/*
 * Matrix products. y (m x n) = a (m x k) @ c (k x n), any strides for a and c, optionally plus a row of biases.
 *
 * Every element is summed in the order of k, whatever tile it falls into and whichever thread computes it (single rows
 * have an order of their own). Nothing is ever skipped, so NaN and infinities spread as in the plain sums.
 */
#ifndef FLAMBEAU_KERNELS_MATMUL_INL
#define FLAMBEAU_KERNELS_MATMUL_INL
#include "matmul_tile.inl"

namespace flambeau {
namespace FL_ISA {
namespace matrices {

/** One product; strides in elements. */
template <class T> struct Product {
  int64_t m, n, k;
  const T* a;
  int64_t a_row, a_column;
  const T* c;
  int64_t c_row, c_column;
  const T* bias;
  T* y;
  int64_t y_row;
};

FL_HD int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** Do steps of this many elements keep hitting the same cache sets? */
template <class T> FL_HD bool aliases(int64_t stride) { return stride * int64_t(sizeof(T)) % 4096 == 0; }

/** What it costs to multiply and add once, in nanoseconds: the pool's yardstick. */
template <class T> constexpr double kPairNs = Block<T>::floating ? 0.4 / Block<T>::lanes : 0.25;

/** The general product, block of k by block of k: pack what needs it, then all tiles. */
template <class T> int32_t product_tiles(const Product<T>& g) {
  constexpr int64_t rows = Block<T>::rows, width = Block<T>::width;
  int64_t depth = min_of(g.k, Block<T>::depth);
  int64_t panels = ceil_div(g.n, width), strips = ceil_div(g.m, rows);
  bool pack_a = g.n >= 8 * width || (g.n > width && ((g.a_row != 1 && g.a_column != 1) || aliases<T>(g.a_row)));
  bool pack_c = g.c_column != 1 || g.m >= 256 || (g.m >= 4 * rows && aliases<T>(g.c_row));
  bool ragged = !pack_c && g.n % width != 0;  // the last panel must not read past the rows' ends
  int64_t kept = pack_c ? panels : ragged ? 1 : 0;
  Scratch<T> room_a(pack_a ? strips * rows * depth : 0), room_c(kept * width * depth);
  if (!room_a || !room_c) return out_of_memory("matmul");
  T* packed_a = room_a.get();
  T* packed_c = room_c.get();

  // Blocks of rows: high enough to reuse a panel of c, low enough to keep every thread busy.
  int64_t high = 8;
  while (high > 1 && ceil_div(strips, high) * panels < 4 * threads()) high /= 2;
  int64_t blocks = ceil_div(strips, high);

  for (int64_t k0 = 0; k0 < g.k; k0 += depth) {
    int64_t kc = min_of(depth, g.k - k0);
    const T* a = g.a + k0 * g.a_column;
    const T* c = g.c + k0 * g.c_row;
    if (pack_a) {
      parallel_for(strips, rows * kc * 0.5, [&](int64_t begin, int64_t end) {
        for (int64_t s = begin; s < end; ++s)
          pack_rows(kc, min_of(rows, g.m - s * rows), rows, a + s * rows * g.a_row, g.a_row, g.a_column,
                    packed_a + s * rows * kc);
      });
    }
    if (kept) {
      parallel_for(kept, width * kc * 0.3, [&](int64_t begin, int64_t end) {
        for (int64_t s = begin; s < end; ++s) {
          int64_t j = (pack_c ? s : panels - 1) * width;
          pack_columns(kc, min_of(width, g.n - j), width, c + j * g.c_column, g.c_row, g.c_column,
                       packed_c + s * width * kc);
        }
      });
    }
    parallel_for(blocks * panels, high * rows * width * kc * kPairNs<T>, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; ++item) {
        int64_t i0 = item / panels * high * rows, s = item % panels, j = s * width;
        int64_t count = min_of(high * rows, g.m - i0);
        Panel<T> panel = {kc, c + j, g.c_row, g.y_row, min_of(width, g.n - j), nullptr, k0 > 0};
        if (pack_c || (ragged && s == panels - 1)) {
          panel.c = packed_c + (pack_c ? s : 0) * width * kc;
          panel.c_row = width;
        }
        if (g.bias && k0 + kc == g.k) panel.bias = g.bias + j;
        T* y = g.y + i0 * g.y_row + j;
        if (!pack_a) {
          const T* from = a + i0 * g.a_row;
          if (g.a_row == 1)
            panel_any<T, true>(panel, count, from, 1, g.a_column, y);
          else
            panel_any<T, false>(panel, count, from, g.a_row, g.a_column, y);
          continue;
        }
        for (int64_t i = 0; i < count; i += rows)
          panel_any<T, true>(panel, min_of(rows, count - i), packed_a + (i0 + i) * kc, 1, rows, y + i * g.y_row);
      }
    });
  }
  return FL_OK;
}

/** The sum of x[p] * w[p]: four vectors of partial sums, added up in a fixed order. */
template <class T> FL_HD T dot(int64_t k, const T* x, const T* w) {
  using Vector = typename Block<T>::Vector;
  constexpr int lanes = Block<T>::lanes;
  Vector sum[4] = {};
  int64_t p = 0;
  for (; p + 4 * lanes <= k; p += 4 * lanes)
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) sum[v] += load_vector(x + p + v * lanes) * load_vector(w + p + v * lanes);
  for (; p + lanes <= k; p += lanes) sum[0] += load_vector(x + p) * load_vector(w + p);
  Vector all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  T total = T(0);
  for (int i = 0; i < lanes; ++i) total += all[i];
  for (; p < k; ++p) total += x[p] * w[p];
  return total;
}

/** One row of a (elements next to each other) times c, whose columns hold their elements next to each other. */
template <class T> void row_times_columns(const Product<T>& g, const T* x, T* y, int64_t y_step, int64_t bias_step) {
  parallel_for(g.n, g.k * kPairNs<T> + 2, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j) {
      T sum = dot(g.k, x, g.c + j * g.c_column);
      if (g.bias) sum += g.bias[j * bias_step];
      y[j * y_step] = sum;
    }
  });
}

/** One row of a times c, whose rows hold their elements next to each other: many columns at a time. */
template <class T> void row_times_rows(const Product<T>& g) {
  constexpr int64_t lanes = Block<T>::lanes, wide = 8 * lanes;
  parallel_for(ceil_div(g.n, wide), wide * g.k * kPairNs<T>, [&](int64_t begin, int64_t end) {
    int64_t stop = min_of(end * wide, g.n), j = begin * wide;
    auto next = [&] { return g.bias ? g.bias + j : nullptr; };
    for (; j + wide <= stop; j += wide)
      tile<T, 1, 8, false>(g.k, g.a, 0, g.a_column, g.c + j, g.c_row, g.y + j, 0, wide, next(), false);
    for (; j + lanes <= stop; j += lanes)
      tile<T, 1, 1, false>(g.k, g.a, 0, g.a_column, g.c + j, g.c_row, g.y + j, 0, lanes, next(), false);
    for (; j < stop; ++j) {
      T sum = T(0);
      for (int64_t p = 0; p < g.k; ++p) sum += g.a[p * g.a_column] * g.c[p * g.c_row + j];
      g.y[j] = g.bias ? sum + g.bias[j] : sum;
    }
  });
}

/** A product so small that setting up anything costs more than computing it. */
template <class T> void product_tiny(const Product<T>& g) {
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) {
      T sum = T(0);
      for (int64_t p = 0; p < g.k; ++p) sum += g.a[i * g.a_row + p * g.a_column] * g.c[p * g.c_row + j * g.c_column];
      g.y[i * g.y_row + j] = g.bias ? sum + g.bias[j] : sum;
    }
  }
}

/** One product by our own kernels: tiny ones, single rows and single columns have a way of their own. */
template <class T> int32_t product_own(const Product<T>& g) {
  constexpr int64_t kTiny = 128;
  if (g.m <= kTiny && g.n <= kTiny && g.k <= kTiny && g.m * g.n * g.k <= kTiny) {
    product_tiny(g);
    return FL_OK;
  }
  constexpr int64_t kFewRows = 4;  // up to here packing c costs more than reading it once per row
  if (g.c_row == 1 && g.a_column == 1 && (g.m == 1 || (g.m <= kFewRows && g.k >= Block<T>::lanes))) {
    for (int64_t i = 0; i < g.m; ++i) row_times_columns(g, g.a + i * g.a_row, g.y + i * g.y_row, 1, 1);
    return FL_OK;
  }
  if (g.m == 1 && g.c_column == 1) {
    row_times_rows(g);
    return FL_OK;
  }
  if (g.n == 1 && g.c_row == 1 && g.a_column == 1) {  // the same with the operands changed over
    Product<T> turned = {1, g.m, g.k, g.c, 0, 1, g.a, 1, g.a_row, g.bias, nullptr, 0};
    row_times_columns(turned, g.c, g.y, g.y_row, 0);
    return FL_OK;
  }
  if (g.n == 1 && g.a_row == 1 && g.y_row == 1 && !g.bias) {
    row_times_rows(Product<T>{1, g.m, g.k, g.c, 0, g.c_row, g.a, g.a_column, 1, nullptr, g.y, 1});
    return FL_OK;
  }
  return product_tiles(g);
}

/**
 * Products of up to so many multiplications are ours; beyond, OpenBLAS is faster (on Zen 4, by a tenth in float32 and
 * up to two fifths with AVX2 alone) or it does not matter. The one table of crossovers.
 */
constexpr double kCube128 = 128.0 * 128 * 128, kCube256 = 256.0 * 256 * 256;
template <class T> constexpr double kCrossover = sizeof(T) == 4 || kVectorBytes == 64 ? kCube256 : kCube128;

FL_HD void blas_product(const Blas& blas, int left, int right, int m, int n, int k, const float* a, int lda,
                        const float* c, int ldc, float beta, float* y, int ldy) {
  blas.sgemm(kRowMajor, left, right, m, n, k, 1.0f, a, lda, c, ldc, beta, y, ldy);
}
FL_HD void blas_product(const Blas& blas, int left, int right, int m, int n, int k, const double* a, int lda,
                        const double* c, int ldc, double beta, double* y, int ldy) {
  blas.dgemm(kRowMajor, left, right, m, n, k, 1.0, a, lda, c, ldc, beta, y, ldy);
}

/** An operand in BLAS's words: rows or columns next to each other, and an int's worth of distance between them. */
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
int32_t multiply(int64_t batch, int64_t m, int64_t n, int64_t k, fl_address a, int64_t a_batch, int64_t a_row,
                 int64_t a_column, fl_address c, int64_t c_batch, int64_t c_row, int64_t c_column, fl_address bias,
                 fl_address y, int64_t y_batch, int64_t y_row) {
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
                  y_row};
  return product_batch(g, batch, a_batch, c_batch, y_batch);
}

}  // namespace matrices

FL_KERNEL int32_t matmul(int32_t dtype, int64_t batch, int64_t m, int64_t n, int64_t k, fl_address a, int64_t a_batch,
                         int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch, int64_t c_row,
                         int64_t c_column, fl_address bias, fl_address y, int64_t y_batch, int64_t y_row) {
  auto run = [&](auto tag) {
    return matrices::multiply<decltype(tag.value)>(batch, m, n, k, a, a_batch, a_row, a_column, c, c_batch, c_row,
                                                   c_column, bias, y, y_batch, y_row);
  };
  switch (dtype) {
    case FL_FLOAT32: return run(Tag<float>());
    case FL_FLOAT64: return run(Tag<double>());
    case FL_INT64: return run(Tag<uint64_t>());
    case FL_INT32: return run(Tag<uint32_t>());
    case FL_UINT8: return run(Tag<uint8_t>());
    default: return unsupported("matmul", dtype);
  }
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
