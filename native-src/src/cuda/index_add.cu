/*
 * Sums at indices, the same bits in every run: where indices repeat, the order of additions depends on the indices
 * alone. Few items that may meet are compared with each other; many are sorted by their places, and added up in runs.
 * Whole numbers, whose sums have no order, and everything under FL_CUDA_FAST_SCATTER are added by atomic additions.
 */
#include "../shared/functors.h"
#include "launch.h"
#include "places.h"
#include "scratch.h"
#include "sort.h"

namespace flambeau {
namespace device {
namespace {

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
template <class T> __device__ void add_to(T* y, Compute<T> value) {
  *y = from_compute<T>(plus<Compute<T>>(to_compute(*y), value));
}

/* ------------------------------------------------------------------------------------------------ in any order */
template <class T> __global__ void add_atomically(Places places, const T* source, T* y) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    const int64_t at = places.place(i);
    if (at < 0) continue;
    if constexpr (IsSame<T, Bool>::value) {
      if (source[i] == Bool::yes) y[at] = Bool::yes;  // whoever comes last
    } else {
      atomicAdd(y + at, source[i]);
    }
  }
}

/* ------------------------------------------------------------------------------------------------ few items a column */
/** A thread for each (outer, inner), which takes its items in order. */
template <class T> __global__ void add_columns(Places places, const T* source, T* y) {
  for (int64_t column = first_item(); column < places.outer * places.inner; column += item_step()) {
    const int64_t o = places.by_inner.divide(column), j = column - o * places.inner;
    for (int64_t first = 0; first < places.count; first += kInFlight) {
      int64_t at[kInFlight];
      Compute<T> value[kInFlight];
#pragma unroll
      for (int k = 0; k < kInFlight; ++k) {
        const int64_t c = first + k;
        at[k] = c < places.count ? places.place(o, c, j) : -1;
        if (at[k] >= 0) value[k] = to_compute(source[(o * places.count + c) * places.inner + j]);
      }
#pragma unroll
      for (int k = 0; k < kInFlight; ++k) {
        if (at[k] >= 0) add_to(y + at[k], value[k]);
      }
    }
  }
}

/** A thread for each item: the first one of a column with its index adds up all of them. */
template <class T> __global__ void add_by_first(Places places, const T* source, T* y) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    int64_t o, c, j;
    places.split(i, o, c, j);
    const int64_t at = places.place(o, c, j), index = places.index_at(o, c, j);
    bool first = at >= 0;
    for (int64_t other = 0; other < c; ++other) first &= places.index_at(o, other, j) != index;
    if (!first) continue;
    Compute<T> sum = to_compute(source[i]);
    for (int64_t other = c + 1; other < places.count; ++other) {
      if (places.index_at(o, other, j) == index) {
        sum = plus(sum, to_compute(source[(o * places.count + other) * places.inner + j]));
      }
    }
    add_to(y + at, sum);
  }
}

/* ------------------------------------------------------------------------------------------------ many: in runs */
/** Sorted keys are cut into tiles; runs of equal keys inside one are sums of their own. */
constexpr int kTile = 32;

/** n keys for each of outer and inner; key k is place k of `length`, and what is not below that is nowhere. */
template <class T> struct Runs {
  int64_t outer, length, n, inner, tiles;
  const uint32_t *key, *number;
  Compute<T>*head, *tail;  // a tile's first sum, if its run began before; its last one, if that goes on
  Quotient by_inner, by_tiles;

  __device__ int64_t begin(int64_t tile) const { return tile * kTile; }
  __device__ int64_t end(int64_t tile) const { return least(n, (tile + 1) * kTile); }
  __device__ bool goes_on_from_before(int64_t tile) const {
    return tile > 0 && key[begin(tile) - 1] == key[begin(tile)];
  }
  __device__ bool goes_on_after(int64_t tile) const { return end(tile) < n && key[end(tile) - 1] == key[end(tile)]; }
  __device__ bool is_one_run(int64_t tile) const { return key[begin(tile)] == key[end(tile) - 1]; }
  /** Thread i is at (o, tile, j). */
  __device__ void split(int64_t i, int64_t& o, int64_t& tile, int64_t& j) const {
    const int64_t line = by_inner.divide(i);
    j = i - line * inner;
    o = by_tiles.divide(line);
    tile = line - o * tiles;
  }
  __device__ void add(T* y, int64_t o, uint32_t at, int64_t j, Compute<T> sum) const {
    if (at < length) add_to(y + (o * length + at) * inner + j, sum);
  }
};

/** The number of the place of every index (shared ones) or of every item; an index out of range is at the end. */
__global__ void key_kernel(Places places, int64_t n, uint32_t nowhere, Keyed keyed) {
  for (int64_t i = first_item(); i < n; i += item_step()) {
    const int64_t key = places.shared ? places.checked(0, i, 0) : places.place(i);
    keyed.key[i] = key < 0 ? nowhere : static_cast<uint32_t>(key);
    keyed.number[i] = static_cast<uint32_t>(i);
  }
}

