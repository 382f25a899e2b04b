/*
 * Reading and writing at indices. An index out of range is reported, and its element left alone. What is written does
 * not depend on which thread comes first: where indices repeat, the last one's value stays, and sums are made in order,
 * unless the switch FL_CUDA_FAST_SCATTER lets them be made by atomic additions.
 */
#include "../shared/functors.h"
#include "kernels.h"
#include "launch.h"
#include "scratch.h"

namespace flambeau {
namespace device {
namespace {

/** (outer, length, inner) on the side that is indexed, (outer, count, inner) on the other. */
struct Places {
  int64_t outer, length, count, inner;
  const int64_t* index;
  bool shared;  // one index of `count` for all outer and inner
  Reporter reporter;

  FL_HD int64_t items() const { return outer * count * inner; }
  /** Where item i = (o, c, j) is on the indexed side; -1: out of range, and reported. */
  __device__ int64_t of(int64_t i) const {
    const int64_t j = i % inner, line = i / inner;
    return of(line / count, line % count, j);
  }
  __device__ int64_t of(int64_t o, int64_t c, int64_t j) const {
    const int64_t at = index[shared ? c : (o * count + c) * inner + j];
    if (static_cast<uint64_t>(at) >= static_cast<uint64_t>(length)) {
      reporter.report(FL_BAD_INDEX, at, length);
      return -1;
    }
    return (o * length + at) * inner + j;
  }
};

template <class T> __global__ void gather_kernel(Places places, const T* x, T* y) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    const int64_t at = places.of(i);
    if (at >= 0) y[i] = x[at];
  }
}

__global__ void check_kernel(Places places) {
  const int64_t indices = places.shared ? places.count : places.items();
  for (int64_t i = first_item(); i < indices; i += item_step()) {
    const uint64_t at = static_cast<uint64_t>(places.index[i]);
    if (at >= static_cast<uint64_t>(places.length)) {
      places.reporter.report(FL_BAD_INDEX, places.index[i], places.length);
    }
  }
}

/** With FL_CUDA_SYNC indices are looked at first, so that nothing is written when one is wrong. */
int32_t check_first(Device& d, const Places& places) {
  if (!is_on(FL_CUDA_SYNC)) return FL_OK;
  return launch(d, places.reporter.op, check_kernel, grid_for(d, places.items()), places);
}

/** The number of the last item that writes to each place, plus one. */
__global__ void last_kernel(Places places, unsigned long long* last) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    const int64_t at = places.of(i);
    if (at >= 0) atomicMax(last + at, static_cast<unsigned long long>(i + 1));
  }
}
template <class T> __global__ void set_kernel(Places places, const unsigned long long* last, const T* source, T* y) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    const int64_t at = places.of(i);
    if (at >= 0 && last[at] == static_cast<unsigned long long>(i + 1)) y[at] = source[i];
  }
}

/** A sum as the dtype has it: integers wrap, bools are or-ed. */
template <class T> FL_HD T plus(T a, T b) {
  if constexpr (IsFloating<Compute<T>>::value) {
    return from_compute<T>(to_compute(a) + to_compute(b));
  } else if constexpr (IsSame<T, Bool>::value) {
    return a == Bool::yes || b == Bool::yes ? Bool::yes : Bool::no;
  } else {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
}

/** A thread for each (outer, inner), which takes the items in order. */
template <class T> __global__ void add_in_order(Places places, const T* source, T* y) {
  for (int64_t column = first_item(); column < places.outer * places.inner; column += item_step()) {
    const int64_t o = column / places.inner, j = column % places.inner;
    for (int64_t c = 0; c < places.count; ++c) {
      const int64_t at = places.of(o, c, j);
      if (at >= 0) y[at] = plus(y[at], source[(o * places.count + c) * places.inner + j]);
    }
  }
}
template <class T> __global__ void add_atomically(Places places, const T* source, T* y) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    const int64_t at = places.of(i);
    if (at >= 0) atomicAdd(y + at, source[i]);
  }
}

int32_t gather_all(Device& d, const char* op, int32_t dtype, const Places& places, fl_address x, fl_address y) {
  const int32_t checked = check_first(d, places);
  if (checked != FL_OK) return checked;
  return visit_width(op, dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return launch(d, op, gather_kernel<T>, grid_for(d, places.items()), places, pointer<const T>(x), pointer<T>(y));
  });
}

int32_t add_all(Device& d, const char* op, int32_t dtype, const Places& places, fl_address source, fl_address y) {
  const int32_t checked = check_first(d, places);
  if (checked != FL_OK) return checked;
  return visit_every(op, dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(source);
    if constexpr (IsFloating<T>::value) {
      if (is_on(FL_CUDA_FAST_SCATTER)) {
        return launch(d, op, add_atomically<T>, grid_for(d, places.items()), places, from, pointer<T>(y));
      }
    }
    return launch(d, op, add_in_order<T>, grid_for(d, places.outer * places.inner), places, from, pointer<T>(y));
  });
}

}  // namespace

int32_t gather(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
               fl_address index, fl_address y) {
  return gather_all(d, "gather", dtype,
                    {outer, length, count, inner, pointer<const int64_t>(index), false, d.reporter("gather")}, x, y);
}

int32_t index_select(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                     fl_address x, fl_address index, fl_address y) {
  return gather_all(d, "indexSelect", dtype,
                    {outer, length, count, inner, pointer<const int64_t>(index), true, d.reporter("indexSelect")}, x,
                    y);
}

int32_t scatter(Device& d, int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                fl_address index, fl_address source, fl_address y) {
  const Places places = {outer, length, count, inner, pointer<const int64_t>(index), false, d.reporter("scatter")};
  if (add != 0) return add_all(d, "scatter", dtype, places, source, y);
  const int32_t checked = check_first(d, places);
  if (checked != FL_OK) return checked;
  const int64_t targets = outer * length * inner;
  const Scratch<unsigned long long> last(d, targets);
  if (!last) return out_of_memory("scatter");
  int32_t status = fill(d, FL_INT64, targets, reinterpret_cast<fl_address>(last.get()), 0);
  if (status == FL_OK) status = launch(d, "scatter", last_kernel, grid_for(d, places.items()), places, last.get());
  if (status != FL_OK) return status;
  return visit_width("scatter", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return launch(d, "scatter", set_kernel<T>, grid_for(d, places.items()), places, last.get(),
                  pointer<const T>(source), pointer<T>(y));
  });
}

int32_t index_add(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                  fl_address index, fl_address source, fl_address y) {
  return add_all(d, "indexAdd", dtype,
                 {outer, length, count, inner, pointer<const int64_t>(index), true, d.reporter("indexAdd")}, source, y);
}

}  // namespace device
}  // namespace flambeau
