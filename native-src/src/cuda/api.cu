/* The ABI: every fl_ function checks cheaply, finds the device, and lets no exception out. */
#include <stdio.h>
#include <string.h>

#include "allocator.h"
#include "blas.h"
#include "kernels.h"
#include "staging.h"
#include "../shared/abi.h"

#ifndef FL_ABI_HASH
#error "define FL_ABI_HASH: the 64-bit FNV-1a hash of flambeau.h without carriage returns"
#endif

namespace flambeau {

const char* const half_refusal = "cannot do this; use to(DType.FLOAT32)";

namespace {

using device::Device;
using device::guarded;
using device::host_value;

/* guarded, for the device that `owner` lies on; a failure found there meanwhile is told first. */
template <class F> int32_t on_device(const char* op, bool valid, fl_address owner, const F& operation) {
  return guarded(op, valid, [&]() -> int32_t {
    Device* d = device::device_of(owner);
    if (d == nullptr) return FL_INTERNAL;
    const int32_t earlier = device::found(*d, op);
    return earlier != FL_OK ? earlier : operation(*d);
  });
}

/* guarded, for the device that this thread has selected. */
template <class F> int32_t on_selected(const char* op, bool valid, const F& operation) {
  return guarded(op, valid, [&]() -> int32_t {
    Device* d = device::device_at(device::selected());
    return d == nullptr ? int32_t{FL_INTERNAL} : operation(*d);
  });
}

/* The first parameter of an optimizer's table: the second number of its first row. */
fl_address first_parameter(fl_address table) {
  return table == 0 ? 0 : reinterpret_cast<const int64_t*>(table)[1];  // looked at before the arguments are checked
}

/* How the last call of this thread went whose answer is no status. */
thread_local int32_t value_status = FL_OK;

int64_t size_of(int32_t dtype) {
  switch (dtype) {
    case FL_FLOAT64:
    case FL_INT64: return 8;
    case FL_FLOAT32:
    case FL_INT32: return 4;
    case FL_FLOAT16:
    case FL_BFLOAT16: return 2;
    default: return 1;
  }
}

/* f(device, staged memory) between taking the memory and giving it back. */
template <class F> int32_t with_staging(Device& d, int64_t bytes, const F& f) {
  fl_address staged = 0;
  int32_t status = d.staging->reserve("download", bytes, staged);
  if (status != FL_OK) return status;
  status = f(staged);
  d.staging->release(staged);
  return status;
}

template <class R> R read_as(int32_t dtype, fl_address x) {
  R value = 0;
  value_status = guarded("read", x != 0, [&]() -> int32_t {
    Device* d = device::device_of(x);
    if (d == nullptr) return FL_INTERNAL;
    return with_staging(*d, size_of(dtype), [&](fl_address staged) {
      const int32_t status = d->staging->fetch(*d, staged, x, size_of(dtype));
      if (status == FL_OK) value = host_value<R>(dtype, staged);
      return status;
    });
  });
  return value;
}

}  // namespace
}  // namespace flambeau

using namespace flambeau;

