/*
 * Matrix products. y (m x n) = a (m x k) @ c (k x n), any strides for a and c, optionally plus a row of biases.
 *
 * The heart is a tile: a few rows of a times a few vectors of columns of c, summed in registers over a block of k, in
 * the order of k. Every element is summed in that one order whatever tile it falls into and whichever thread computes
 * it. Operands that do not suit the tile are packed first: a into panels of kTileRows rows, c into panels of kWidth
 * columns padded with zeros. Nothing is ever skipped, so NaN and infinities spread as in the plain sums.
 */
#ifndef FLAMBEAU_KERNELS_MATMUL_INL
#define FLAMBEAU_KERNELS_MATMUL_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {
namespace matrices {

/** Rows of a tile in float32 and float64: what the vector registers hold beside two vectors of c and one of a. */
constexpr int kVectorBytes = FL_VECTOR_BYTES;
#if FL_VECTOR_BYTES == 64
constexpr int kFloatRows = 12;
#elif FL_VECTOR_BYTES == 32
constexpr int kFloatRows = 6;
#elif defined(__aarch64__)
constexpr int kFloatRows = 8;
#else
constexpr int kFloatRows = 4;
#endif

/** The register block for an element type. Integers are products of unsigned numbers: they wrap. */
template <class T>
struct Block {
  static constexpr bool floating = IsFloating<T>::value;
  static constexpr int lanes = kVectorBytes / int(sizeof(T));
  static constexpr int rows = floating ? kFloatRows : 4;
  static constexpr int vectors = floating ? 2 : 1;
  static constexpr int width = lanes * vectors;
  static constexpr int64_t depth = 384;  // of k at a time: a panel of c stays in the nearest caches
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  typedef T Unaligned __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias));
};

template <class T>
FL_HD typename Block<T>::Vector load_vector(const T* from) {
  return *reinterpret_cast<const typename Block<T>::Unaligned*>(from);
}
template <class T>
FL_HD void store_vector(T* to, typename Block<T>::Vector value) {
  *reinterpret_cast<typename Block<T>::Unaligned*>(to) = value;
}

/** count elements, fewer than 2 N, in steps that the compiler knows. */
template <class T, int N>
FL_HD void copy_part(T* to, const T* from, int64_t count) {
  if constexpr (N > 0) {
    if (count & N) {
      __builtin_memcpy(to, from, N * sizeof(T));
      to += N;
      from += N;
    }
    copy_part<T, N / 2>(to, from, count);
  }
}
/** The first count lanes, the others 0. */
template <class T>
FL_HD typename Block<T>::Vector load_part(const T* from, int64_t count) {
  alignas(kVectorBytes) T line[Block<T>::lanes] = {};
  copy_part<T, Block<T>::lanes>(line, from, count);
  return load_vector(line);
}
template <class T>
FL_HD void store_part(T* to, typename Block<T>::Vector value, int64_t count) {
  alignas(kVectorBytes) T line[Block<T>::lanes];
  store_vector(line, value);
  copy_part<T, Block<T>::lanes>(to, line, count);
}

/** One product; strides in elements. */
template <class T>
struct Product {
  int64_t m, n, k;
  const T* a;
  int64_t a_row, a_column;
  const T* c;
  int64_t c_row, c_column;
  const T* bias;
  T* y;
  int64_t y_row;
};

/**
 * R rows times V vectors of columns over k: y = (accumulate ? y : 0) + a @ c + bias. Rows of c lie c_row apart and hold
 * V whole vectors; only `columns` of them are written. Packed: rows of a are next to each other.
 */
template <class T, int R, int V, bool Packed>
FL_HD void tile(int64_t k, const T* a, int64_t a_row, int64_t a_column, const T* c, int64_t c_row, T* y, int64_t y_row,
                int64_t columns, const T* bias, bool accumulate) {
  using Vector = typename Block<T>::Vector;
  constexpr int lanes = Block<T>::lanes, groups = (R + 2) / 3;
  Vector sum[R][V];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < V; ++j) sum[i][j] = Vector{};
  const T* row[groups];  // every third row: the rows between are reached by address arithmetic of the processor
  int64_t step = Packed ? 1 : a_row;
#pragma GCC unroll 8
  for (int g = 0; g < groups; ++g) row[g] = a + 3 * g * step;
  for (int64_t p = 0; p < k; ++p) {
    Vector right[V];
#pragma GCC unroll 8
    for (int j = 0; j < V; ++j) right[j] = load_vector(c + j * lanes);
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      Vector left = Vector{} + row[i / 3][(i % 3) * step];
#pragma GCC unroll 8
      for (int j = 0; j < V; ++j) sum[i][j] += left * right[j];
    }
    c += c_row;
