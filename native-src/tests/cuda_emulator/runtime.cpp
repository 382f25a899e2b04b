/* The emulated CUDA runtime: devices, their memory, and streams. See cuda_runtime.h beside this. Linux only. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "emulator.h"
#include "queue.h"

/** A point in a stream, passed once everything before it is done. */
struct Mark {
  EmulatedStream* stream;
  bool passed;
};
struct Work {
  std::function<void()> run;
  std::shared_ptr<Mark> after, mark;  // waits for the first, passes the second; either may be null
};
struct EmulatedStream : EmulatedQueue {
  int device;
  std::deque<Work> queue;
};
struct EmulatedEvent {
  int device;
  std::shared_ptr<Mark> mark;  // of the last record; null: never recorded
};

namespace {

std::recursive_mutex one_at_a_time;
thread_local int device_now = 0;
thread_local cudaError_t last = cudaSuccess;

cudaError_t answer(cudaError_t error) {
  if (error != cudaSuccess) last = error;
  return error;
}

/* ------------------------------------------------------------------------------------------------ the environment */
using emulator::number;
int devices() {
  static const int count = static_cast<int>(number("FLAMBEAU_EMULATED_DEVICES", 1));
  return count;
}
bool defers() {
  static const bool late = getenv("FLAMBEAU_EMULATED_DEFER") != nullptr;
  return late;
}
const std::string& control() {
  static const char* folder = getenv("FLAMBEAU_EMULATED_CONTROL");
  static const std::string name = folder != nullptr ? folder : "";
  return name;
}
void note(const char* what, const char* of) {
  if (control().empty()) return;
  const int file = open((control() + "/log").c_str(), O_WRONLY | O_APPEND);
  if (file < 0) return;
  const std::string line = std::string(what) + " " + of + "\n";
  if (write(file, line.data(), line.size()) < 0) perror("emulated CUDA: log");
  close(file);
}
void note(const char* what, size_t bytes) { note(what, std::to_string(bytes).c_str()); }

/* ------------------------------------------------------------------------------------------------ what fails */
cudaError_t died = cudaSuccess;  // where no folder can say so

/** What a call of that function is to fail by: on a real GPU none does anything once a kernel has failed. */
cudaError_t failing(const char* function) {
  if (died != cudaSuccess) return died;
  if (control().empty()) return cudaSuccess;
  FILE* file = fopen((control() + "/fault").c_str(), "r");
  if (file == nullptr) return cudaSuccess;
  cudaError_t answer = cudaSuccess;
  int lines = 0;
  for (char line[128]; answer == cudaSuccess && fgets(line, sizeof line, file) != nullptr; ++lines) {
    int error = 0;
    char only[64] = "";
    const int read = sscanf(line, "%d %63s", &error, only);
    if (read == 1 || (read == 2 && strcmp(only, function) == 0)) answer = static_cast<cudaError_t>(error);
  }
  fclose(file);
  return lines == 0 ? cudaErrorIllegalAddress : answer;
}

#define FL_UNLESS_FAILING \
  if (const cudaError_t failure = failing(__func__); failure != cudaSuccess) return answer(failure)

/** Writes down how a kernel died, and lets every later call fail. */
void bury(const char* op, const emulator::Death& death) {
  std::string where = death.why;
  if (where.back() == ' ') where += emulator::place(death.address);
  fprintf(stderr, "emulated CUDA: %s: thread %u, %u, %u of block %u, %u, %u %s\n", op, death.thread.x, death.thread.y,
          death.thread.z, death.block.x, death.block.y, death.block.z, where.c_str());
  FILE* file = control().empty() ? nullptr : fopen((control() + "/fault").c_str(), "w");
  if (file == nullptr) {
    died = death.error;
    return;
  }
  fprintf(file, "%d\n", death.error);
  fclose(file);
}

/* ------------------------------------------------------------------------------------------------ streams */
std::vector<EmulatedStream*> streams;

void advance(EmulatedStream& s);
/** Does what a stream holds up to a mark; null: all. */
void drain(EmulatedStream& s, const Mark* until) {
  while (!s.queue.empty() && (until == nullptr || !until->passed)) advance(s);
}
void advance(EmulatedStream& s) {
  const Work work = std::move(s.queue.front());
  s.queue.pop_front();
  if (work.after != nullptr) drain(*work.after->stream, work.after.get());
  if (work.run) work.run();
  if (work.mark != nullptr) work.mark->passed = true;
}
void drain_all() {
  for (EmulatedStream* s : streams) drain(*s, nullptr);
}

/** Takes work, and does it now, or later; with a seed some that is not waiting for another stream is done now. */
void add(EmulatedStream& s, Work work) {
  s.queue.push_back(std::move(work));
  if (!defers()) return drain(s, nullptr);
  static uint64_t random = static_cast<uint64_t>(number("FLAMBEAU_EMULATED_DEFER", 0));
  while (random != 0) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    if (random >> 33 & 1) return;
    EmulatedStream& lucky = *streams[(random >> 40) % streams.size()];
    if (lucky.queue.empty()) return;
    const Work& next = lucky.queue.front();
    if (next.after == nullptr || next.after->passed) advance(lucky);
  }
}