extern "C" {

int64_t fl_abi(void) { return static_cast<int64_t>(FL_ABI_HASH); }

const char* fl_last_error(void) { return last_error(); }

const char* fl_describe(void) {
  static thread_local char text[1536];
  const Device* d = device::device_at(device::selected());
  if (d == nullptr) return last_error();
  int driver = 0;
  cudaDriverGetVersion(&driver);
  snprintf(text, sizeof text,
           "cuda:%d: %s, compute capability %d.%d, %d multiprocessors, driver for CUDA %d.%d, BLAS: %s%s", d->index,
           d->name, d->capability / 10, d->capability % 10, d->processors, driver / 1000, driver % 1000 / 10,
           device::blas_origin(*d), device::is_on(FL_CUDA_TF32) ? " (TF32)" : "");
  return text;
}

int32_t fl_threads(void) { return 1; }

int32_t fl_set_threads(int32_t count) {
  return count >= 1 ? int32_t{FL_OK} : fail(FL_INTERNAL, "set_threads: at least 1, got %d", count);
}

int32_t fl_blas_open(const char*) { return FL_OK; }

int32_t fl_devices(void) { return device::device_count(); }

int32_t fl_select(int32_t index) {
  return guarded("device", true, [&] { return device::select(index); });
}

int32_t fl_synchronize(void) {
  return on_selected("synchronize", true, [](Device& d) { return device::synchronize(d, "synchronize"); });
}

int32_t fl_cuda_switch(int32_t which, int32_t on) { return device::set_switch(which, on != 0); }

int64_t fl_device_allocations(void) { return device::device_allocations(); }

int32_t fl_cublas_open(const char* cublas, const char* cublas_lt) {
  return guarded("blas", cublas != nullptr && cublas_lt != nullptr,
                 [&] { return device::blas_open(cublas, cublas_lt); });
}

fl_address fl_allocate(int64_t bytes) { return fl_allocate_on(device::selected(), bytes); }

fl_address fl_allocate_on(int32_t index, int64_t bytes) {
  fl_address block = 0;
  value_status = guarded("allocate", true, [&]() -> int32_t {
    Device* d = device::device_at(index);
    if (d == nullptr) return FL_INTERNAL;
    block = d->allocator->allocate(bytes);
    if (block != 0) return FL_OK;
    cudaError_t error = device::refusal();
    if (error != cudaErrorMemoryAllocation) return device::check("allocate", error);
    char held[384];
    error = d->allocator->describe(held, sizeof held);
    return error != cudaSuccess ? device::check("allocate", error) : fail(FL_OUT_OF_MEMORY, "%s", held);
  });
  return block;
}

void fl_free(fl_address block, int64_t bytes) {
  if (block == 0) return;
  // Any thread may free, and nearly always no device is touched.
  guarded("free", true, [&] { return device::release(block, bytes); });
}

int64_t fl_device_bytes(int32_t index) {
  size_t free_bytes = 0, total = 0;
  value_status = guarded("memory", true, [&]() -> int32_t {
    return device::device_at(index) == nullptr ? int32_t{FL_INTERNAL}
                                               : device::check("memory", cudaMemGetInfo(&free_bytes, &total));
  });
  return static_cast<int64_t>(total);
}

int64_t fl_memory(int32_t what) {
  int64_t bytes = 0;
  value_status = on_selected("memory", true, [&](Device& d) -> int32_t {
    const device::Allocator& a = *d.allocator;
    bytes = what == 0 ? a.live() : what == 1 ? a.cached() : a.held();
    return FL_OK;
  });
  return bytes;
}

void fl_trim(void) {
  value_status = on_selected("trim", true, [](Device& d) { return device::check("trim", d.allocator->trim()); });
}

fl_address fl_stage(int64_t bytes) {
  fl_address staged = 0;
  value_status = on_selected("copy", bytes >= 1, [&](Device& d) { return d.staging->reserve("copy", bytes, staged); });
  return staged;
}

int32_t fl_send(fl_address target, fl_address staged, int64_t bytes) {
  return on_selected("upload", target != 0 && staged != 0 && bytes >= 1,
                     [&](Device& d) { return d.staging->send(d, target, staged, bytes, false); });
}

int32_t fl_send_beside(fl_address target, fl_address staged, int64_t bytes) {
  return on_selected("upload", target != 0 && staged != 0 && bytes >= 1,
                     [&](Device& d) { return d.staging->send(d, target, staged, bytes, true); });
}

int32_t fl_join(void) {
  return on_selected("upload", true, [](Device& d) { return d.staging->join(d); });
}

int32_t fl_fetch(fl_address staged, fl_address source, int64_t bytes) {
  return on_selected("download", staged != 0 && source != 0 && bytes >= 1,
                     [&](Device& d) { return d.staging->fetch(d, staged, source, bytes); });
}

void fl_unstage(fl_address staged) {
  on_selected("copy", true, [&](Device& d) -> int32_t {
    d.staging->release(staged);
    return FL_OK;
  });
}

void fl_copy_host(fl_address target, fl_address source, int64_t bytes) {
  memcpy(reinterpret_cast<void*>(target), reinterpret_cast<const void*>(source), static_cast<size_t>(bytes));
}

void fl_copy_in(fl_address staged, const void* array, int64_t offset, int64_t bytes) {
  memcpy(reinterpret_cast<void*>(staged), static_cast<const char*>(array) + offset, static_cast<size_t>(bytes));
}

void fl_copy_out(void* array, int64_t offset, fl_address staged, int64_t bytes) {
  memcpy(static_cast<char*>(array) + offset, reinterpret_cast<const void*>(staged), static_cast<size_t>(bytes));
}

int32_t fl_upload(fl_address target, const void* source, int64_t bytes) {
  return on_device("upload", target != 0 && source != nullptr && bytes >= 0, target, [&](Device& d) -> int32_t {
    for (int64_t done = 0; done < bytes;) {
      const int64_t size = bytes - done < FL_STAGING_BYTES ? bytes - done : FL_STAGING_BYTES;
      fl_address staged = 0;
      int32_t status = d.staging->reserve("upload", size, staged);
      if (status != FL_OK) return status;
      memcpy(reinterpret_cast<void*>(staged), static_cast<const char*>(source) + done, static_cast<size_t>(size));
      status = d.staging->send(d, target + done, staged, size, false);
      if (status != FL_OK) return status;
      done += size;
    }
    return FL_OK;
  });
}

int32_t fl_download(void* target, fl_address source, int64_t bytes) {
  return on_device("download", target != nullptr && source != 0 && bytes >= 0, source, [&](Device& d) -> int32_t {
    for (int64_t done = 0; done < bytes;) {
      const int64_t size = bytes - done < FL_STAGING_BYTES ? bytes - done : FL_STAGING_BYTES;
      const int32_t status = with_staging(d, size, [&](fl_address staged) {
        const int32_t fetched = d.staging->fetch(d, staged, source + done, size);
        if (fetched == FL_OK) {
          memcpy(static_cast<char*>(target) + done, reinterpret_cast<const void*>(staged), static_cast<size_t>(size));
        }
        return fetched;
      });
      if (status != FL_OK) return status;
      done += size;
    }
    return FL_OK;
  });
}

double fl_read_double(int32_t dtype, fl_address x) { return read_as<double>(dtype, x); }

int64_t fl_read_long(int32_t dtype, fl_address x) { return read_as<int64_t>(dtype, x); }

int32_t fl_value_status(void) { return value_status; }

int32_t fl_fill(int32_t dtype, int64_t n, fl_address y, int64_t value) {
  return on_device("fill", n >= 1 && y != 0, y, [&](Device& d) { return device::fill(d, dtype, n, y, value); });
}

int32_t fl_unary(int32_t op, int32_t dtype, int64_t n, fl_address x, fl_address y, double p, double q) {
  return on_device("unary", n >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::unary(d, op, dtype, n, x, y, p, q); });
}

