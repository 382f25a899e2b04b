/* fl_allocate and fl_free: alignment, reuse, counters, many threads, frees on other threads, trim. */
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "testing.h"

using namespace testing;

namespace {

void* at(fl_address block) { return reinterpret_cast<void*>(static_cast<intptr_t>(block)); }

void check_sizes() {
  const int64_t before = fl_memory(0);
  std::vector<std::pair<fl_address, int64_t>> blocks;
  int64_t total = 0;
  for (int64_t bytes : {0, 1, 63, 64, 65, 1000, 1024, 1025, 1280, 1281, 4096, 65536, 100000, 1 << 20, (1 << 20) + 1,
                        3000000, 33554433}) {
    const fl_address block = fl_allocate(bytes);
    CHECK(block != 0 && block % 64 == 0, "%ld bytes", long(bytes));
    memset(at(block), static_cast<int>(bytes % 251), static_cast<size_t>(bytes));
    blocks.push_back({block, bytes});
    total += bytes;
    CHECK(fl_memory(0) == before + total, "live bytes after %ld", long(bytes));
  }
  CHECK(fl_memory(2) >= fl_memory(0) + fl_memory(1), "held is live and cached and rounding");
  for (const auto& block : blocks) {
    const unsigned char* p = static_cast<const unsigned char*>(at(block.first));
    for (int64_t i = 0; i < block.second; i += 61) CHECK(p[i] == block.second % 251, "a block was overwritten");
    fl_free(block.first, block.second);
  }
  CHECK(fl_memory(0) == before, "live bytes return");
  CHECK(fl_allocate(int64_t{1} << 60) == 0, "too much");
  CHECK(fl_allocate(-1) == 0, "less than nothing");
}

void check_reuse() {
  for (int64_t bytes : {16, 4096, 300000, 5000000}) {
    const fl_address first = fl_allocate(bytes);
    fl_free(first, bytes);
    const fl_address second = fl_allocate(bytes);
    CHECK(first == second, "the block just freed comes back, %ld bytes", long(bytes));
    fl_free(second, bytes);
  }
  for (int i = 0; i < 20000; ++i) fl_free(fl_allocate(40000000), 40000000);
}

/* Every size class meets its neighbours without an overlap. */
void check_classes() {
  std::vector<std::pair<fl_address, int64_t>> blocks;
  std::set<std::pair<fl_address, fl_address>> ranges;
  for (int64_t bytes = 1; bytes < (3 << 20); bytes += bytes / 7 + 1) {
    const fl_address block = fl_allocate(bytes);
    blocks.push_back({block, bytes});
    ranges.insert({block, block + bytes});
  }
  fl_address end = 0;
  for (const auto& range : ranges) {
    CHECK(range.first >= end, "blocks overlap");
    end = range.second;
  }
  for (const auto& block : blocks) fl_free(block.first, block.second);
}

/* Threads allocate, write, pass blocks to each other, check what came, and free it. */
void check_threads() {
  const int64_t before = fl_memory(0);
  std::mutex mutex;
  std::vector<std::pair<fl_address, int64_t>> exchange;
  std::atomic<int> bad{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 engine(static_cast<unsigned>(t));
      for (int i = 0; i < 20000; ++i) {
        const int64_t bytes = 8 + static_cast<int64_t>(engine() % (i % 500 == 0  ? 4000000
                                                                   : i % 50 == 0 ? 200000
                                                                                 : 3000));
        const fl_address block = fl_allocate(bytes);
        if (block == 0) ++bad;
        memcpy(at(block), &bytes, sizeof bytes);
        memcpy(static_cast<char*>(at(block)) + bytes - 8, &bytes, sizeof bytes);
        std::pair<fl_address, int64_t> mine{block, bytes};
        {
          std::lock_guard<std::mutex> lock(mutex);
          exchange.push_back(mine);
          if (exchange.size() < 100) continue;
          std::swap(exchange[engine() % exchange.size()], exchange.back());
          mine = exchange.back();
          exchange.pop_back();
        }
        int64_t seen[2];
        memcpy(&seen[0], at(mine.first), 8);
        memcpy(&seen[1], static_cast<char*>(at(mine.first)) + mine.second - 8, 8);
        if (mine.second >= 16 && (seen[0] != mine.second || seen[1] != mine.second)) ++bad;
        fl_free(mine.first, mine.second);
        if (i % 5000 == 0) fl_trim();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& block : exchange) fl_free(block.first, block.second);
  CHECK(bad == 0, "%d blocks were broken", bad.load());
  CHECK(fl_memory(0) == before, "live bytes after the threads: %ld", long(fl_memory(0) - before));
}

void check_trim() {
  std::vector<fl_address> blocks;
  for (int i = 0; i < 4000; ++i) blocks.push_back(fl_allocate(20000));
  for (int i = 0; i < 20; ++i) blocks.push_back(fl_allocate(5000000));
  const int64_t held = fl_memory(2);
  for (size_t i = 0; i < blocks.size(); ++i) fl_free(blocks[i], i < 4000 ? 20000 : 5000000);
  CHECK(fl_memory(1) >= 150000000, "cached: %ld", long(fl_memory(1)));
  fl_trim();
  CHECK(fl_memory(2) <= held - 150000000, "held after trim: %ld of %ld", long(fl_memory(2)), long(held));
  const fl_address again = fl_allocate(20000);
  memset(at(again), 1, 20000);
  fl_free(again, 20000);
}

/* What a thread may still read stays mapped until it is given back, and may serve again until then. */
void check_two_steps() {
  constexpr int64_t kBytes = 6000000;
  fl_trim();
  const fl_address block = fl_allocate(kBytes);
  memset(at(block), 7, kBytes);
  const int64_t held = fl_memory(2);
  fl_free(block, kBytes);
  CHECK(fl_detach(0) == 0, "nothing is too much");
  const int64_t first = fl_detach(1);
  CHECK(first != 0, "a ticket");
  CHECK(fl_memory(2) == held, "still held");
  CHECK(static_cast<const char*>(at(block))[kBytes - 1] == 7, "still there");
  CHECK(fl_allocate(kBytes) == block, "it serves again");
  fl_give_back(first);
  CHECK(static_cast<const char*>(at(block))[kBytes - 1] == 7, "in use again");
  fl_free(block, kBytes);
  const int64_t second = fl_detach(1);
  CHECK(second > first, "a later ticket");
  fl_give_back(first);
  CHECK(fl_memory(2) == held, "of the later one");
  fl_give_back(second);
  CHECK(fl_memory(2) <= held - kBytes, "gone");
  CHECK(fl_detach(1) == 0, "nothing is left");
  CHECK(fl_memory(3) == 0, "nothing is too much");
  CHECK(fl_barrier(0) == fl_barrier(1), "the barrier is there if the system says so");
}

/* What is thrown away and asked for anew stays within what one round needs. */
void check_no_growth() {
  int64_t first = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::pair<fl_address, int64_t>> blocks;
    for (int64_t bytes = 100; bytes < 2000000; bytes += bytes / 3) blocks.push_back({fl_allocate(bytes), bytes});
    std::thread([&] {
      for (const auto& block : blocks) fl_free(block.first, block.second);
    }).join();
    if (round == 20) first = fl_memory(2);
  }
  CHECK(fl_memory(2) <= first + (16 << 20), "held grew from %ld to %ld", long(first), long(fl_memory(2)));
}

}  // namespace

int main() {
  check_sizes();
  check_reuse();
  check_classes();
  check_threads();
  check_trim();
  check_two_steps();
  check_no_growth();
  return finish();
}
