/*
 * Products of any size, cut so that what is read often stays in a core's own caches. A piece of work is a block of rows
 * of a times a group of panels of c: for a block of k after another, the group is packed (when it must be) by whoever
 * computes with it, stays in the second-level cache, and meets one strip of a after another.
 */
#ifndef FLAMBEAU_KERNELS_MATMUL_BLOCKS_INL
#define FLAMBEAU_KERNELS_MATMUL_BLOCKS_INL
#include "product.h"

namespace flambeau {
namespace FL_ISA {
namespace matrices {

/** Do steps of this many elements keep hitting the same cache sets? */
template <class T> FL_HD bool aliases(int64_t stride) { return stride * int64_t(sizeof(T)) % 4096 == 0; }

/** How a product is cut. All but the depth depends on the number of threads; sums depend on the depth alone. */
template <class T> struct Cut {
  static constexpr int64_t rows = Block<T>::rows, width = Block<T>::width;
  static constexpr int64_t kHigh = 85, kPackedBytes = 16 << 20;
  int64_t depth;          // of k at a time
  bool pack_a, pack_c;    // c: always the last panel when it is ragged
  int64_t panels, group;  // all, and how many are packed together
  int64_t reach, high;    // rows of a packed at a time; strips in a block

  explicit Cut(const Product<T>& g) {
    const int64_t blocks = ceil_div(g.k, Block<T>::depth);
    depth = min_of(g.k, ceil_div(ceil_div(g.k, blocks), 16) * 16);
    pack_a = g.n >= 8 * width || (g.n > width && ((g.a_row != 1 && g.a_column != 1) || aliases<T>(g.a_row)));
    pack_c = g.c_column != 1 || g.m >= 20 * rows || (g.m >= 4 * rows && aliases<T>(g.c_row));
    panels = ceil_div(g.n, width);
    reach = ceil_div(g.m, rows) * rows;
    if (pack_a) reach = min_of(reach, max_of(8 * rows, kPackedBytes / int64_t(sizeof(T)) / g.k / rows * rows));
    const int64_t strips = ceil_div(min_of(reach, g.m), rows), crew = threads();
    int64_t stacks = ceil_div(strips, kHigh);
    group = min_of(4, panels);
    while (group > 1 && stacks * ceil_div(panels, group) < 4 * crew) --group;
    if (crew > 1 && stacks * ceil_div(panels, group) < 2 * crew) stacks = min_of(strips, ceil_div(2 * crew, panels));
    high = ceil_div(strips, stacks);
  }
};

/** Rows [begin, end) of y in one group of panels. False: no memory for packing. */
template <class T>
bool product_piece(const Product<T>& g, const Cut<T>& cut, const T* packed_a, int64_t base, int64_t begin, int64_t end,
                   int64_t panel, int64_t count) {
  constexpr int64_t rows = Block<T>::rows, width = Block<T>::width;
  const bool ragged = (panel + count) * width > g.n;  // the last panel must not read past the rows' ends
  const int64_t kept = cut.pack_c ? count : ragged ? 1 : 0, direct = count - kept;
  Scratch<T> packed_c(kept * width * cut.depth);
  if (!packed_c) return false;
  const int64_t heap = ceil_div(min_of(cut.reach, g.m - base), rows) * rows;
  for (int64_t k0 = 0; k0 < g.k; k0 += cut.depth) {
    const int64_t kc = min_of(cut.depth, g.k - k0);
    const T* a = g.a + k0 * g.a_column;
    const T* c = g.c + k0 * g.c_row;
    for (int64_t s = direct; s < count; ++s) {
      const int64_t j = (panel + s) * width;
      pack_columns(kc, min_of(width, g.n - j), width, c + j * g.c_column, g.c_row, g.c_column,
                   packed_c.get() + (s - direct) * width * kc);
    }
    for (int64_t i = begin; i < end; i += rows) {
      const int64_t high = min_of(rows, end - i);
      for (int64_t s = 0; s < count; ++s) {
        const int64_t j = (panel + s) * width;
        Panel<T> p = {kc, c + j, g.c_row, g.y_row, min_of(width, g.n - j), nullptr, k0 > 0};
        if (s >= direct) {
          p.c = packed_c.get() + (s - direct) * width * kc;
          p.c_row = width;
        }
        if (g.bias && k0 + kc == g.k) p.bias = g.bias + j;
        T* y = g.y + i * g.y_row + j;
        if (cut.pack_a)
          panel_any<T, true>(p, high, packed_a + k0 * heap + (i - base) * kc, 1, rows, y);
        else if (g.a_row == 1)
          panel_any<T, true>(p, high, a + i, 1, g.a_column, y);
        else
          panel_any<T, false>(p, high, a + i * g.a_row, g.a_row, g.a_column, y);
      }
      if (k0 + kc == g.k) activate(g, i, high, panel * width, min_of(count * width, g.n - panel * width));
    }
  }
  return true;
}

template <class T> int32_t product_blocks(const Product<T>& g) {
  constexpr int64_t rows = Block<T>::rows;
  const Cut<T> cut(g);
  Scratch<T> packed_a(cut.pack_a ? cut.reach * g.k : 0);
  if (!packed_a) return out_of_memory("matmul");
  int32_t status = FL_OK;
  for (int64_t base = 0; base < g.m; base += cut.reach) {
    const int64_t stop = min_of(g.m, base + cut.reach), strips = ceil_div(stop - base, rows);
    if (cut.pack_a) {
      parallel_for(strips, rows * g.k * 0.12, [&](int64_t begin, int64_t end) {
        for (int64_t k0 = 0; k0 < g.k; k0 += cut.depth) {
          const int64_t kc = min_of(cut.depth, g.k - k0);
          for (int64_t s = begin; s < end; ++s) {
            const int64_t i = base + s * rows;
            pack_rows(kc, min_of(rows, stop - i), g.a + i * g.a_row + k0 * g.a_column, g.a_row, g.a_column,
                      packed_a.get() + (k0 * strips + s * kc) * rows);
          }
        }
      });
    }
    const int64_t block = cut.high * rows, groups = ceil_div(cut.panels, cut.group);
    const double cost = double(block) * double(cut.group * Block<T>::width) * double(g.k) * kPairNs<T>;
    parallel_for(ceil_div(strips, cut.high) * groups, cost, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; ++item) {
        const int64_t i = base + item / groups * block, panel = item % groups * cut.group;
        if (!product_piece(g, cut, packed_a.get(), base, i, min_of(stop, i + block), panel,
                           min_of(cut.group, cut.panels - panel)))
          __atomic_store_n(&status, int32_t{FL_OUT_OF_MEMORY}, __ATOMIC_RELAXED);
      }
    });
  }
  return status == FL_OK ? FL_OK : out_of_memory("matmul");
}

template int32_t product_blocks(const Product<float>&);
template int32_t product_blocks(const Product<double>&);
template int32_t product_blocks(const Product<uint64_t>&);
template int32_t product_blocks(const Product<uint32_t>&);
template int32_t product_blocks(const Product<uint16_t>&);
template int32_t product_blocks(const Product<uint8_t>&);

}  // namespace matrices
}  // namespace FL_ISA
}  // namespace flambeau
#endif
