/*
 * Reading and writing at indices. An index out of range is reported, and its element left alone. What is written does
 * not depend on which thread comes first: where indices repeat, the last one's value stays. Sums: index_add.cu.
 */
#include "kernels.h"
#include "places.h"
#include "scratch.h"

namespace flambeau {
namespace device {
namespace {

/** Of whole rows, 16 bytes a time. */
using Wide = Pack<uint32_t, 4>;

Grid grid_in_flight(const Device& d, int64_t items) { return grid_for(d, items, kInFlight); }

template <class T> __global__ void gather_kernel(Places places, const T* x, T* y) {
  const int64_t items = places.items();
  for (int64_t first = blockIdx.x * int64_t{kThreads * kInFlight} + threadIdx.x; first < items;
       first += item_step() * kInFlight) {
    int64_t at[kInFlight];
    T held[kInFlight];
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) {
      const int64_t i = first + k * kThreads;
      at[k] = i < items ? places.place(i) : -1;
    }
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) {
      if (at[k] >= 0) held[k] = x[at[k]];
    }
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) {
      if (at[k] >= 0) y[first + k * kThreads] = held[k];
    }
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

/** Nobody has written to the places yet. */
template <class Number> __global__ void forget_kernel(Places places, Number* last) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    const int64_t at = places.place(i);
    if (at >= 0) last[at] = 0;
  }
}
/** The number of the last item that writes to each place, plus one. */
template <class Number> __global__ void last_kernel(Places places, Number* last) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    const int64_t at = places.place(i);
    if (at >= 0) atomicMax(last + at, static_cast<Number>(i + 1));
  }
}
template <class T, class Number> __global__ void set_kernel(Places places, const Number* last, const T* source, T* y) {
  for (int64_t i = first_item(); i < places.items(); i += item_step()) {
    const int64_t at = places.place(i);
    if (at >= 0 && last[at] == static_cast<Number>(i + 1)) y[at] = source[i];
  }
}

int32_t gather_all(Device& d, int32_t dtype, const Places& places, fl_address x, fl_address y) {
  const char* op = places.reporter.op;
  const int32_t checked = check_first(d, places);
  if (checked != FL_OK) return checked;
  return visit_size(op, dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const int64_t bytes = places.inner * static_cast<int64_t>(sizeof(T));
    if (places.shared && bytes % 16 == 0 && x % 16 == 0 && y % 16 == 0) {  // whole rows
      const Places rows = Places::of(places.outer, places.length, places.count, bytes / 16,
                                     reinterpret_cast<fl_address>(places.index), true, places.reporter);
      return launch(d, op, gather_kernel<Wide>, grid_in_flight(d, rows.items()), rows, pointer<const Wide>(x),
                    pointer<Wide>(y));
    }
    return launch(d, op, gather_kernel<T>, grid_in_flight(d, places.items()), places, pointer<const T>(x),
                  pointer<T>(y));
  });
}

template <class Number>
int32_t set_all(Device& d, int32_t dtype, const Places& places, fl_address source, fl_address y) {
  const Scratch<Number> last(d, places.targets());
  if (!last) return out_of_memory("scatter");
  const Grid grid = grid_for(d, places.items());
  int32_t status;
  if (places.targets() <= 8 * places.items()) {  // all of them together are quicker to clear than one by one
    const int64_t words = places.targets() * static_cast<int64_t>(sizeof(Number)) / 4;
    status = fill(d, FL_INT32, words, reinterpret_cast<fl_address>(last.get()), 0);
  } else {
    status = launch(d, "scatter", forget_kernel<Number>, grid, places, last.get());
  }
  if (status == FL_OK) status = launch(d, "scatter", last_kernel<Number>, grid, places, last.get());
  if (status != FL_OK) return status;
  return visit_size("scatter", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return launch(d, "scatter", set_kernel<T, Number>, grid, places, last.get(), pointer<const T>(source),
                  pointer<T>(y));
  });
}

}  // namespace

int32_t check_first(Device& d, const Places& places) {
  if (!is_on(FL_CUDA_SYNC)) return FL_OK;
  return launch(d, places.reporter.op, check_kernel, grid_for(d, places.items()), places);
}

int32_t gather(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
               fl_address index, fl_address y) {
  return gather_all(d, dtype, Places::of(outer, length, count, inner, index, false, d.reporter("gather")), x, y);
}

int32_t index_select(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                     fl_address x, fl_address index, fl_address y) {
  return gather_all(d, dtype, Places::of(outer, length, count, inner, index, true, d.reporter("indexSelect")), x, y);
}

int32_t scatter(Device& d, int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                fl_address index, fl_address source, fl_address y) {
  const Places places = Places::of(outer, length, count, inner, index, false, d.reporter("scatter"));
  if (add != 0) return add_at(d, dtype, places, source, y);
  const int32_t checked = check_first(d, places);
  if (checked != FL_OK) return checked;
  return places.items() < int64_t{0xffffffff} ? set_all<unsigned>(d, dtype, places, source, y)
                                              : set_all<unsigned long long>(d, dtype, places, source, y);
}

int32_t index_add(Device& d, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                  fl_address index, fl_address source, fl_address y) {
  return add_at(d, dtype, Places::of(outer, length, count, inner, index, true, d.reporter("indexAdd")), source, y);
}

}  // namespace device
}  // namespace flambeau