template <class T> __global__ void sum_tiles(Runs<T> runs, const T* source, T* y) {
  constexpr int kLoads = 8;
  for (int64_t i = first_item(); i < runs.outer * runs.tiles * runs.inner; i += item_step()) {
    int64_t o, tile, j;
    runs.split(i, o, tile, j);
    const int64_t end = runs.end(tile);
    bool began_before = runs.goes_on_from_before(tile);
    uint32_t run = runs.key[runs.begin(tile)];
    Compute<T> sum = from_compute<Compute<T>>(0);
    for (int64_t first = runs.begin(tile); first < end; first += kLoads) {
      uint32_t key[kLoads];
      Compute<T> value[kLoads];
#pragma unroll
      for (int k = 0; k < kLoads; ++k) {
        const int64_t p = least(first + k, end - 1);
        key[k] = runs.key[p];
        value[k] = to_compute(source[(o * runs.n + runs.number[p]) * runs.inner + j]);
      }
#pragma unroll
      for (int k = 0; k < kLoads; ++k) {
        if (first + k >= end) continue;
        if (key[k] != run) {
          if (began_before) {
            runs.head[i] = sum;
          } else {
            runs.add(y, o, run, j, sum);
          }
          began_before = false;
          run = key[k];
          sum = value[k];
        } else {
          sum = first + k == runs.begin(tile) ? value[k] : plus(sum, value[k]);
        }
      }
    }
    if (began_before) {
      runs.head[i] = sum;
    } else if (runs.goes_on_after(tile)) {
      runs.tail[i] = sum;
    } else {
      runs.add(y, o, run, j, sum);
    }
  }
}

/** Where a run leaves the tile that it began in, its parts are brought together in order. */
template <class T> __global__ void join_tiles(Runs<T> runs, T* y) {
  for (int64_t i = first_item(); i < runs.outer * runs.tiles * runs.inner; i += item_step()) {
    int64_t o, tile, j;
    runs.split(i, o, tile, j);
    if (!runs.goes_on_after(tile) || (runs.is_one_run(tile) && runs.goes_on_from_before(tile))) continue;
    Compute<T> sum = runs.tail[i];
    int64_t next = tile + 1;
    do {
      sum = plus(sum, runs.head[i + (next - tile) * runs.inner]);
    } while (runs.is_one_run(next) && runs.goes_on_after(next++));
    runs.add(y, o, runs.key[runs.end(tile) - 1], j, sum);
  }
}

template <class T> int32_t add_sorted(Device& d, const Places& places, const T* source, T* y) {
  const char* op = places.reporter.op;
  // Of shared indices only one line is sorted; else all items are, each with a place of its own.
  const bool lines = places.shared;
  const int64_t n = lines ? places.count : places.items(), length = lines ? places.length : places.targets();
  const int64_t outer = lines ? places.outer : 1, inner = lines ? places.inner : 1, tiles = ceil_div(n, kTile);
  int bits = 1;
  while (length >> bits != 0) ++bits;
  const int64_t sums = outer * tiles * inner;
  const Scratch<uint32_t> words(d, keyed_words(n));
  const Scratch<Compute<T>> parts(d, 2 * sums);
  if (!words || !parts) return out_of_memory(op);
  Keyed keyed = keyed_at(words.get(), n);
  int32_t status = launch(d, op, key_kernel, grid_for(d, n), places, n, static_cast<uint32_t>(length), keyed);
  if (status == FL_OK) status = sort(d, op, n, bits, keyed);
  if (status != FL_OK) return status;
  const Runs<T> runs = {outer,
                        length,
                        n,
                        inner,
                        tiles,
                        keyed.key,
                        keyed.number,
                        parts.get(),
                        parts.get() + sums,
                        Quotient::of(inner, sums),
                        Quotient::of(tiles, sums)};
  status = launch(d, op, sum_tiles<T>, grid_for(d, sums), runs, source, y);
  return status != FL_OK ? status : launch(d, op, join_tiles<T>, grid_for(d, sums), runs, y);
}

template <class T> int32_t add_in_order(Device& d, const Places& places, const T* source, T* y) {
  const char* op = places.reporter.op;
  const int64_t columns = places.outer * places.inner;
  constexpr int64_t kMostKeys = int64_t{1} << 31, kFew = 256, kMostLooks = int64_t{1} << 26;
  const bool numbered = places.shared ? places.length < kMostKeys && places.count < kMostKeys
                                      : places.targets() < kMostKeys && places.items() < kMostKeys;
  // Enough columns keep the GPU busy, a thread for each; the sort of a shared index costs less than long columns.
  const bool many_columns = columns >= int64_t{d.processors} * 512 && (!places.shared || places.count <= 1024);
  if (many_columns || places.count == 1 || !numbered) {
    return launch(d, op, add_columns<T>, grid_for(d, columns), places, source, y);
  }
  if (places.count <= kFew && places.items() * places.count <= kMostLooks) {
    return launch(d, op, add_by_first<T>, grid_for(d, places.items()), places, source, y);
  }
  return add_sorted(d, places, source, y);
}

/** The type whose atomic additions add Ts. */
template <class T> struct Atomic { using type = T; };
template <> struct Atomic<uint64_t> { using type = unsigned long long; };

}  // namespace

int32_t add_at(Device& d, int32_t dtype, const Places& places, fl_address source, fl_address y) {
  const char* op = places.reporter.op;
  const int32_t checked = check_first(d, places);
  if (checked != FL_OK) return checked;
  return visit<kComputed>(op, dtype, [&](auto tag) -> int32_t {
    using T = Signless<decltype(tag.value)>;
    constexpr bool orderless = IsSame<T, uint64_t>::value || IsSame<T, uint32_t>::value || IsSame<T, Bool>::value;
    if constexpr (orderless || IsFloating<T>::value) {
      if (orderless || is_on(FL_CUDA_FAST_SCATTER)) {
        using A = typename Atomic<T>::type;
        return launch(d, op, add_atomically<A>, grid_for(d, places.items()), places, pointer<const A>(source),
                      pointer<A>(y));
      }
    }
    if constexpr (orderless) {
      return FL_OK;  // done above
    } else {
      return add_in_order(d, places, pointer<const T>(source), pointer<T>(y));
    }
  });
}

}  // namespace device
}  // namespace flambeau