/** Queues what a library does on a stream. */
int take(EmulatedQueue* stream, const char* op, std::function<void()> body) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  EmulatedStream& s = *static_cast<EmulatedStream*>(stream);
  if (s.device != device_now) return answer(cudaErrorInvalidResourceHandle);
  note("launch", op);
  if (emulator::discards()) return cudaSuccess;
  const int device = s.device;
  add(s, {[=] {
            const emulator::Access access(device);
            body();
          },
          nullptr, nullptr});
  return cudaSuccess;
}

cudaError_t copy(void* target, const void* source, size_t bytes, cudaStream_t stream) {
  add(*stream, {[=] {
                  const emulator::Access access(-1);
                  memmove(target, source, bytes);
                },
                nullptr, nullptr});
  return cudaSuccess;
}

}  // namespace

namespace emulator {

bool discards() {
  static const bool on = getenv("FLAMBEAU_EMULATED_DISCARD") != nullptr;
  return on;
}

cudaError_t queue(const Launch& l, cudaStream_t stream, std::function<void()> body) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  if (const cudaError_t failure = failing("cudaLaunchKernel"); failure != cudaSuccess) return answer(failure);
  const unsigned threads = l.block.x * l.block.y * l.block.z;
  if (threads == 0 || threads > 1024 || l.grid.x == 0 || l.grid.y == 0 || l.grid.z == 0 || l.grid.x > 0x7fffffff ||
      l.grid.y > 65535 || l.grid.z > 65535) {
    return answer(cudaErrorInvalidValue);
  }
  if (l.shared > kSharedUnasked) {
    fprintf(stderr, "emulated CUDA: %s: %zu bytes of shared memory; more than 48 KB must be asked for\n", l.op,
            l.shared);
    return answer(cudaErrorInvalidValue);
  }
  if (threads > static_cast<unsigned>(bound_of(l.kernel))) {
    fprintf(stderr, "emulated CUDA: %s: %u threads, and the kernel's __launch_bounds__ are %d\n", l.op, threads,
            bound_of(l.kernel));
    return answer(cudaErrorLaunchOutOfResources);
  }
  if (stream->device != device_now) return answer(cudaErrorInvalidResourceHandle);
  note("launch", l.op);
  const int device = device_now;
  add(*stream, {[=] {
                  const Access access(device);
                  Death death = run(l.grid, l.block, l.shared, body);
                  const void* damaged = death.error == cudaSuccess ? damage(device) : nullptr;
                  if (damaged != nullptr) {
                    death.error = cudaErrorIllegalAddress;
                    death.address = damaged;
                    death.why = "(or another one) wrote: ";
                  }
                  if (death.error != cudaSuccess) bury(l.op, death);
                },
                nullptr, nullptr});
  return cudaSuccess;
}

