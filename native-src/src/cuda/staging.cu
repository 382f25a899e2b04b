#include "staging.h"

namespace flambeau {
namespace device {
namespace {

constexpr int64_t kTiny = 4096;     // most reads are of one number
constexpr size_t kMostPieces = 16;  // of the large size: 32 MB; more copies than that wait for the oldest
constexpr size_t kMostTiny = 256;   // 1 MB

}  // namespace

cudaError_t Staging::free_piece(int64_t size, Piece*& piece) {
  Piece* waiting = nullptr;
  size_t of_size = 0;
  const size_t most = size == kTiny ? kMostTiny : kMostPieces;
  for (Piece* p : pieces_) {
    if (p->size != size) continue;
    ++of_size;
    if (p->in_use) continue;
    if (!p->pending) {
      piece = p;
      return cudaSuccess;
    }
    if (waiting == nullptr || p->turn < waiting->turn) waiting = p;
  }
  piece = waiting;
  if (waiting != nullptr) {  // the oldest: while it is not done, the others hardly are
    const cudaError_t error = cudaEventQuery(waiting->sent);
    if (error == cudaSuccess) waiting->pending = false;
    if (error != cudaErrorNotReady) return error;
    cudaGetLastError();  // "not ready" is no failure
  }
  if (of_size < most || waiting == nullptr) {
    const cudaError_t error = new_piece(size, piece);
    if (error == cudaSuccess) return error;
    cudaGetLastError();
    if (error != cudaErrorMemoryAllocation || waiting == nullptr) return error;
    piece = waiting;
  }
  const cudaError_t error = cudaEventSynchronize(waiting->sent);
  if (error == cudaSuccess) waiting->pending = false;
  return error;
}

cudaError_t Staging::new_piece(int64_t size, Piece*& piece) {
  void* memory = nullptr;
  cudaEvent_t event = nullptr;
  cudaError_t error = cudaHostAlloc(&memory, static_cast<size_t>(size), cudaHostAllocPortable);
  if (error != cudaSuccess) return error;
  error = cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
  if (error != cudaSuccess) {
    cudaFreeHost(memory);
    return error;
  }
  piece = new Piece{memory, size, event, false, false, 0};
  pieces_.push_back(piece);
  by_address_[reinterpret_cast<fl_address>(memory)] = piece;
  return cudaSuccess;
}

int32_t Staging::reserve(const char* op, int64_t bytes, fl_address& staged) {
  staged = 0;
  if (bytes > FL_STAGING_BYTES) {
    return fail(FL_INTERNAL, "%s: at most %d bytes are staged at once, not %lld", op, FL_STAGING_BYTES,
                static_cast<long long>(bytes));
  }
  std::lock_guard<std::mutex> lock(mutex_);
  Piece* p = nullptr;
  const cudaError_t error = free_piece(bytes <= kTiny ? kTiny : FL_STAGING_BYTES, p);
  if (error == cudaErrorMemoryAllocation) {
    return fail(FL_OUT_OF_MEMORY, "%s: the system has no pinned memory left", op);
  }
  if (error != cudaSuccess) return check(op, error);
  p->in_use = true;
  staged = reinterpret_cast<fl_address>(p->memory);
  return FL_OK;
}

Staging::Piece* Staging::at(fl_address staged) {
  const auto found = by_address_.find(staged);
  return found == by_address_.end() ? nullptr : found->second;
}

int32_t Staging::send(Device& d, fl_address target, fl_address staged, int64_t bytes, bool beside) {
  std::lock_guard<std::mutex> lock(mutex_);
  Piece* p = at(staged);
  if (p == nullptr) return fail(FL_INTERNAL, "upload: not a piece of staging memory");
  int32_t status = FL_OK;
  cudaStream_t stream = d.stream;
  if (beside) {
    if (beside_ == nullptr) {
      status = check("upload", cudaStreamCreateWithFlags(&beside_, cudaStreamNonBlocking));
    }
    for (cudaEvent_t* event : {&before_, &after_}) {
      if (status == FL_OK && *event == nullptr) {
        status = check("upload", cudaEventCreateWithFlags(event, cudaEventDisableTiming));
      }
    }
    stream = beside_;
    // The target may have been another tensor's until now, with kernels that use it still queued.
    if (status == FL_OK) status = check("upload", cudaEventRecord(before_, d.stream));
    if (status == FL_OK) status = check("upload", cudaStreamWaitEvent(stream, before_, 0));
  }
  if (status == FL_OK) {
    status = check("upload", cudaMemcpyAsync(reinterpret_cast<void*>(target), p->memory, static_cast<size_t>(bytes),
                                             cudaMemcpyHostToDevice, stream));
  }
  if (status == FL_OK) {
    if (beside) {
      targets_.push_back(target);
      unjoined_.store(true, std::memory_order_release);
    }
    status = check("upload", cudaEventRecord(p->sent, stream));
    if (status != FL_OK) return status;  // the copy may still use the piece: it stays in use
    p->pending = true;
    p->turn = ++turns_;
  }
  p->in_use = false;
  return status;
}

int32_t Staging::join(Device& d) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (targets_.empty()) return FL_OK;
  int32_t status = check("upload", cudaEventRecord(after_, beside_));
  if (status == FL_OK) status = check("upload", cudaStreamWaitEvent(d.stream, after_, 0));
  if (status != FL_OK) return status;
  targets_.clear();
  unjoined_.store(false, std::memory_order_release);
  return FL_OK;
}

int32_t Staging::settle(Device& d, fl_address block, int64_t bytes) {
  if (!unjoined_.load(std::memory_order_acquire)) return FL_OK;
  bool concerned = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    // A target may be any part of the block.
    for (fl_address target : targets_) concerned = concerned || (target >= block && target < block + bytes);
  }
  if (!concerned) return FL_OK;
  return device_at(d.index) == nullptr ? int32_t{FL_INTERNAL} : join(d);
}

int32_t Staging::fetch(Device& d, fl_address staged, fl_address source, int64_t bytes) {
  int32_t status =
      check("download", cudaMemcpyAsync(reinterpret_cast<void*>(staged), reinterpret_cast<const void*>(source),
                                        static_cast<size_t>(bytes), cudaMemcpyDeviceToHost, d.stream));
  if (status != FL_OK) return status;
  // The lock is not held while this waits: the piece is its caller's, and others go on with their copies.
  if (bytes <= kTiny) return synchronize(d, "download");
  cudaEvent_t arrived = nullptr;  // and not the copies that others have queued since
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const Piece* p = at(staged);
    if (p == nullptr) return fail(FL_INTERNAL, "download: not a piece of staging memory");
    arrived = p->sent;
  }
  status = check("download", cudaEventRecord(arrived, d.stream));
  if (status == FL_OK) status = check("download", cudaEventSynchronize(arrived));
  return status == FL_OK ? found(d, "download") : status;
}

void Staging::release(fl_address staged) {
  std::lock_guard<std::mutex> lock(mutex_);
  Piece* p = at(staged);
  if (p != nullptr) p->in_use = false;
}

}  // namespace device
}  // namespace flambeau