int32_t fl_unary_grad(int32_t op, int32_t dtype, int64_t n, fl_address g, fl_address x, fl_address y, fl_address gx,
                      double p, double q) {
  return on_device("unary_grad", n >= 1 && g != 0 && gx != 0, gx,
                   [&](Device& d) { return device::unary_grad(d, op, dtype, n, g, x, y, gx, p, q); });
}

int32_t fl_binary(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_address y) {
  return on_device("binary", n >= 1 && a != 0 && b != 0 && y != 0, y,
                   [&](Device& d) { return device::binary(d, op, dtype, n, a, b, y); });
}

int32_t fl_binary_scalar(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address y, int64_t scalar,
                         int32_t reversed) {
  return on_device("binary_scalar", n >= 1 && a != 0 && y != 0, y,
                   [&](Device& d) { return device::binary_scalar(d, op, dtype, n, a, y, scalar, reversed); });
}

int32_t fl_binary_strided(int32_t op, int32_t dtype, fl_address geometry, fl_address a, fl_address b, fl_address y) {
  return on_device("binary_strided", geometry != 0 && a != 0 && b != 0 && y != 0, y,
                   [&](Device& d) { return device::binary_strided(d, op, dtype, geometry, a, b, y); });
}

int32_t fl_where(int32_t dtype, fl_address geometry, fl_address condition, fl_address a, fl_address b, fl_address y) {
  return on_device("where", geometry != 0 && condition != 0 && a != 0 && b != 0 && y != 0, y,
                   [&](Device& d) { return device::where(d, dtype, geometry, condition, a, b, y); });
}

int32_t fl_convert(int32_t from, int32_t to, int64_t n, fl_address x, fl_address y) {
  return on_device("convert", n >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::convert(d, from, to, n, x, y); });
}

