#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>
#include <mutex>

#include "allocator.h"
#include "staging.h"

namespace flambeau {
namespace device {
namespace {

constexpr int kMostDevices = 64;
constexpr int kLeastCapability = 75;  // what the build compiles for: see nvccFlags in NativeBuild.java
std::atomic<Device*> opened[kMostDevices];
std::mutex opening;
thread_local int32_t chosen = 0;    // what fl_select said
thread_local int32_t current = -1;  // what cudaSetDevice was told last on this thread

std::atomic<bool> switches[FL_CUDA_OWN_RELU + 1];

struct Counted {
  int32_t count;
  char reason[256];
};

Counted count_devices() {
  Counted c = {-1, ""};
  int devices = 0, driver = 0, runtime = 0;
  const cudaError_t error = cudaGetDeviceCount(&devices);
  cudaDriverGetVersion(&driver);  // 0 where there is none
  cudaRuntimeGetVersion(&runtime);
  if (error == cudaSuccess && devices > 0) {
    c.count = devices < kMostDevices ? devices : kMostDevices;
  } else if (driver == 0) {
    snprintf(c.reason, sizeof c.reason, "no NVIDIA driver is installed (libcuda.so.1 did not load)");
  } else if (error == cudaErrorInsufficientDriver) {
    snprintf(c.reason, sizeof c.reason,
             "the NVIDIA driver serves CUDA %d.%d, and this library needs CUDA %d.%d: driver 580 or newer for Linux "
             "(nvidia-smi shows which is installed)",
             driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
  } else if (error == cudaErrorNoDevice || error == cudaSuccess) {
    snprintf(c.reason, sizeof c.reason,
             "the NVIDIA driver (CUDA %d.%d) sees no GPU; look at nvidia-smi and CUDA_VISIBLE_DEVICES", driver / 1000,
             driver % 1000 / 10);
  } else {
    snprintf(c.reason, sizeof c.reason, "the NVIDIA driver answers: %s", cudaGetErrorString(error));
  }
  cudaGetLastError();  // the failure has been reported; later calls must not see it again
  return c;
}

const Counted& counted() {
  static const Counted c = count_devices();
  return c;
}

/** Is each block to be an allocation of its own? For compute-sanitizer: see Allocator. */
bool exact_blocks() {
  const char* text = getenv("FLAMBEAU_CUDA_EXACT");
  return text != nullptr && *text != 0 && strcmp(text, "0") != 0;
}

int32_t open_device(int32_t index, Device** answer) {
  cudaDeviceProp properties;
  int32_t status = check("device", cudaGetDeviceProperties(&properties, index));
  if (status != FL_OK) return status;
  Device* d = new Device();
  d->index = index;
  d->processors = properties.multiProcessorCount;
  d->capability = properties.major * 10 + properties.minor;
  snprintf(d->name, sizeof d->name, "%s", properties.name);
  if (d->capability < kLeastCapability) {
    status = fail(FL_UNSUPPORTED, "device: GPU %d, %s, has compute capability %d.%d; the kernels need %d.%d or later",
                  index, d->name, properties.major, properties.minor, kLeastCapability / 10, kLeastCapability % 10);
  }
  void *taken = nullptr, *tickets = nullptr, *finding = nullptr, *seen = nullptr;
  if (status == FL_OK) status = check("device", cudaStreamCreateWithFlags(&d->stream, cudaStreamNonBlocking));
  if (status == FL_OK) status = check("device", cudaMalloc(&taken, sizeof(int32_t)));
  if (status == FL_OK) status = check("device", cudaMemsetAsync(taken, 0, sizeof(int32_t), d->stream));
  if (status == FL_OK) status = check("device", cudaMalloc(&tickets, kTickets * sizeof(uint32_t)));
  if (status == FL_OK) status = check("device", cudaMemsetAsync(tickets, 0, kTickets * sizeof(uint32_t), d->stream));
  if (status == FL_OK) status = check("device", cudaHostAlloc(&finding, sizeof(Finding), cudaHostAllocMapped));
  if (status == FL_OK) status = check("device", cudaHostGetDevicePointer(&seen, finding, 0));
  if (status != FL_OK) {  // the first failure is told; these may fail for the same reason
    if (finding != nullptr) cudaFreeHost(finding);
    if (tickets != nullptr) cudaFree(tickets);
    if (taken != nullptr) cudaFree(taken);
    if (d->stream != nullptr) cudaStreamDestroy(d->stream);
    cudaGetLastError();
    delete d;
    return status;
  }
  d->taken = static_cast<int32_t*>(taken);
  d->tickets = static_cast<uint32_t*>(tickets);
  d->finding = static_cast<Finding*>(finding);
  d->finding->status = 0;
  d->finding_on_device = static_cast<Finding*>(seen);
  d->allocator = new Allocator(index, exact_blocks());
  d->staging = new Staging();
  *answer = d;
  return FL_OK;
}

}  // namespace

int32_t device_count() noexcept {
  const Counted& c = counted();
  if (c.count < 0) fail(FL_UNSUPPORTED, "%s", c.reason);
  return c.count;
}

Device* device_at(int32_t index) noexcept {
  if (index == current && index >= 0) {
    Device* d = opened[index].load(std::memory_order_acquire);
    if (d != nullptr) return d;
  }
  const int32_t count = counted().count;
  if (index < 0 || index >= count) {
    fail(FL_INTERNAL, "there is no GPU %d: %s", index, count < 0 ? counted().reason : "the index is too large");
    return nullptr;
  }
  // Only where it must be: the first call of a thread, and one that changes the device, take their time.
  if (current != index) {
    if (check("device", cudaSetDevice(index)) != FL_OK) return nullptr;
    current = index;
  }
  Device* d = opened[index].load(std::memory_order_acquire);
  if (d != nullptr) return d;
  std::lock_guard<std::mutex> lock(opening);
  d = opened[index].load(std::memory_order_acquire);
  if (d == nullptr && open_device(index, &d) == FL_OK) opened[index].store(d, std::memory_order_release);
  return d;
}

Device* device_of(fl_address address) noexcept {
  const int owner = owner_of(address);
  return device_at(owner < 0 ? 0 : owner);
}

int32_t release(fl_address block, int64_t bytes) {
  const int owner = owner_of(block);
  Device* d = owner < 0 ? nullptr : opened[owner].load(std::memory_order_acquire);
  if (d == nullptr) return FL_OK;
  // Where a concurrent copy may still use the block, it is never reused.
  const int32_t status = d->staging->settle(*d, block, bytes);
  if (status != FL_OK) return status;
  if (d->allocator->exact() && device_at(owner) == nullptr) return FL_INTERNAL;
  d->allocator->release(block);
  return FL_OK;
}

bool make_room(Device& d, cudaError_t* failure) {
  cudaGetLastError();
  const cudaError_t error = d.allocator->trim();
  if (error != cudaSuccess && failure != nullptr) *failure = error;
  return error == cudaSuccess;
}

int32_t select(int32_t index) noexcept {
  if (device_at(index) == nullptr) return FL_INTERNAL;
  chosen = index;
  return FL_OK;
}

int32_t selected() noexcept { return chosen; }

namespace {

/** Has a kernel died, so that the driver answers every later call of the process with the same? */
bool is_final(cudaError_t error) {
  switch (error) {
    case cudaErrorECCUncorrectable:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure: return true;
    default: return false;
  }
}

const char* advice(cudaError_t error) {
  if (is_final(error)) {
    return " (a kernel died, perhaps an earlier one; the GPU serves this process no more: start it again, with "
           "-Dflambeau.cuda.sync=true to see which it was)";
  }
  switch (error) {
    case cudaErrorDevicesUnavailable: return " (another process may hold the GPU alone: see nvidia-smi, compute mode)";
    case cudaErrorNoKernelImageForDevice: return " (this library's kernels need compute capability 7.5 or later)";
    case cudaErrorCudartUnloading: return " (the program is ending)";
    default: return "";
  }
}

std::mutex telling;  // of the threads that see a finding one tells it

}  // namespace

int32_t check(const char* op, cudaError_t error) noexcept {
  if (error == cudaSuccess) return FL_OK;
  cudaGetLastError();
  return fail(error == cudaErrorMemoryAllocation ? FL_OUT_OF_MEMORY : FL_INTERNAL, "%s: CUDA says: %s%s", op,
              cudaGetErrorString(error), advice(error));
}

int32_t found(Device& d, const char* now) noexcept {
  if (d.finding->status == FL_OK) return FL_OK;
  std::lock_guard<std::mutex> lock(telling);
  const int32_t status = d.finding->status;
  if (status == FL_OK) return FL_OK;
  // The kernel that reported has ended by the time anything waits; here it may still run, so wait for it first.
  const cudaError_t error = cudaStreamSynchronize(d.stream);
  if (error != cudaSuccess) return check(now, error);
  const char* op = const_cast<const char*>(d.finding->op);
  const long long value = d.finding->value, bound = d.finding->bound;
  d.finding->status = FL_OK;
  const int32_t cleared = check(now, cudaMemsetAsync(d.taken, 0, sizeof(int32_t), d.stream));
  if (cleared != FL_OK) return cleared;  // nothing on this device will be found any more
  if (status == FL_DIVIDE_BY_ZERO) {
    return fail(status, "%s: integer division by zero " FL_LATE ", told during %s)", op, now);
  }
  if (status == FL_UNSUPPORTED) {
    return fail(status, "%s: all inputs must be probabilities in [0, 1] " FL_LATE ", told during %s)", op, now);
  }
  return fail(status, "%s: index %lld is out of range for a dimension of size %lld " FL_LATE ", told during %s)", op,
              value, bound, now);
}

int32_t synchronize(Device& d, const char* op) noexcept {
  const int32_t status = check(op, cudaStreamSynchronize(d.stream));
  return status != FL_OK ? status : found(d, op);
}

int32_t queue(Device& d, const char* op, cudaError_t (*run)(const void* call), const void* call) {
  cudaError_t error = run(call);
  if (error == cudaErrorMemoryAllocation && make_room(d, &error)) error = run(call);
  if (error != cudaSuccess) return check(op, error);
  return is_on(FL_CUDA_SYNC) ? synchronize(d, op) : FL_OK;
}

bool is_on(int32_t which) noexcept { return switches[which].load(std::memory_order_relaxed); }

int32_t set_switch(int32_t which, bool on) noexcept {
  if (which < 0 || which > FL_CUDA_OWN_RELU) return fail(FL_UNSUPPORTED, "there is no switch %d", which);
  switches[which].store(on, std::memory_order_relaxed);
  return FL_OK;
}

}  // namespace device
}  // namespace flambeau
