/* Ops of one input, and their gradients: the structs of shared/functors.h over dense memory. */
#include "../shared/unary_ops.h"
#include "kernels.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

template <class Op, class T, class R> __global__ void value_kernel(Op op, int64_t n, const T* x, R* y) {
  for (int64_t i = first_item(); i < n; i += item_step()) y[i] = from_compute<R>(op.value(to_compute(x[i])));
}

/** The same, 16 bytes of x at a time. */
template <class Op, class T, class R> __global__ void value_packs(Op op, int64_t packs, const T* x, R* y) {
  constexpr int kCount = kPack<T>;
  for (int64_t i = first_item(); i < packs; i += item_step()) {
    const Pack<T, kCount> in = reinterpret_cast<const Pack<T, kCount>*>(x)[i];
    Pack<R, kCount> out;
#pragma unroll
    for (int j = 0; j < kCount; ++j) out.at[j] = from_compute<R>(op.value(to_compute(in.at[j])));
    reinterpret_cast<Pack<R, kCount>*>(y)[i] = out;
  }
}

template <class Op, class T> __global__ void grad_kernel(Op op, int64_t n, const T* g, const T* x, const T* y, T* gx) {
  for (int64_t i = first_item(); i < n; i += item_step()) {
    gx[i] = from_compute<T>(op.grad(to_compute(g[i]), to_compute(x[i]), to_compute(y[i])));
  }
}

template <class Op, class T>
__global__ void grad_packs(Op op, int64_t packs, const T* g, const T* x, const T* y, T* gx) {
  constexpr int kCount = kPack<T>;
  using P = Pack<T, kCount>;
  for (int64_t i = first_item(); i < packs; i += item_step()) {
    const P pg = reinterpret_cast<const P*>(g)[i], px = reinterpret_cast<const P*>(x)[i];
    const P py = reinterpret_cast<const P*>(y)[i];
    P out;
#pragma unroll
    for (int j = 0; j < kCount; ++j) {
      out.at[j] = from_compute<T>(op.grad(to_compute(pg.at[j]), to_compute(px.at[j]), to_compute(py.at[j])));
    }
    reinterpret_cast<P*>(gx)[i] = out;
  }
}

/** Packs for the bulk, and single elements for what is left. */
template <class Op, class T, class R> int32_t value_all(Device& d, const Op& op, int64_t n, const T* x, R* y) {
  const int64_t bulk = packs(x, y) ? n / kPack<T> : 0, done = bulk * kPack<T>;
  int32_t status = FL_OK;
  if (bulk > 0) status = launch(d, "unary", value_packs<Op, T, R>, grid_for(d, bulk), op, bulk, x, y);
  if (status != FL_OK || done == n) return status;
  return launch(d, "unary", value_kernel<Op, T, R>, grid_for(d, n - done), op, n - done, x + done, y + done);
}

template <class Op, class T>
int32_t grad_all(Device& d, const Op& op, int64_t n, const T* g, const T* x, const T* y, T* gx) {
  const bool misses_input = x == nullptr && (Op::needs == kInput || Op::needs == kBoth);
  const bool misses_output = y == nullptr && (Op::needs == kOutput || Op::needs == kBoth);
  if (misses_input || misses_output) {
    return fail(FL_INTERNAL, "unary_grad: this op's gradient needs its %s", misses_input ? "input" : "output");
  }
  const T* from_x = x == nullptr ? g : x;  // what is not needed may still be loaded
  const T* from_y = y == nullptr ? g : y;
  const int64_t bulk = packs(g, from_x, from_y, gx) ? n / kPack<T> : 0, done = bulk * kPack<T>;
  int32_t status = FL_OK;
  if (bulk > 0) {
    status = launch(d, "unary_grad", grad_packs<Op, T>, grid_for(d, bulk), op, bulk, g, from_x, from_y, gx);
  }
  if (status != FL_OK || done == n) return status;
  return launch(d, "unary_grad", grad_kernel<Op, T>, grid_for(d, n - done), op, n - done, g + done, from_x + done,
                from_y + done, gx + done);
}

}  // namespace

int32_t unary(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address x, fl_address y, double p, double q) {
  const int32_t code = dtype == FL_BOOL ? int32_t{FL_UINT8} : dtype;
  if (dtype == FL_BOOL && op == FL_NEG) return unsupported("neg", dtype);
  return visit_numbers("unary", code, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    int32_t status = visit_question(op, [&](const auto& f) { return value_all(d, f, n, from, pointer<uint8_t>(y)); });
    if (status < 0) status = visit_plain(op, [&](const auto& f) { return value_all(d, f, n, from, pointer<T>(y)); });
    if constexpr (IsFloating<Compute<T>>::value) {
      if (status < 0) {
        status = visit_smooth(simpler_power(op, p), p, q,
                              [&](const auto& f) { return value_all(d, f, n, from, pointer<T>(y)); });
      }
    }
    return status < 0 ? unsupported("unary", dtype) : status;
  });
}

int32_t unary_grad(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address g, fl_address x, fl_address y,
                   fl_address gx, double p, double q) {
  return visit_float("unary_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const auto run = [&](const auto& f) {
      return grad_all(d, f, n, pointer<const T>(g), pointer<const T>(x), pointer<const T>(y), pointer<T>(gx));
    };
    int32_t status = visit_plain(op, run);
    if (status < 0) status = visit_smooth(op, p, q, run);
    return status < 0 ? unsupported("unary_grad", dtype) : status;
  });
}

}  // namespace device
}  // namespace flambeau
