/*
 * Reading and writing at indices. All indices are checked before anything is written, and once more where they are used:
 * another thread may write them meanwhile. Threads share the work along the outer and inner sizes only, so that writes
 * to one place happen in the order of the indices.
 */
#ifndef FLAMBEAU_KERNELS_INDEX_INL
#define FLAMBEAU_KERNELS_INDEX_INL
#include "support.h"

namespace flambeau {
namespace FL_ISA {
namespace indices {

/** FL_BAD_INDEX, with the first of the n indices that is outside [0, length), or FL_OK. */
inline int32_t check(int64_t n, const int64_t* index, int64_t length) {
  const uint64_t bound = static_cast<uint64_t>(length);
  int64_t first = n;
  parallel_blocks(n, 0.3, [&](int64_t begin, int64_t end) {
    int64_t bad = 0;
    for (int64_t i = begin; i < end; ++i) bad |= static_cast<uint64_t>(index[i]) >= bound;
    if (bad == 0) return;
    int64_t at = begin;
    while (at < end && static_cast<uint64_t>(index[at]) < bound) ++at;
    int64_t seen = __atomic_load_n(&first, __ATOMIC_RELAXED);
    while (at < seen && !__atomic_compare_exchange_n(&first, &seen, at, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
  });
  if (first == n) return FL_OK;
  return fail(FL_BAD_INDEX, "index %lld is out of range for a dimension of size %lld",
              static_cast<long long>(index[first]), static_cast<long long>(length));
}

/** An index that was checked, by one read; 0, if another thread has written meanwhile what is out of range. */
FL_HD int64_t place(const int64_t* index, int64_t length) {
  const int64_t at = read_once(index);
  return static_cast<uint64_t>(at) < static_cast<uint64_t>(length) ? at : 0;
}

constexpr int64_t kPiece = 256;  // neighbours that one task takes

/** The same of n neighbours, kPiece at most; a register of them by one read. */
FL_HD void places(int64_t n, const int64_t* index, int64_t length, int64_t* to) {
  int64_t i = 0;
#if FL_X86
  for (; i + kLanes<int64_t> <= n; i += kLanes<int64_t>) {
    VecInt64 at = load<VecInt64>(index + i);
    asm("" : "+x"(at));  // stays in its register: compilers may read again what they know only as memory
    store(to + i, select((at >= 0) & (at < splat<VecInt64>(length)), at, VecInt64{}));
  }
#endif
  for (; i < n; ++i) to[i] = place(index + i, length);
}

/** A sum as the dtype has it: integers wrap, bools are or-ed. */
template <class T> FL_HD T plus(T a, T b) {
  if constexpr (IsFloating<T>::value) {
    return a + b;
  } else if constexpr (IsSame<T, Bool>::value) {
    return a == Bool::yes || b == Bool::yes ? Bool::yes : Bool::no;
  } else {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
}

/** f(o, begin, end) for every o of [0, outer) and pieces of the inner size that no two threads share. */
template <class F> FL_HD void for_lines(int64_t outer, int64_t inner, double ns, const F& f) {
  const int64_t pieces = (inner + kPiece - 1) / kPiece;
  parallel_for(outer * pieces, ns * static_cast<double>(min_of(inner, kPiece)), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      const int64_t from = item % pieces * kPiece;
      f(item / pieces, from, min_of(inner, from + kPiece));
    }
  });
}

/** y[at] = source[from], or that sum. */
template <bool Add, class T> FL_HD void put(T* y, int64_t at, const T* source, int64_t from) {
  if constexpr (Add) {
    y[at] = plus(y[at], source[from]);
  } else {
    y[at] = source[from];
  }
}

template <bool Add, class T>
void scatter_lines(int64_t outer, int64_t length, int64_t count, int64_t inner, const int64_t* index, const T* source,
                   T* y) {
  for_lines(outer, inner, 1.0 * static_cast<double>(count), [&](int64_t o, int64_t begin, int64_t end) {
    alignas(64) int64_t at[kPiece];
    for (int64_t c = 0; c < count; ++c) {
      const int64_t line = (o * count + c) * inner + begin;
      T* to = y + o * length * inner + begin;
      if (end - begin == 1) {
        put<Add>(to, place(index + line, length) * inner, source, line);
        continue;
      }
      places(end - begin, index + line, length, at);
      for (int64_t i = 0; i < end - begin; ++i) put<Add>(to, at[i] * inner + i, source, line + i);
    }
  });
}

}  // namespace indices

FL_KERNEL int32_t gather(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                         fl_address index, fl_address y) {
  const int64_t* at = pointer<const int64_t>(index);
  const int32_t status = indices::check(outer * count * inner, at, length);
  if (status != FL_OK) return status;
  return visit_size("gather", dtype, [&](auto tag) {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    T* to = pointer<T>(y);
    parallel_for(outer * count, 1.0 * static_cast<double>(inner), [&](int64_t begin, int64_t end) {
      const T* base = from + begin / count * length * inner;
      int64_t c = begin % count;
      for (int64_t line = begin; line < end; ++line, ++c) {
        if (c == count) {
          c = 0;
          base += length * inner;
        }
        const int64_t* places = at + line * inner;
        for (int64_t i = 0; i < inner; ++i) to[line * inner + i] = base[indices::place(places + i, length) * inner + i];
      }
    });
    return FL_OK;
  });
}

FL_KERNEL int32_t scatter(int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                          fl_address index, fl_address source, fl_address y) {
  const int64_t* at = pointer<const int64_t>(index);
  const int32_t status = indices::check(outer * count * inner, at, length);
  if (status != FL_OK) return status;
  if (add) {
    return visit<kComputed>("scatter", dtype, [&](auto tag) -> int32_t {
      using T = Signless<decltype(tag.value)>;
      indices::scatter_lines<true>(outer, length, count, inner, at, pointer<const T>(source), pointer<T>(y));
      return FL_OK;
    });
  }
  return visit_size("scatter", dtype, [&](auto tag) {
    using T = decltype(tag.value);
    indices::scatter_lines<false>(outer, length, count, inner, at, pointer<const T>(source), pointer<T>(y));
    return FL_OK;
  });
}

FL_KERNEL int32_t index_select(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                               fl_address index, fl_address y) {
  const int64_t* at = pointer<const int64_t>(index);
  const int32_t status = indices::check(count, at, length);
  if (status != FL_OK) return status;
  return visit_size("index_select", dtype, [&](auto tag) {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    T* to = pointer<T>(y);
    parallel_for(outer * count, 5 + 0.1 * static_cast<double>(inner), [&](int64_t begin, int64_t end) {
      const T* base = from + begin / count * length * inner;
      int64_t c = begin % count;
      for (int64_t line = begin; line < end; ++line, ++c) {
        if (c == count) {
          c = 0;
          base += length * inner;
        }
        const T* picked = base + indices::place(at + c, length) * inner;
        if (inner < 16) {
          for (int64_t i = 0; i < inner; ++i) to[line * inner + i] = picked[i];
        } else {
          __builtin_memcpy(to + line * inner, picked, static_cast<size_t>(inner) * sizeof(T));
        }
      }
    });
    return FL_OK;
  });
}

FL_KERNEL int32_t index_add(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                            fl_address index, fl_address source, fl_address y) {
  const int64_t* at = pointer<const int64_t>(index);
  const int32_t status = indices::check(count, at, length);
  if (status != FL_OK) return status;
  return visit<kComputed>("index_add", dtype, [&](auto tag) -> int32_t {
    using T = Signless<decltype(tag.value)>;
    const T* from = pointer<const T>(source);
    T* to = pointer<T>(y);
    indices::for_lines(outer, inner, 0.5 * static_cast<double>(count), [&](int64_t o, int64_t begin, int64_t end) {
      for (int64_t c = 0; c < count; ++c) {
        T* target = to + (o * length + indices::place(at + c, length)) * inner;
        const T* line = from + (o * count + c) * inner;
        for (int64_t i = begin; i < end; ++i) target[i] = indices::plus(target[i], line[i]);
      }
    });
    return FL_OK;
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
