#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "error.h"
#include "flambeau.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace flambeau {
namespace {

constexpr int64_t kSpinNanoseconds = 30000;
constexpr double kWakeNanoseconds = 50000;  // less work than this does not pay for waking a sleeper
constexpr double kChunkNanoseconds = 4000;  // chunks are not cut finer
constexpr int32_t kMostThreads = 1024;

inline void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int32_t processors() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
#endif
  return std::max(1, static_cast<int32_t>(std::thread::hardware_concurrency()));
}

class Pool {
 public:
  Pool() : threads_(processors()) {}

  int32_t threads() const { return threads_.load(std::memory_order_relaxed); }

  void set_threads(int32_t count) {
    while (busy_.exchange(true)) std::this_thread::yield();
    stop_workers();
    threads_.store(count);
    busy_.store(false);
  }

  void run(int64_t total, double item_ns, RangeBody body, void* context) {
    const double work = static_cast<double>(total) * item_ns;
    const int32_t wanted = threads();
    const bool shared = wanted > 1 && total > 1 && work >= kSerialNanoseconds && !busy_.exchange(true);
    if (!shared || !share(total, item_ns, work, wanted, body, context)) body(context, 0, total);
    if (shared) busy_.store(false);
  }

 private:
  /* The caller holds busy_. False: not worth it, nothing was done. */
  bool share(int64_t total, double item_ns, double work, int32_t wanted, RangeBody body, void* context) {
    if (workers_.empty()) start_workers(wanted - 1);
    const int32_t asleep = sleeping_.load();
    const int32_t awake = static_cast<int32_t>(workers_.size()) - asleep;
    if (workers_.empty() || (awake <= 0 && work < kWakeNanoseconds)) return false;
    const int64_t finest = std::max<int64_t>(1, static_cast<int64_t>(kChunkNanoseconds / item_ns));
    const int64_t even = (total + 4 * wanted - 1) / (4 * wanted);
    body_ = body;
    context_ = context;
    total_ = total;
    chunk_ = std::min(total, std::max(finest, even));
    next_.store(0);
    open_.store(true);
    epoch_.fetch_add(1);
    if (work >= kWakeNanoseconds) wake((total_ + chunk_ - 1) / chunk_ - 1 - std::max(0, awake));
    take_chunks();
    open_.store(false);
    for (int spins = 0; active_.load() != 0; ++spins) {
      if (spins < 20000)
        pause_briefly();
      else
        std::this_thread::yield();  // the helper lost its processor: let it have ours
    }
    return true;
  }

  void start_workers(int32_t count) {
    stop_ = false;
    try {
      for (int32_t i = 0; i < count; ++i) {
        workers_.push_back(std::make_unique<std::thread>([this, seen = epoch_.load()] { serve(seen); }));
      }
    } catch (const std::exception&) {
      // The system gives no more threads (or memory for them): go on with those there are.
    }
    if (workers_.empty()) threads_.store(1);
  }

  void stop_workers() {
    stop_ = true;
    epoch_.fetch_add(1);
    wake(static_cast<int64_t>(workers_.size()));
    for (auto& worker : workers_) worker->join();
    workers_.clear();
  }

  void wake(int64_t count) {
    if (count <= 0 || sleeping_.load() == 0) return;
    { std::lock_guard<std::mutex> lock(bed_); }  // nobody is between its last look and its sleep
    if (count >= sleeping_.load()) {
      alarm_.notify_all();
    } else {
      for (; count > 0; --count) alarm_.notify_one();
    }
  }

  void take_chunks() {
    for (;;) {
      const int64_t begin = next_.fetch_add(chunk_);
      if (begin >= total_) return;
      body_(context_, begin, std::min(total_, begin + chunk_));
    }
  }

  void wait_for_change(uint64_t seen) {
    const int64_t until = now_ns() + kSpinNanoseconds;
    for (int spins = 1; epoch_.load() == seen; ++spins) {
      pause_briefly();
      if (spins % 64 == 0 && now_ns() > until) break;
    }
    if (epoch_.load() != seen) return;
    std::unique_lock<std::mutex> lock(bed_);
    sleeping_.fetch_add(1);
    alarm_.wait(lock, [&] { return epoch_.load() != seen; });
    sleeping_.fetch_sub(1);
  }

  /* A worker enters (active) before it looks whether the region is open, the caller closes before it looks who is in:
     so either the worker sees it closed, or the caller waits. */
  void serve(uint64_t seen) {
    for (;;) {
      wait_for_change(seen);
      seen = epoch_.load();
      if (stop_) return;
      active_.fetch_add(1);
      if (open_.load()) take_chunks();
      active_.fetch_sub(1);
    }
  }

  std::atomic<int32_t> threads_;
  std::atomic<bool> busy_{false};  // who sets it owns the workers; a second caller, or a nested one, does not queue
  std::vector<std::unique_ptr<std::thread>> workers_;
  std::atomic<bool> stop_{false};

  RangeBody body_ = nullptr;
  void* context_ = nullptr;
  int64_t total_ = 0;
  int64_t chunk_ = 1;
  alignas(64) std::atomic<uint64_t> epoch_{0};
  alignas(64) std::atomic<int64_t> next_{0};
  alignas(64) std::atomic<int32_t> active_{0};
  std::atomic<bool> open_{false};
  alignas(64) std::atomic<int32_t> sleeping_{0};
  std::mutex bed_;
  std::condition_variable alarm_;
};

/* Never destroyed: workers may still look at it while the process ends. */
Pool& pool() {
  static Pool* const shared = new Pool;
  return *shared;
}

}  // namespace

void parallel_run(int64_t total, double item_ns, RangeBody body, void* context) noexcept {
  pool().run(total, item_ns, body, context);
}

int32_t threads() noexcept { return pool().threads(); }

int32_t set_threads(int32_t count) {
  if (count < 1 || count > kMostThreads) {
    return fail(FL_INTERNAL, "set_threads: %d threads asked for; give 1 to %d", count, kMostThreads);
  }
  pool().set_threads(count);
  return FL_OK;
}

}  // namespace flambeau