#pragma GCC unroll 8
    for (int g = 0; g < groups; ++g) row[g] += a_column;
  }
  if (columns == V * lanes) {
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
      for (int j = 0; j < V; ++j) {
        T* to = y + i * y_row + j * lanes;
        if (accumulate) sum[i][j] += load_vector(to);
        if (bias) sum[i][j] += load_vector(bias + j * lanes);
        store_vector(to, sum[i][j]);
      }
    return;
  }
#pragma GCC unroll 8
  for (int j = 0; j < V; ++j) {
    const int64_t count = min_of(columns - j * lanes, lanes);
    if (count <= 0) return;
    const Vector last = bias ? load_part(bias + j * lanes, count) : Vector{};
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      T* to = y + i * y_row + j * lanes;
      if (accumulate) sum[i][j] += load_part(to, count);
      if (bias) sum[i][j] += last;
      store_part(to, sum[i][j], count);
    }
  }
}

/** What the tiles of one column panel share. */
template <class T>
struct Panel {
  int64_t k;
  const T* c;
  int64_t c_row, y_row, columns;
  const T* bias;
  bool accumulate;
};

/** A tile, compiled on its own: one loop with all registers to itself. */
template <class T, int R, int V, bool Packed>
__attribute__((noinline)) void panel_tile(const Panel<T>& panel, const T* a, int64_t a_row, int64_t a_column, T* y) {
  tile<T, R, V, Packed>(panel.k, a, a_row, a_column, panel.c, panel.c_row, y, panel.y_row, panel.columns, panel.bias,
                        panel.accumulate);
}

/** m rows, at most Block::rows, in the largest tiles that fit. */
template <class T, int V, bool Packed>
void panel_rows(const Panel<T>& panel, int64_t m, const T* a, int64_t a_row, int64_t a_column, T* y) {
  constexpr int most = Block<T>::rows;
  constexpr int half = most >= 12 ? 8 : most / 2, quarter = most >= 8 ? 4 : 1;
  int64_t i = 0;
  for (; i + most <= m; i += most)
    panel_tile<T, most, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
  for (; i + half <= m; i += half)
    panel_tile<T, half, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
  for (; i + quarter <= m; i += quarter)
    panel_tile<T, quarter, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
  for (; i < m; ++i) panel_tile<T, 1, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
}

template <class T, bool Packed>
void panel_any(const Panel<T>& panel, int64_t m, const T* a, int64_t a_row, int64_t a_column, T* y) {
  if (panel.columns <= Block<T>::lanes) return panel_rows<T, 1, Packed>(panel, m, a, a_row, a_column, y);
  panel_rows<T, Block<T>::vectors, Packed>(panel, m, a, a_row, a_column, y);
}

/** Turns a square of vectors: lane j of vector i becomes lane i of vector j. */
template <class T>
FL_HD void transpose_square(typename Block<T>::Vector* v) {
  using Vector = typename Block<T>::Vector;
  using Places = decltype(Vector{} < Vector{});
  constexpr int lanes = Block<T>::lanes;
  Places low, high;
#pragma GCC unroll 16
  for (int i = 0; i < lanes; ++i) {
    low[i] = i / 2 + (i % 2) * lanes;
    high[i] = low[i] + lanes / 2;
  }
#pragma GCC unroll 4
  for (int span = 1; span < lanes; span *= 2) {
    Vector mixed[lanes];
#pragma GCC unroll 8
    for (int i = 0; i < lanes / 2; ++i) {
      mixed[2 * i] = __builtin_shuffle(v[i], v[i + lanes / 2], low);
      mixed[2 * i + 1] = __builtin_shuffle(v[i], v[i + lanes / 2], high);
    }
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i) v[i] = mixed[i];
  }
}

