/*
 * The micro-kernel of a matrix product: a tile, a few rows of a times a few vectors of columns of c, summed in
 * registers over a block of k, in the order of k; and the packing of operands that do not suit it: a into panels of
 * Block::rows rows, c into panels of Block::width columns padded with zeros.
 */
#ifndef FLAMBEAU_KERNELS_MATMUL_TILE_H
#define FLAMBEAU_KERNELS_MATMUL_TILE_H
#include "support.h"

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
template <class T> struct Block {
  static constexpr bool floating = IsFloating<T>::value;
  static constexpr int lanes = kVectorBytes / int(sizeof(T));
  static constexpr int rows = floating ? kFloatRows : 4;
  static constexpr int vectors = floating ? 2 : 1;
  static constexpr int width = lanes * vectors;
  static constexpr int64_t depth = 384;  // of k at a time, at most: a few panels of c stay in a core's cache
  static constexpr bool masks =
      floating && FL_X86 && kVectorBytes >= 32;  // parts of vectors are loaded and stored by masks
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  typedef T Unaligned __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias));
};

template <class T> FL_HD typename Block<T>::Vector load_vector(const T* from) {
  return *reinterpret_cast<const typename Block<T>::Unaligned*>(from);
}
template <class T> FL_HD void store_vector(T* to, typename Block<T>::Vector value) {
  *reinterpret_cast<typename Block<T>::Unaligned*>(to) = value;
}

