/* The ABI: every fl_ function checks cheaply, finds the device, and lets no exception out; for kernels: wrappers.inl. */
#include <stdio.h>
#include <string.h>

#include "allocator.h"
#include "blas.h"
#include "kernels.h"
#include "transfer.h"
#include "../shared/abi.h"

#ifndef FL_ABI_HASH
#error "define FL_ABI_HASH: the 64-bit FNV-1a hash of flambeau.h and flambeau_cuda.h without carriage returns"
#endif

namespace flambeau {

const char* const half_refusal = "cannot do this; use to(DType.FLOAT32)";

namespace {

using device::Device;
using device::guarded;
using device::host_value;
using device::size_of;

/* guarded, for the device that `owner` lies on. */
template <class F> int32_t on_owner(const char* op, bool valid, fl_address owner, const F& operation) {
  return guarded(op, valid, [&]() -> int32_t {
    Device* d = device::device_of(owner);
    return d == nullptr ? int32_t{FL_INTERNAL} : operation(*d);
  });
}

/* The same; a failure found on the device meanwhile comes first. */
template <class F> int32_t on_device(const char* op, bool valid, fl_address owner, const F& operation) {
  return on_owner(op, valid, owner, [&](Device& d) {
    const int32_t earlier = device::found(d, op);
    return earlier != FL_OK ? earlier : operation(d);
  });
}

/* guarded, for the device that this thread has selected. */
template <class F> int32_t on_selected(const char* op, bool valid, const F& operation) {
  return guarded(op, valid, [&]() -> int32_t {
    Device* d = device::device_at(device::selected());
    return d == nullptr ? int32_t{FL_INTERNAL} : operation(*d);
  });
}

/* Where rows lie on a device: the first one's second number. Read before the arguments are checked. */
fl_address second_of_first_row(fl_rows rows) { return rows == 0 ? 0 : reinterpret_cast<const int64_t*>(rows)[1]; }

/* The status of this thread's last call that returns a value and no status. */
thread_local int32_t value_status = FL_OK;

template <class R> R read_as(int32_t dtype, fl_address x) {
  R value = 0;
  value_status = on_owner("read", x != 0, x, [&](Device& d) {
    fl_address staged = 0;
    int32_t status = d.staging->reserve("read", size_of(dtype), staged);
    if (status != FL_OK) return status;
    status = d.staging->fetch(d, staged, x, size_of(dtype));
    if (status == FL_OK) value = host_value<R>(dtype, staged);
    d.staging->release(staged);
    return status;
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

int32_t fl_threads(void) { return device::transfer_threads(); }

int32_t fl_set_threads(int32_t count) { return device::set_transfer_threads(count); }

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
    bytes = what == 0 ? a.live() : what == 1 ? a.cached() : what == 2 ? a.held() : 0;
    return FL_OK;
  });
  return bytes;
}

void fl_trim(void) {
  value_status = on_selected("trim", true, [](Device& d) { return device::check("trim", d.allocator->trim()); });
}

int64_t fl_detach(int32_t) { return 0; }

void fl_give_back(int64_t) {}

int32_t fl_barrier(int32_t) { return 0; }

fl_address fl_stage(int64_t bytes) {
  fl_address staged = 0;
  value_status = on_selected("copy", bytes >= 1, [&](Device& d) { return d.staging->reserve("copy", bytes, staged); });
  return staged;
}

int32_t fl_send(fl_address target, fl_address staged, int64_t bytes) {
  return on_selected("upload", target != 0 && staged != 0 && bytes >= 1,
                     [&](Device& d) { return d.staging->send(d, target, staged, bytes, false); });
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

void fl_copy_in(fl_address staged, const void* array, int64_t offset, int64_t bytes) {
  memcpy(reinterpret_cast<void*>(staged), static_cast<const char*>(array) + offset, static_cast<size_t>(bytes));
}

void fl_copy_out(void* array, int64_t offset, fl_address staged, int64_t bytes) {
  memcpy(static_cast<char*>(array) + offset, reinterpret_cast<const void*>(staged), static_cast<size_t>(bytes));
}

int32_t fl_upload(fl_address target, const void* source, int64_t bytes) {
  return on_owner("upload", target != 0 && source != nullptr && bytes >= 0, target,
                  [&](Device& d) { return device::upload(d, target, source, bytes, false); });
}

int32_t fl_upload_beside(fl_address target, const void* source, int64_t bytes) {
  return on_owner("upload", target != 0 && source != nullptr && bytes >= 0, target,
                  [&](Device& d) { return device::upload(d, target, source, bytes, true); });
}

int32_t fl_download(void* target, fl_address source, int64_t bytes) {
  return on_owner("download", target != nullptr && source != 0 && bytes >= 0, source,
                  [&](Device& d) { return device::download(d, target, source, bytes); });
}

double fl_read_double(int32_t dtype, fl_address x) { return read_as<double>(dtype, x); }

int64_t fl_read_long(int32_t dtype, fl_address x) { return read_as<int64_t>(dtype, x); }

int32_t fl_value_status(void) { return value_status; }

}  // extern "C"

#include "wrappers.inl"