/** Copies `columns` columns of c (k rows) into a panel `width` wide; zeros fill the last vector. */
template <class T>
void pack_columns(int64_t k, int64_t columns, int64_t width, const T* c, int64_t c_row, int64_t c_column, T* panel) {
  constexpr int lanes = Block<T>::lanes;
  for (int64_t j = 0; j < columns; j += lanes) {
    const T* from = c + j * c_column;
    T* to = panel + j;
    const int count = static_cast<int>(min_of(lanes, columns - j));
    int64_t p = 0;
    if constexpr (Block<T>::floating) {
      for (; c_row == 1 && p + lanes <= k; p += lanes) {
        typename Block<T>::Vector square[lanes];
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) {
          square[i] = typename Block<T>::Vector{};
          if (i < count) square[i] = load_vector(from + i * c_column + p);
        }
        transpose_square<T>(square);
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) store_vector(to + (p + i) * width, square[i]);
      }
    }
    if (c_column == 1 && count == lanes) {
      for (; p < k; ++p) store_vector(to + p * width, load_vector(from + p * c_row));
    }
    for (; p < k; ++p) {
      for (int i = 0; i < count; ++i) to[p * width + i] = from[p * c_row + i * c_column];
      for (int i = count; i < lanes; ++i) to[p * width + i] = T(0);
    }
  }
}

/** Copies `count` rows of a (k columns) next to each other, `rows` apart per k. */
template <class T>
void pack_rows(int64_t k, int64_t count, int64_t rows, const T* a, int64_t a_row, int64_t a_column, T* panel) {
  if (a_row == 1) {
    for (int64_t p = 0; p < k; ++p)
      for (int64_t i = 0; i < count; ++i) panel[p * rows + i] = a[p * a_column + i];
  } else {
    for (int64_t i = 0; i < count; ++i)
      for (int64_t p = 0; p < k; ++p) panel[p * rows + i] = a[i * a_row + p * a_column];
  }
}

FL_HD int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** Do steps of this many elements keep hitting the same cache sets? */
template <class T>
FL_HD bool aliases(int64_t stride) {
  return stride * int64_t(sizeof(T)) % 4096 == 0;
}

/** What it costs to multiply and add once, in nanoseconds: the pool's yardstick. */
template <class T>
constexpr double kPairNs = Block<T>::floating ? 0.4 / Block<T>::lanes : 0.25;

/** The general product, block of k by block of k: pack what needs it, then all tiles. */
template <class T>
int32_t product_tiles(const Product<T>& g) {
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
template <class T>
FL_HD T dot(int64_t k, const T* x, const T* w) {
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
template <class T>
void row_times_columns(const Product<T>& g, const T* x, T* y, int64_t y_step, int64_t bias_step) {
  parallel_for(g.n, g.k * kPairNs<T> + 2, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j) {
      T sum = dot(g.k, x, g.c + j * g.c_column);
      if (g.bias) sum += g.bias[j * bias_step];
      y[j * y_step] = sum;
    }
  });
}

/** One row of a times c, whose rows hold their elements next to each other: many columns at a time. */
template <class T>
void row_times_rows(const Product<T>& g) {
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
template <class T>
void product_tiny(const Product<T>& g) {
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) {
      T sum = T(0);
      for (int64_t p = 0; p < g.k; ++p) sum += g.a[i * g.a_row + p * g.a_column] * g.c[p * g.c_row + j * g.c_column];
      g.y[i * g.y_row + j] = g.bias ? sum + g.bias[j] : sum;
    }
  }
}

/** One product by our own kernels: tiny ones, single rows and single columns have a way of their own. */
template <class T>
int32_t product_own(const Product<T>& g) {
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
template <class T>
constexpr double kCrossover = sizeof(T) == 4 || kVectorBytes == 64 ? kCube256 : kCube128;

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
template <class T>
bool wants_blas(const Product<T>& g) {
  if constexpr (!Block<T>::floating) return false;
  int form, leading;
  constexpr int64_t most = 2147483647;
  return double(g.m) * double(g.n) * double(g.k) > kCrossover<T> && g.m > 4 && g.n > 4 && g.m <= most && g.n <= most &&
         g.k <= most && g.y_row <= most && g.y_row >= g.n && blas_form(g.m, g.k, g.a_row, g.a_column, form, leading) &&
         blas_form(g.k, g.n, g.c_row, g.c_column, form, leading);
}

/** By BLAS, one thread a call: the longer side of y is cut into a piece for each thread. */
template <class T>
void product_blas(const Blas& blas, const Product<T>& g) {
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
    case FL_FLOAT32:
      return run(Tag<float>());
    case FL_FLOAT64:
      return run(Tag<double>());
    case FL_INT64:
      return run(Tag<uint64_t>());
    case FL_INT32:
      return run(Tag<uint32_t>());
    case FL_UINT8:
      return run(Tag<uint8_t>());
    default:
      return unsupported("matmul", dtype);
  }
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