/** count elements, fewer than 2 N, in steps of constant sizes. */
template <class T, int N> FL_HD void copy_part(T* to, const T* from, int64_t count) {
  if constexpr (N > 0) {
    if (count & N) {
      __builtin_memcpy(to, from, N * sizeof(T));
      to += N;
      from += N;
    }
    copy_part<T, N / 2>(to, from, count);
  }
}
/** The first count lanes, at least 1, the others 0. */
template <class T> FL_HD typename Block<T>::Vector load_part(const T* from, int64_t count) {
  if constexpr (Block<T>::masks) {
    return (typename Block<T>::Vector)load_some<Vec<T>>(from, count, T(0));
  } else {
    alignas(kVectorBytes) T line[Block<T>::lanes] = {};
    copy_part<T, Block<T>::lanes>(line, from, count);
    return load_vector(line);
  }
}
template <class T> FL_HD void store_part(T* to, typename Block<T>::Vector value, int64_t count) {
  if constexpr (Block<T>::masks) {
    store_some<Vec<T>>(to, (Vec<T>)value, count);
  } else {
    alignas(kVectorBytes) T line[Block<T>::lanes];
    store_vector(line, value);
    copy_part<T, Block<T>::lanes>(to, line, count);
  }
}

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
  if (k >= 32) {  // y's lines come while the sums are made
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < V; ++j) __builtin_prefetch(y + i * y_row + j * lanes, 1);
    }
  }
  for (int64_t p = 0; p < k; ++p) {
    Vector right[V];
#pragma GCC unroll 8
    for (int j = 0; j < V; ++j) right[j] = load_vector(c + j * lanes);
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      Vector left =
          row[i / 3][(i % 3) * step] - Vector{};  // not 0 + x, which is not x for -0: no broadcast from memory then
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
template <class T> struct Panel {
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

/** m rows in the largest tiles that fit. */
template <class T, int V, bool Packed>
void panel_rows(const Panel<T>& panel, int64_t m, const T* a, int64_t a_row, int64_t a_column, T* y) {
  constexpr int most = Block<T>::rows;
  constexpr int half = most >= 12 ? 8 : most >= 6 ? 4 : 2, quarter = most >= 12 ? 4 : 2;
  int64_t i = 0;
  for (; i + most <= m; i += most)
    panel_tile<T, most, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
  for (; i + half <= m; i += half)
    panel_tile<T, half, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
  for (; i + quarter <= m; i += quarter)
    panel_tile<T, quarter, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
  for (; i + 2 <= m; i += 2) panel_tile<T, 2, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
  for (; i < m; ++i) panel_tile<T, 1, V, Packed>(panel, a + i * a_row, a_row, a_column, y + i * panel.y_row);
}

template <class T, bool Packed>
void panel_any(const Panel<T>& panel, int64_t m, const T* a, int64_t a_row, int64_t a_column, T* y) {
  if (panel.columns <= Block<T>::lanes) return panel_rows<T, 1, Packed>(panel, m, a, a_row, a_column, y);
  panel_rows<T, Block<T>::vectors, Packed>(panel, m, a, a_row, a_column, y);
}

/** Transposes a square of vectors: lane j of vector i becomes lane i of vector j. */
template <class T> FL_HD void transpose_square(typename Block<T>::Vector* v) {
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

/** A square of elements, transposed: lane i of vector p is from[i * stride + p] for the first count rows i, else 0. */
template <class T>
FL_HD void load_transposed(typename Block<T>::Vector* square, const T* from, int64_t stride, int64_t count) {
  constexpr int lanes = Block<T>::lanes;
#pragma GCC unroll 16
  for (int i = 0; i < lanes; ++i) {
    square[i] = typename Block<T>::Vector{};
    if (i < count) {
      square[i] = load_vector(from + i * stride);
      __builtin_prefetch(from + i * stride + 2 * lanes);
    }
  }
  transpose_square<T>(square);
}

/** Copies `columns` columns of c (k rows) into a panel `width` wide; zeros fill the last vector. */
template <class T>
void pack_columns(int64_t k, int64_t columns, int64_t width, const T* c, int64_t c_row, int64_t c_column, T* panel) {
  constexpr int lanes = Block<T>::lanes;
  int64_t from_row = 0;
  if constexpr (Block<T>::floating) {
    if (c_row == 1) {
      for (int64_t j = 0; j < columns; j += lanes) {
        for (from_row = 0; from_row + lanes <= k; from_row += lanes) {
          typename Block<T>::Vector square[lanes];
          load_transposed<T>(square, c + from_row + j * c_column, c_column, columns - j);
          T* to = panel + from_row * width + j;
#pragma GCC unroll 16
          for (int i = 0; i < lanes; ++i) store_vector(to + i * width, square[i]);
        }
      }
    }
  }
  if (c_column == 1) {
    for (int64_t p = from_row; p < k; ++p) {
      const T* from = c + p * c_row;
      T* to = panel + p * width;
      int64_t j = 0;
      for (; j + lanes <= columns; j += lanes) {
        __builtin_prefetch(from + 16 * c_row + j);
        store_vector(to + j, load_vector(from + j));
      }
      if (j < columns) store_vector(to + j, load_part(from + j, columns - j));
    }
    return;
  }
  for (int64_t p = from_row; p < k; ++p) {
    for (int64_t j = 0; j < (columns + lanes - 1) / lanes * lanes; ++j)
      panel[p * width + j] = j < columns ? c[p * c_row + j * c_column] : T(0);
  }
}

/** Copies `count` rows of a (k columns), at most Block::rows, next to each other, Block::rows apart per k. */
template <class T> void pack_rows(int64_t k, int64_t count, const T* a, int64_t a_row, int64_t a_column, T* panel) {
  constexpr int64_t rows = Block<T>::rows;
  constexpr int lanes = Block<T>::lanes;
  int64_t p = 0;
  if (a_row == 1 && count == rows) {
    for (; p < k; ++p) __builtin_memcpy(panel + p * rows, a + p * a_column, rows * sizeof(T));
  }
  if constexpr (Block<T>::floating) {
    // A vector also writes over the next k, which is written later: only the last k needs care. Upper rows go first.
    for (; a_column == 1 && p + lanes < k; p += lanes) {
      for (int64_t i = (count - 1) / lanes * lanes; i >= 0; i -= lanes) {
        typename Block<T>::Vector square[lanes];
        load_transposed<T>(square, a + i * a_row + p, a_row, count - i);
#pragma GCC unroll 16
        for (int q = 0; q < lanes; ++q) store_vector(panel + (p + q) * rows + i, square[q]);
      }
    }
  }
  for (; p < k; ++p)
    for (int64_t i = 0; i < count; ++i) panel[p * rows + i] = a[i * a_row + p * a_column];
}

}  // namespace matrices
}  // namespace FL_ISA
}  // namespace flambeau
#endif
