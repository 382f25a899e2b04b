/*
 * The heart of a matrix product: a tile, a few rows of a times a few vectors of columns of c, summed in registers over
 * a block of k, in the order of k; and the packing of operands that do not suit it: a into panels of Block::rows rows,
 * c into panels of Block::width columns padded with zeros.
 */
#ifndef FLAMBEAU_KERNELS_MATMUL_TILE_INL
#define FLAMBEAU_KERNELS_MATMUL_TILE_INL
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
template <class T> struct Block {
  static constexpr bool floating = IsFloating<T>::value;
  static constexpr int lanes = kVectorBytes / int(sizeof(T));
  static constexpr int rows = floating ? kFloatRows : 4;
  static constexpr int vectors = floating ? 2 : 1;
  static constexpr int width = lanes * vectors;
  static constexpr int64_t depth = 384;  // of k at a time: a panel of c stays in the nearest caches
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  typedef T Unaligned __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias));
};

template <class T> FL_HD typename Block<T>::Vector load_vector(const T* from) {
  return *reinterpret_cast<const typename Block<T>::Unaligned*>(from);
}
template <class T> FL_HD void store_vector(T* to, typename Block<T>::Vector value) {
  *reinterpret_cast<typename Block<T>::Unaligned*>(to) = value;
}

/** count elements, fewer than 2 N, in steps that the compiler knows. */
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
/** The first count lanes, the others 0. */
template <class T> FL_HD typename Block<T>::Vector load_part(const T* from, int64_t count) {
  alignas(kVectorBytes) T line[Block<T>::lanes] = {};
  copy_part<T, Block<T>::lanes>(line, from, count);
  return load_vector(line);
}
template <class T> FL_HD void store_part(T* to, typename Block<T>::Vector value, int64_t count) {
  alignas(kVectorBytes) T line[Block<T>::lanes];
  store_vector(line, value);
  copy_part<T, Block<T>::lanes>(to, line, count);
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

}  // namespace matrices
}  // namespace FL_ISA
}  // namespace flambeau
#endif