int32_t fl_copy(int32_t from, int32_t to, fl_address geometry, fl_address x, fl_address y) {
  return on_device("copy", geometry != 0 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::copy(d, from, to, geometry, x, y); });
}

int32_t fl_reduce(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_address y) {
  return on_device("reduce", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::reduce(d, op, dtype, outer, len, inner, x, y); });
}

int32_t fl_reduce_index(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                        fl_address values, fl_address indices) {
  return on_device(
      "reduce_index", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && indices != 0, indices,
      [&](Device& d) { return device::reduce_index(d, op, dtype, outer, len, inner, x, values, indices); });
}

int32_t fl_moments(int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_address mean,
                   fl_address variance, double correction) {
  return on_device(
      "moments", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && variance != 0, variance,
      [&](Device& d) { return device::moments(d, dtype, outer, len, inner, x, mean, variance, correction); });
}

int32_t fl_softmax(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_address y) {
  return on_device("softmax", outer >= 1 && len >= 1 && inner >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::softmax(d, log, dtype, outer, len, inner, x, y); });
}

int32_t fl_softmax_grad(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                        fl_address y, fl_address gx) {
  return on_device("softmax_grad", outer >= 1 && len >= 1 && inner >= 1 && g != 0 && y != 0 && gx != 0, gx,
                   [&](Device& d) { return device::softmax_grad(d, log, dtype, outer, len, inner, g, y, gx); });
}

int32_t fl_layer_norm(int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_address weight, fl_address bias,
                      fl_address y, fl_address mean, fl_address rstd, double eps) {
  return on_device(
      "layer_norm", rows >= 1 && columns >= 1 && x != 0 && y != 0 && mean != 0 && rstd != 0, y,
      [&](Device& d) { return device::layer_norm(d, dtype, rows, columns, x, weight, bias, y, mean, rstd, eps); });
}

int32_t fl_layer_norm_grad(int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x, fl_address mean,
                           fl_address rstd, fl_address weight, fl_address gx, fl_address gweight, fl_address gbias) {
  return on_device(
      "layer_norm_grad", rows >= 1 && columns >= 1 && g != 0 && x != 0 && mean != 0 && rstd != 0, g, [&](Device& d) {
        return device::layer_norm_grad(d, dtype, rows, columns, g, x, mean, rstd, weight, gx, gweight, gbias);
      });
}

int32_t fl_loss(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address x, fl_address target,
                fl_address y) {
  return on_device("loss", n >= 1 && x != 0 && target != 0 && y != 0, y,
                   [&](Device& d) { return device::loss(d, op, reduction, dtype, n, x, target, y); });
}

int32_t fl_loss_grad(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address g, fl_address x,
                     fl_address target, fl_address gx) {
  return on_device("loss_grad", n >= 1 && g != 0 && x != 0 && target != 0 && gx != 0, gx,
                   [&](Device& d) { return device::loss_grad(d, op, reduction, dtype, n, g, x, target, gx); });
}

int32_t fl_nll_loss(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                    fl_address log_probabilities, fl_address target, fl_address weight, fl_address y,
                    fl_address total_weight, int64_t ignore_index) {
  return on_device(
      "nll_loss",
      outer >= 1 && classes >= 1 && inner >= 1 && log_probabilities != 0 && target != 0 && y != 0 && total_weight != 0,
      y, [&](Device& d) {
        return device::nll_loss(d, reduction, dtype, outer, classes, inner, log_probabilities, target, weight, y,
                                total_weight, ignore_index);
      });
}

int32_t fl_nll_loss_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner, fl_address g,
                         fl_address target, fl_address weight, fl_address total_weight, fl_address gx,
                         int64_t ignore_index) {
  return on_device("nll_loss_grad",
                   outer >= 1 && classes >= 1 && inner >= 1 && g != 0 && target != 0 && total_weight != 0 && gx != 0,
                   gx, [&](Device& d) {
                     return device::nll_loss_grad(d, reduction, dtype, outer, classes, inner, g, target, weight,
                                                  total_weight, gx, ignore_index);
                   });
}

