/* Layer normalisation and its gradients. Rows of up to 16K elements are held in the registers of a warp or a block. */
#include "../shared/functors.h"
#include "kernels.h"
#include "reduce_by.h"

namespace flambeau {
namespace device {
namespace {

template <class T> using WideOf = typename SumOf<Compute<T>>::Total;

/** Who holds a row: sums of its threads' parts, in what sums are merged in. */
struct ByWarp {
  template <class W> __device__ W sum(W part, W*) const { return merge_warp<SumOf<W>>(part); }
  __device__ int thread() const { return static_cast<int>(threadIdx.x) % 32; }
  __device__ int64_t threads() const { return 32; }
  __device__ int64_t first_row() const { return first_item() / 32; }
  __device__ int64_t row_step() const { return item_step() / 32; }
};
struct ByBlock {
  template <class W> __device__ W sum(W part, W* room) const { return merge_block<SumOf<W>>(part, room); }
  __device__ int thread() const { return static_cast<int>(threadIdx.x); }
  __device__ int64_t threads() const { return blockDim.x; }
  __device__ int64_t first_row() const { return blockIdx.x; }
  __device__ int64_t row_step() const { return gridDim.x; }
};

/** N elements of a row in a thread's registers, or, with N = 0, read again whenever they are needed. */
template <class T, int N> struct Row {
  using C = Compute<T>;
  const T* x;
  int64_t columns, step;
  int thread;
  C held[N == 0 ? 1 : N];

  __device__ Row(const T* row, int64_t n, const int at, int64_t threads)
      : x(row), columns(n), step(threads), thread(at) {
#pragma unroll
    for (int j = 0; j < N; ++j) {
      const int64_t c = thread + j * step;
      held[j] = c < columns ? to_compute(x[c]) : C(0);
    }
  }
  /** f(column, element) for each of this thread's. */
  template <class F> __device__ void each(const F& f) const {
    if constexpr (N == 0) {
      for (int64_t c = thread; c < columns; c += step) f(c, to_compute(x[c]));
    } else {
#pragma unroll
      for (int j = 0; j < N; ++j) {
        const int64_t c = thread + j * step;
        if (c < columns) f(c, held[j]);
      }
    }
  }
};

template <class T, int N, class By>
__global__ void forward_kernel(By by, int64_t rows, int64_t columns, const T* x, const T* weight, const T* bias, T* y,
                               T* mean, T* rstd, double eps) {
  using C = Compute<T>;
  using W = WideOf<T>;
  __shared__ W room[32];
  const W n = static_cast<W>(columns);
  for (int64_t r = by.first_row(); r < rows; r += by.row_step()) {
    const Row<T, N> row(x + r * columns, columns, by.thread(), by.threads());
    C part = 0;
    row.each([&](int64_t, C v) { part += v; });
    const W exact = by.sum(static_cast<W>(part), room) / n;
    const C center = static_cast<C>(exact);
    part = 0;
    row.each([&](int64_t, C v) { part += (v - center) * (v - center); });
    const W off = exact - static_cast<W>(center);  // the center was rounded
    const W variance = by.sum(static_cast<W>(part), room) / n - off * off;
    const C scale = static_cast<C>(W(1) / sqrt_(variance + static_cast<W>(eps)));
    if (by.thread() == 0) {
      mean[r] = from_compute<T>(center);
      rstd[r] = from_compute<T>(scale);
    }
    row.each([&](int64_t c, C v) {
      C z = (v - center) * scale;
      if (weight != nullptr) z = z * to_compute(weight[c]);
      if (bias != nullptr) z = z + to_compute(bias[c]);
      y[r * columns + c] = from_compute<T>(z);
    });
  }
}

/** gx = rstd (h - mean(h) - z mean(h z)), h = g weight, z = (x - mean) rstd. */
template <class T, int N, class By>
__global__ void backward_kernel(By by, int64_t rows, int64_t columns, const T* g, const T* x, const T* mean,
                                const T* rstd, const T* weight, T* gx) {
  using C = Compute<T>;
  using W = WideOf<T>;
  __shared__ W room[32];
  const W n = static_cast<W>(columns);
  for (int64_t r = by.first_row(); r < rows; r += by.row_step()) {
    const T* from_x = x + r * columns;
    const C center = to_compute(mean[r]), scale = to_compute(rstd[r]);
    const Row<T, N> row(g + r * columns, columns, by.thread(), by.threads());
    const auto h = [&](int64_t c, C v) { return weight == nullptr ? v : v * to_compute(weight[c]); };
    const auto z = [&](int64_t c) { return (to_compute(from_x[c]) - center) * scale; };
    C sum_h = 0, sum_hz = 0;
    row.each([&](int64_t c, C v) {
      sum_h += h(c, v);
      sum_hz += h(c, v) * z(c);
    });
    const C mean_h = static_cast<C>(by.sum(static_cast<W>(sum_h), room) / n);
    const C mean_hz = static_cast<C>(by.sum(static_cast<W>(sum_hz), room) / n);
    row.each(
        [&](int64_t c, C v) { gx[r * columns + c] = from_compute<T>(scale * (h(c, v) - mean_h - z(c) * mean_hz)); });
  }
}

/* The gradients of weight and bias are sums over rows. */
template <class T> struct LoadWeighted {
  const T *g, *x, *mean, *rstd;
  int64_t columns;
  __device__ Compute<T> operator()(int64_t at, int64_t) const {
    const int64_t r = at / columns;
    return to_compute(g[at]) * ((to_compute(x[at]) - to_compute(mean[r])) * to_compute(rstd[r]));
  }
};

/** f(kernel's way of holding a row, its N as a tag, the grid) for rows of that many columns. */
template <int N> struct Held { static constexpr int count = N; };
template <class F> int32_t with_rows(Device& d, int64_t rows, int64_t columns, const F& f) {
  const dim3 blocks(static_cast<unsigned>(least<int64_t>(rows, 1 << 20)));
  if (columns <= 128) return f(ByWarp(), Held<4>(), grid_for(d, rows * 32));
  if (columns <= 1024) return f(ByWarp(), Held<32>(), grid_for(d, rows * 32));
  if (columns <= 4096) return f(ByBlock(), Held<16>(), Grid{blocks, dim3(256)});
  if (columns <= 16384) return f(ByBlock(), Held<16>(), Grid{blocks, dim3(1024)});
  return f(ByBlock(), Held<0>(), Grid{blocks, dim3(1024)});
}

}  // namespace

int32_t layer_norm(Device& d, int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_address weight,
                   fl_address bias, fl_address y, fl_address mean, fl_address rstd, double eps) {
  return visit_float("layer_norm", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return with_rows(d, rows, columns, [&](auto by, auto held, const Grid& grid) {
      return launch(d, "layer_norm", forward_kernel<T, decltype(held)::count, decltype(by)>, grid, by, rows, columns,
                    pointer<const T>(x), pointer<const T>(weight), pointer<const T>(bias), pointer<T>(y),
                    pointer<T>(mean), pointer<T>(rstd), eps);
    });
  });
}

int32_t layer_norm_grad(Device& d, int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x,
                        fl_address mean, fl_address rstd, fl_address weight, fl_address gx, fl_address gweight,
                        fl_address gbias) {
  return visit_float("layer_norm_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using R = SumOf<Compute<T>>;
    const T *from_g = pointer<const T>(g), *from_x = pointer<const T>(x);
    const T *from_mean = pointer<const T>(mean), *from_rstd = pointer<const T>(rstd);
    int32_t status = FL_OK;
    if (gx != 0) {
      status = with_rows(d, rows, columns, [&](auto by, auto held, const Grid& grid) {
        return launch(d, "layer_norm_grad", backward_kernel<T, decltype(held)::count, decltype(by)>, grid, by, rows,
                      columns, from_g, from_x, from_mean, from_rstd, pointer<const T>(weight), pointer<T>(gx));
      });
    }
    if (status == FL_OK && gweight != 0) {
      status = reduce_by<R>(d, "layer_norm_grad", 1, rows, columns,
                            LoadWeighted<T>{from_g, from_x, from_mean, from_rstd, columns},
                            StoreTo<R, T>{pointer<T>(gweight), rows});
    }
    if (status == FL_OK && gbias != 0) {
      status = reduce_by<R>(d, "layer_norm_grad", 1, rows, columns, LoadFrom<T>{from_g},
                            StoreTo<R, T>{pointer<T>(gbias), rows});
    }
    return status;
  });
}

}  // namespace device
}  // namespace flambeau
