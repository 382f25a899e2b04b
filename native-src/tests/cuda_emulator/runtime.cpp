/* The emulated CUDA runtime: devices, their memory, and streams. See cuda_runtime.h beside this. Linux only. */
#include "cuda_runtime.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

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
long number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text != nullptr ? strtol(text, nullptr, 10) : otherwise;
}
int devices() {
  static const int count = static_cast<int>(number("FLAMBEAU_EMULATED_DEVICES", 1));
  return count;
}
bool always_open() {
  static const bool open = getenv("FLAMBEAU_EMULATED_OPEN") != nullptr;
  return open;
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
/** Has a kernel failed? On a real GPU no call does anything from then on. */
bool faulty() { return !control().empty() && access((control() + "/fault").c_str(), F_OK) == 0; }

/* ------------------------------------------------------------------------------------------------ device memory */
constexpr size_t kPage = 2 << 20;  // memory comes in pages of that size, each of one device, as a GPU's does
struct Segment {
  size_t size;
  int device;
};
std::map<void*, Segment> blocks;
size_t used[64];

size_t capacity() { return static_cast<size_t>(number("FLAMBEAU_EMULATED_MB", 4096)) << 20; }

/** The memory of a device (-1: of any) is open for as long as one of these lives. */
class Access {
 public:
  explicit Access(int device) : device_(device) {
    if (!always_open()) protect(PROT_READ | PROT_WRITE);
  }
  ~Access() {
    if (!always_open()) protect(PROT_NONE);
  }

 private:
  void protect(int rights) const {
    for (const auto& block : blocks) {
      if (device_ < 0 || block.second.device == device_) mprotect(block.first, block.second.size, rights);
    }
  }
  const int device_;
};

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
  if (faulty()) return answer(cudaErrorIllegalAddress);
  EmulatedStream& s = *static_cast<EmulatedStream*>(stream);
  if (s.device != device_now) return answer(cudaErrorInvalidResourceHandle);
  note("launch", op);
  if (emulator::discards()) return cudaSuccess;
  const int device = s.device;
  add(s, {[=] {
            const Access access(device);
            body();
          },
          nullptr, nullptr});
  return cudaSuccess;
}

cudaError_t copy(void* target, const void* source, size_t bytes, cudaStream_t stream) {
  add(*stream, {[=] {
                  const Access access(-1);
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

cudaError_t queue(const char* op, cudaStream_t stream, dim3 grid, dim3 block, size_t shared,
                  std::function<void()> body) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  if (faulty()) return answer(cudaErrorIllegalAddress);
  const unsigned threads = block.x * block.y * block.z;
  if (threads == 0 || threads > 1024 || grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.y > 65535 || grid.z > 65535 ||
      shared > (227 << 10)) {
    return answer(cudaErrorInvalidValue);
  }
  if (stream->device != device_now) return answer(cudaErrorInvalidResourceHandle);
  note("launch", op);
  const int device = device_now;
  add(*stream, {[=] {
                  const Access access(device);
                  run(grid, block, shared, body);
                },
                nullptr, nullptr});
  return cudaSuccess;
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
    default: return "unknown error";
  }
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = devices();
  int driver = 0, runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  return answer(driver < runtime ? cudaErrorInsufficientDriver : cudaSuccess);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  const int capability = static_cast<int>(number("FLAMBEAU_EMULATED_CAPABILITY", 80));
  *properties = {"emulated on the host", capacity(), 2, capability / 10, capability % 10};
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
  if (faulty()) return answer(cudaErrorIllegalAddress);
  const size_t rounded = (bytes + kPage - 1) / kPage * kPage;
  if (used[device_now] + rounded > capacity()) return answer(cudaErrorMemoryAllocation);
  note("malloc", bytes);
  const int rights = always_open() ? PROT_READ | PROT_WRITE : PROT_NONE;
  void* found = mmap(nullptr, rounded + kPage, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (found == MAP_FAILED) return answer(cudaErrorMemoryAllocation);
  char* const begin = static_cast<char*>(found);
  char* const made = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(found) + kPage - 1) / kPage * kPage);
  if (made != begin) munmap(begin, static_cast<size_t>(made - begin));
  munmap(made + rounded, static_cast<size_t>(begin + kPage - made));
  blocks[made] = {rounded, device_now};
  used[device_now] += rounded;
  *block = made;
  return cudaSuccess;
}
cudaError_t cudaFree(void* block) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  const auto found = blocks.find(block);
  if (found == blocks.end()) return answer(cudaErrorInvalidValue);
  drain_all();
  used[found->second.device] -= found->second.size;
  munmap(block, found->second.size);
  blocks.erase(found);
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *total = capacity();
  *free = *total - used[device_now];
  return cudaSuccess;
}
cudaError_t cudaHostAlloc(void** block, size_t bytes, unsigned) {
  note("pin", bytes);
  *block = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  return answer(*block != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* block) {
  free(block);
  return cudaSuccess;
}
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned) {
  *device = host;
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  if (faulty()) return answer(cudaErrorIllegalAddress);
  note(kind == cudaMemcpyHostToDevice ? "upload" : kind == cudaMemcpyDeviceToHost ? "download" : "copy", bytes);
  return emulator::discards() ? cudaSuccess : copy(target, source, bytes, stream);
}
cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  if (faulty()) return answer(cudaErrorIllegalAddress);
  note("set", bytes);
  if (emulator::discards()) return cudaSuccess;
  add(*stream, {[=] {
                  const Access access(-1);
                  memset(target, value, bytes);
                },
                nullptr, nullptr});
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  *stream = new EmulatedStream{{&take}, device_now, {}};
  streams.push_back(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  note("wait", "for a stream");
  drain(*stream, nullptr);
  return answer(faulty() ? cudaErrorIllegalAddress : cudaSuccess);
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  if (event->mark != nullptr) add(*stream, {nullptr, event->mark, nullptr});
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new EmulatedEvent{device_now, nullptr};
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  if (event->device != stream->device) return answer(cudaErrorInvalidResourceHandle);
  event->mark = std::make_shared<Mark>(Mark{stream, false});
  add(*stream, {nullptr, nullptr, event->mark});
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  return event->mark == nullptr || event->mark->passed ? cudaSuccess : cudaErrorNotReady;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  note("wait", "for an event");
  if (event->mark != nullptr) drain(*event->mark->stream, event->mark.get());
  return answer(faulty() ? cudaErrorIllegalAddress : cudaSuccess);
}
cudaError_t cudaDeviceSynchronize() {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  note("wait", "for a device");
  for (EmulatedStream* s : streams) {
    if (s->device == device_now) drain(*s, nullptr);
  }
  return answer(faulty() ? cudaErrorIllegalAddress : cudaSuccess);
}
cudaError_t cudaGetLastError() {
  const cudaError_t error = last;
  last = cudaSuccess;
  return error;
}
cudaError_t cudaPeekAtLastError() { return last; }