void revive() {
  died = cudaSuccess;
  if (!control().empty()) remove((control() + "/fault").c_str());
}

}  // namespace emulator

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "no error";
    case cudaErrorInvalidValue: return "invalid argument";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorInvalidResourceHandle: return "invalid resource handle";
    case cudaErrorIllegalAddress: return "an illegal memory access was encountered";
    case cudaErrorLaunchOutOfResources: return "too many resources requested for launch";
    case cudaErrorLaunchTimeout: return "the launch timed out and was terminated";
    case cudaErrorIllegalInstruction: return "an illegal instruction was encountered";
    case cudaErrorMisalignedAddress: return "misaligned address";
    case cudaErrorLaunchFailure: return "unspecified launch failure";
    default: return "unknown error";
  }
}
cudaError_t cudaGetDeviceCount(int* count) {
  static const bool fresh = (emulator::revive(), true);  // of a kernel of another process
  static_cast<void>(fresh);
  *count = devices();
  int driver = 0, runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  return answer(driver < runtime ? cudaErrorInsufficientDriver : cudaSuccess);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  const int capability = static_cast<int>(number("FLAMBEAU_EMULATED_CAPABILITY", 80));
  *properties = {"emulated on the host", emulator::capacity(), 2, capability / 10, capability % 10};
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = static_cast<int>(number("FLAMBEAU_EMULATED_DRIVER", 13000));
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= devices()) return answer(cudaErrorInvalidDevice);
  device_now = device;
  return cudaSuccess;
}
cudaError_t cudaMalloc(void** block, size_t bytes) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  const cudaError_t error = emulator::take_memory(device_now, bytes, block);
  if (error == cudaSuccess) note("malloc", bytes);
  return answer(error);
}
cudaError_t cudaFree(void* block) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  drain_all();
  return answer(emulator::give_memory(block) ? cudaSuccess : cudaErrorInvalidValue);
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  *total = emulator::capacity();
  *free = *total - emulator::used(device_now);
  return cudaSuccess;
}
cudaError_t cudaHostAlloc(void** block, size_t bytes, unsigned) {
  FL_UNLESS_FAILING;
  note("pin", bytes);
  *block = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  return answer(*block != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* block) {
  free(block);
  return cudaSuccess;
}
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned) {
  FL_UNLESS_FAILING;
  *device = host;
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  // Memory of the host that is not pinned is no device's, whatever a kernel here could read.
  if (emulator::is_on_device(target, bytes) != (kind != cudaMemcpyDeviceToHost) ||
      emulator::is_on_device(source, bytes) != (kind != cudaMemcpyHostToDevice)) {
    return answer(cudaErrorInvalidValue);
  }
  note(kind == cudaMemcpyHostToDevice ? "upload" : kind == cudaMemcpyDeviceToHost ? "download" : "copy", bytes);
  return emulator::discards() ? cudaSuccess : copy(target, source, bytes, stream);
}
cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  note("set", bytes);
  if (emulator::discards()) return cudaSuccess;
  add(*stream, {[=] {
                  const emulator::Access access(-1);
                  memset(target, value, bytes);
                },
                nullptr, nullptr});
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  *stream = new EmulatedStream{{&take}, device_now, {}};
  streams.push_back(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  drain(*stream, nullptr);
  streams.erase(std::remove(streams.begin(), streams.end(), stream), streams.end());
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  note("wait", "for a stream");
  drain(*stream, nullptr);
  FL_UNLESS_FAILING;
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  if (event->mark != nullptr) add(*stream, {nullptr, event->mark, nullptr});
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  FL_UNLESS_FAILING;
  *event = new EmulatedEvent{device_now, nullptr};
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  if (event->device != stream->device) return answer(cudaErrorInvalidResourceHandle);
  event->mark = std::make_shared<Mark>(Mark{stream, false});
  add(*stream, {nullptr, nullptr, event->mark});
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  FL_UNLESS_FAILING;
  return answer(event->mark == nullptr || event->mark->passed ? cudaSuccess : cudaErrorNotReady);
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  note("wait", "for an event");
  if (event->mark != nullptr) drain(*event->mark->stream, event->mark.get());
  FL_UNLESS_FAILING;
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  note("wait", "for a device");
  for (EmulatedStream* s : streams) {
    if (s->device == device_now) drain(*s, nullptr);
  }
  FL_UNLESS_FAILING;
  return cudaSuccess;
}
cudaError_t cudaGetLastError() {
  const cudaError_t error = last;
  last = cudaSuccess;
  return error;
}
cudaError_t cudaPeekAtLastError() { return last; }