int32_t fl_cross_entropy(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner, fl_address x,
                         fl_address target, fl_address weight, fl_address y, fl_address log_sums,
                         fl_address total_weight, int64_t ignore_index, double smoothing) {
  return on_device("cross_entropy",
                   outer >= 1 && classes >= 1 && inner >= 1 && x != 0 && target != 0 && y != 0 && total_weight != 0, y,
                   [&](Device& d) {
                     return device::cross_entropy(d, reduction, dtype, outer, classes, inner, x, target, weight, y,
                                                  log_sums, total_weight, ignore_index, smoothing);
                   });
}

int32_t fl_cross_entropy_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                              fl_address g, fl_address x, fl_address log_sums, fl_address target, fl_address weight,
                              fl_address total_weight, fl_address gx, int64_t ignore_index, double smoothing) {
  return on_device("cross_entropy_grad",
                   outer >= 1 && classes >= 1 && inner >= 1 && g != 0 && x != 0 && log_sums != 0 && target != 0 &&
                       total_weight != 0 && gx != 0,
                   gx, [&](Device& d) {
                     return device::cross_entropy_grad(d, reduction, dtype, outer, classes, inner, g, x, log_sums,
                                                       target, weight, total_weight, gx, ignore_index, smoothing);
                   });
}

int32_t fl_matmul(int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k, fl_address a,
                  int64_t a_batch, int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch, int64_t c_row,
                  int64_t c_column, fl_address bias, fl_address y, int64_t y_batch, int64_t y_row) {
  return on_device("matmul", batch >= 1 && m >= 1 && n >= 1 && k >= 1 && a != 0 && c != 0 && y != 0, y, [&](Device& d) {
    return device::matmul(d, dtype, activation, batch, m, n, k, a, a_batch, a_row, a_column, c, c_batch, c_row,
                          c_column, bias, y, y_batch, y_row);
  });
}

int32_t fl_gather(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                  fl_address index, fl_address y) {
  return on_device("gather", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && x != 0 && index != 0 && y != 0, y,
                   [&](Device& d) { return device::gather(d, dtype, outer, length, count, inner, x, index, y); });
}

int32_t fl_scatter(int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                   fl_address index, fl_address source, fl_address y) {
  return on_device(
      "scatter", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && index != 0 && source != 0 && y != 0, y,
      [&](Device& d) { return device::scatter(d, add, dtype, outer, length, count, inner, index, source, y); });
}

int32_t fl_index_select(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                        fl_address index, fl_address y) {
  return on_device("index_select",
                   outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && x != 0 && index != 0 && y != 0, y,
                   [&](Device& d) { return device::index_select(d, dtype, outer, length, count, inner, x, index, y); });
}

int32_t fl_index_add(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address index,
                     fl_address source, fl_address y) {
  return on_device(
      "index_add", outer >= 1 && length >= 1 && count >= 1 && inner >= 1 && index != 0 && source != 0 && y != 0, y,
      [&](Device& d) { return device::index_add(d, dtype, outer, length, count, inner, index, source, y); });
}

int32_t fl_random_seed(fl_address state, int64_t seed) {
  return guarded("random_seed", state != 0, [&] { return device::random_seed(state, seed); });
}

int32_t fl_random(int32_t kind, int32_t dtype, int64_t n, fl_address state, fl_address x, fl_address y, int64_t p,
                  int64_t q) {
  return on_device("random", n >= 1 && state != 0 && y != 0, y,
                   [&](Device& d) { return device::random(d, kind, dtype, n, state, x, y, p, q); });
}

int32_t fl_sgd(int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double momentum,
               double dampening, double weight_decay) {
  return on_device("sgd", count >= 1 && table != 0, first_parameter(table), [&](Device& d) {
    return device::sgd(d, dtype, flags, count, table, lr, momentum, dampening, weight_decay);
  });
}

int32_t fl_adam(int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double beta1, double beta2,
                double eps, double weight_decay) {
  return on_device("adam", count >= 1 && table != 0, first_parameter(table), [&](Device& d) {
    return device::adam(d, dtype, flags, count, table, lr, beta1, beta2, eps, weight_decay);
  });
}

int32_t fl_dropout(int32_t dtype, int64_t n, int64_t seed, int64_t offset, fl_address x, fl_address y, double p) {
  return on_device("dropout", n >= 1 && x != 0 && y != 0, y,
                   [&](Device& d) { return device::dropout(d, dtype, n, seed, offset, x, y, p); });
}

}  // extern "C"
