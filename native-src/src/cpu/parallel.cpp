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

#include "../shared/error.h"
#include "flambeau.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace flambeau {
namespace {

constexpr int64_t kSpinNanoseconds = 50000;
constexpr double kWakeNanoseconds = 50000;  // less work than this does not pay for waking a worker
constexpr double kChunkNanoseconds = 1000;  // chunks are not cut finer
constexpr int64_t kChunksEach = 8;          // what a thread's share is cut into, for others to take from
constexpr int64_t kShortGap = 20000;        // regions closer than this (nanoseconds) are one stream of work
constexpr double kMaxWakeCost = 50e6;       // of waking for small regions, in nanoseconds of work done alone
constexpr int kPatientSpins = 4000;         // 100 us or so
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

/*
 * What is left of one thread's share of a region. Each thread begins with its own, which in a loop over the same data is
 * the part its caches hold, and then takes chunks of others'.
 */
struct alignas(64) Share {
  std::atomic<int64_t> next{0};
  int64_t end = 0;
};

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
    if (shared) busy_.store(false, std::memory_order_release);
  }

 private:
  /* The caller holds busy_. False: not worth it, nothing was done. */
  bool share(int64_t total, double item_ns, double work, int32_t wanted, RangeBody body, void* context) {
    if (workers_.empty()) start_workers(wanted - 1);
    if (workers_.empty()) return false;
    const int32_t asleep = sleeping_.load(std::memory_order_relaxed);
    const int64_t count = static_cast<int64_t>(workers_.size());
    if (asleep >= count && work < kWakeNanoseconds) {
      if (is_stream(work)) wake(count);  // for the regions that follow
      return false;
    }
    open_region(total, item_ns, body, context);
    if (asleep > 0 && work >= kWakeNanoseconds) {
      wake((total + region_.chunk - 1) / region_.chunk - 1 - (count - asleep));
    }
    take_chunks(0);
    open_.store(false);
    for (int spins = 0; active_.load(std::memory_order_acquire) != 0; ++spins) {
      if (spins < kPatientSpins) {
        pause_briefly();
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(20));  // a worker was preempted: it may run here
      }
    }
    return true;
  }

  void open_region(int64_t total, double item_ns, RangeBody body, void* context) {
    const int64_t count = static_cast<int64_t>(workers_.size()) + 1;
    const int64_t finest = std::max<int64_t>(1, static_cast<int64_t>(kChunkNanoseconds / item_ns));
    const int64_t each = (total + count - 1) / count;
    region_.body = body;
    region_.context = context;
    region_.chunk = std::min(each, std::max(finest, (each + kChunksEach - 1) / kChunksEach));
    for (int64_t i = 0; i < count; ++i) {
      shares_[i].next.store(std::min(total, i * each), std::memory_order_relaxed);
      shares_[i].end = std::min(total, (i + 1) * each);
    }
    open_.store(true, std::memory_order_release);
    region_.epoch.fetch_add(1);
  }

  /* Do small regions follow each other so closely that an awake worker would have been of use? Work that was not shared
     is added up, and what it comes to pays for waking. Where those woken did not get to help (other programs had the
     processors), the next waking must be worth more. */
  bool is_stream(double work) {
    const int64_t now = now_ns();
    alone_ = now - alone_since_ < kShortGap ? alone_ + work : work;
    alone_since_ = now + static_cast<int64_t>(work);
    if (alone_ < wake_cost_ && !helped_.load(std::memory_order_relaxed)) return false;
    if (alone_ < kWakeNanoseconds) return false;
    wake_cost_ = helped_.load(std::memory_order_relaxed) ? kWakeNanoseconds : std::min(wake_cost_ * 4, kMaxWakeCost);
    helped_.store(false, std::memory_order_relaxed);
    alone_ = 0;
    region_.epoch.fetch_add(1);  // a region that is closed: they check it, and wait for the next one
    return true;
  }

  void start_workers(int32_t count) {
    stop_ = false;
    try {
      shares_ = std::make_unique<Share[]>(static_cast<size_t>(count) + 1);
      for (int32_t i = 1; i <= count; ++i) {
        workers_.push_back(std::make_unique<std::thread>([this, i, seen = region_.epoch.load()] { serve(i, seen); }));
      }
    } catch (const std::exception&) {
      // The system gives no more threads (or memory for them): go on with those there are.
    }
    if (workers_.empty()) threads_.store(1);
  }

  void stop_workers() {
    stop_ = true;
    region_.epoch.fetch_add(1);
    wake(static_cast<int64_t>(workers_.size()));
    for (auto& worker : workers_) worker->join();
    workers_.clear();
  }

  void wake(int64_t count) {
    if (count <= 0 || sleeping_.load() == 0) return;
    { std::lock_guard<std::mutex> lock(sleep_mutex_); }  // nobody is between its last check and its wait
    if (count >= sleeping_.load()) {
      wake_up_.notify_all();
    } else {
      for (; count > 0; --count) wake_up_.notify_one();
    }
  }

  /* The caller is number 0. */
  void take_chunks(int64_t number) {
    const int64_t count = static_cast<int64_t>(workers_.size()) + 1, chunk = region_.chunk;
    for (int64_t i = 0; i < count; ++i) {
      Share& from = shares_[number + i < count ? number + i : number + i - count];
      while (from.next.load(std::memory_order_relaxed) < from.end) {
        const int64_t begin = from.next.fetch_add(chunk, std::memory_order_relaxed);
        if (begin >= from.end) break;
        region_.body(region_.context, begin, std::min(from.end, begin + chunk));
      }
    }
  }

  void wait_for_change(uint64_t seen) {
    const int64_t until = now_ns() + kSpinNanoseconds;
    for (int spins = 1; region_.epoch.load(std::memory_order_acquire) == seen; ++spins) {
      pause_briefly();
      if (spins % 64 != 0) continue;
      if (now_ns() > until) break;
      std::this_thread::yield();  // let other threads run
    }
    if (region_.epoch.load() != seen) return;
    std::unique_lock<std::mutex> lock(sleep_mutex_);
    sleeping_.fetch_add(1);
    wake_up_.wait(lock, [&] { return region_.epoch.load() != seen; });
    sleeping_.fetch_sub(1);
  }

  /* A worker counts itself active before it checks whether the region is open, the caller closes before it checks who
     is active: so either the worker sees it closed, or the caller waits. */
  void serve(int64_t number, uint64_t seen) {
    for (;;) {
      wait_for_change(seen);
      seen = region_.epoch.load();
      if (stop_) return;
      active_.fetch_add(1);
      if (open_.load()) {
        take_chunks(number);
        if (!helped_.load(std::memory_order_relaxed)) helped_.store(true, std::memory_order_relaxed);
      }
      active_.fetch_sub(1);
    }
  }

  std::atomic<int32_t> threads_;
  std::atomic<bool> busy_{false};  // who sets it owns the workers; a second caller, or a nested one, does not queue
  std::vector<std::unique_ptr<std::thread>> workers_;
  std::unique_ptr<Share[]> shares_;  // the caller's, then the workers'
  std::atomic<bool> stop_{false};
  double alone_ = 0;
  int64_t alone_since_ = 0;
  double wake_cost_ = kWakeNanoseconds;
  std::atomic<bool> helped_{false};

  /* What a worker reads, in the cache line that it polls. */
  struct alignas(64) Region {
    std::atomic<uint64_t> epoch{0};
    RangeBody body = nullptr;
    void* context = nullptr;
    int64_t chunk = 1;
  };
  Region region_;
  alignas(64) std::atomic<int32_t> active_{0};
  std::atomic<bool> open_{false};
  alignas(64) std::atomic<int32_t> sleeping_{0};
  std::mutex sleep_mutex_;
  std::condition_variable wake_up_;
};

/* Never destroyed: workers may still use it while the process ends. */
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
