/*
 * Large copies go through pinned memory in pieces, each taken by one of several threads: between a program's memory and
 * pinned memory one thread copies 6 to 9 GB/s, a sixth of what PCI Express 5 takes (bench/GPU.md).
 */
#include "transfer.h"

#include <stdio.h>
#include <string.h>

#include <system_error>
#include <thread>

#include "../shared/abi.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

constexpr int32_t kMostThreads = 8;  // more than that are no faster
constexpr int64_t kPieces = 2;       // for each thread, at least: to start one takes as long as a quarter of a piece
std::atomic<int32_t> threads_set{0};

/** f(offset, size) for each piece, until one fails: that failure is the answer. */
template <class F> int32_t by_pieces(const Device& d, const char* op, int64_t bytes, const F& f) {
  const int64_t pieces = ceil_div(bytes, FL_STAGING_BYTES);
  std::atomic<int64_t> next{0};
  std::mutex failing;
  int32_t status = FL_OK;
  char reason[512] = "";
  const auto work = [&] {
    for (int64_t i = next++; i < pieces; i = next++) {
      const int64_t offset = i * FL_STAGING_BYTES;
      // No exception may leave a thread, nor this call while others run.
      const int32_t answer =
          guarded(op, true, [&] { return f(offset, least<int64_t>(bytes - offset, FL_STAGING_BYTES)); });
      if (answer == FL_OK) continue;
      next = pieces;
      const std::lock_guard<std::mutex> lock(failing);
      if (status == FL_OK) {
        status = answer;
        snprintf(reason, sizeof reason, "%s", last_error());  // a thread's own
      }
    }
  };
  const int64_t count = least<int64_t>(transfer_threads(), pieces / kPieces);
  std::thread others[kMostThreads];
  try {
    for (int64_t i = 1; i < count; ++i) {
      others[i] = std::thread([&] {
        if (device_at(d.index) != nullptr) work();  // else fewer do
      });
    }
  } catch (const std::system_error&) {
  }
  work();
  for (std::thread& other : others) {
    if (other.joinable()) other.join();
  }
  return status == FL_OK ? int32_t{FL_OK} : fail(status, "%s", reason);
}

}  // namespace

int32_t transfer_threads() noexcept {
  const int32_t set = threads_set.load(std::memory_order_relaxed);
  if (set > 0) return set;
  const int32_t half = static_cast<int32_t>(std::thread::hardware_concurrency() / 2);
  return most<int32_t>(1, least(half, kMostThreads));
}

int32_t set_transfer_threads(int32_t threads) noexcept {
  if (threads < 1) return fail(FL_INTERNAL, "set_threads: at least 1, got %d", threads);
  threads_set.store(least(threads, kMostThreads), std::memory_order_relaxed);
  return FL_OK;
}

int32_t upload(Device& d, fl_address target, const void* source, int64_t bytes, bool beside) {
  return by_pieces(d, "upload", bytes, [&](int64_t offset, int64_t size) {
    fl_address staged = 0;
    const int32_t status = d.staging->reserve("upload", size, staged);
    if (status != FL_OK) return status;
    memcpy(reinterpret_cast<void*>(staged), static_cast<const char*>(source) + offset, static_cast<size_t>(size));
    return d.staging->send(d, target + offset, staged, size, beside);
  });
}

int32_t download(Device& d, void* target, fl_address source, int64_t bytes) {
  return by_pieces(d, "download", bytes, [&](int64_t offset, int64_t size) {
    fl_address staged = 0;
    int32_t fetched = d.staging->reserve("download", size, staged);
    if (fetched != FL_OK) return fetched;
    fetched = d.staging->fetch(d, staged, source + offset, size);
    if (fetched == FL_OK) {
      memcpy(static_cast<char*>(target) + offset, reinterpret_cast<const void*>(staged), static_cast<size_t>(size));
    }
    d.staging->release(staged);
    return fetched;
  });
}

}  // namespace device
}  // namespace flambeau
