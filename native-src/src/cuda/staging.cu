#include "staging.h"

namespace flambeau {
namespace device {
namespace {

constexpr int64_t kTiny = 4096;    // most reads are of one number
constexpr size_t kMostPieces = 8;  // of the large size: 32 MB; more copies than that wait for the oldest
constexpr size_t kMostTiny = 256;  // 1 MB

}  // namespace

Staging::Piece* Staging::free_piece(int64_t size) {
  Piece* waiting = nullptr;
  size_t of_size = 0;
  const size_t most = size == kTiny ? kMostTiny : kMostPieces;
  for (Piece* p : pieces_) {
    if (p->size != size) continue;
    ++of_size;
    if (p->in_use) continue;
    if (!p->pending) return p;
    if (waiting == nullptr || p->turn < waiting->turn) waiting = p;
  }
  if (waiting != nullptr) {  // the oldest: while it is not done, the others hardly are
    if (cudaEventQuery(waiting->sent) == cudaSuccess) {
      waiting->pending = false;
      return waiting;
    }
    cudaGetLastError();  // "not ready" is no failure
  }
  if (of_size < most || waiting == nullptr) {
    void* memory = nullptr;
    cudaEvent_t event = nullptr;
    if (cudaHostAlloc(&memory, static_cast<size_t>(size), cudaHostAllocPortable) == cudaSuccess) {
      if (cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess) {
        Piece* made = new Piece{memory, size, event, false, false, 0};
        pieces_.push_back(made);
        by_address_[reinterpret_cast<fl_address>(memory)] = made;
        return made;
      }
      cudaFreeHost(memory);
    }
    cudaGetLastError();
  }
  if (waiting != nullptr) {
    cudaEventSynchronize(waiting->sent);
    waiting->pending = false;
  }
  return waiting;
}

fl_address Staging::reserve(int64_t bytes) {
  if (bytes > FL_STAGING_BYTES) return 0;
  std::lock_guard<std::mutex> lock(mutex_);
  Piece* p = free_piece(bytes <= kTiny ? kTiny : FL_STAGING_BYTES);
  if (p == nullptr) return 0;
  p->in_use = true;
  return reinterpret_cast<fl_address>(p->memory);
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
      if (status == FL_OK) status = check("upload", cudaEventCreateWithFlags(&before_, cudaEventDisableTiming));
      if (status == FL_OK) status = check("upload", cudaEventCreateWithFlags(&after_, cudaEventDisableTiming));
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
  if (status == FL_OK) status = check("upload", cudaEventRecord(p->sent, stream));
  if (beside) {
    targets_.push_back(target);
    unjoined_.store(true, std::memory_order_release);
  }
  p->pending = true;
  p->turn = ++turns_;
  p->in_use = false;
  return status;
}

int32_t Staging::join(Device& d) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (targets_.empty()) return FL_OK;
  targets_.clear();
  unjoined_.store(false, std::memory_order_release);
  const int32_t status = check("upload", cudaEventRecord(after_, beside_));
  return status != FL_OK ? status : check("upload", cudaStreamWaitEvent(d.stream, after_, 0));
}

void Staging::settle(Device& d, fl_address block, int64_t bytes) {
  if (!unjoined_.load(std::memory_order_acquire)) return;
  bool concerned = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    // A target may be any part of the block.
    for (fl_address target : targets_) concerned = concerned || (target >= block && target < block + bytes);
  }
  if (concerned && device_at(d.index) != nullptr) join(d);
}

int32_t Staging::fetch(Device& d, fl_address staged, fl_address source, int64_t bytes) {
  // No lock: the piece is its caller's, and waiting must not keep others from their copies.
  const int32_t status =
      check("download", cudaMemcpyAsync(reinterpret_cast<void*>(staged), reinterpret_cast<const void*>(source),
                                        static_cast<size_t>(bytes), cudaMemcpyDeviceToHost, d.stream));
  return status != FL_OK ? status : synchronize(d, "download");
}

void Staging::release(fl_address staged) {
  std::lock_guard<std::mutex> lock(mutex_);
  Piece* p = at(staged);
  if (p != nullptr) p->in_use = false;
}

}  // namespace device
}  // namespace flambeau
