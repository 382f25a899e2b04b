/*
 * Everything that threads share, from eight of them at once: the pool and the number of its threads, the allocator, its
 * trim, and the ends of threads. Results are compared with those of one thread; ThreadSanitizer looks for the rest.
 */
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "testing.h"

using namespace testing;

namespace {

constexpr int kThreads = 8;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kRounds = 12;
#else
constexpr int kRounds = 60;
#endif
constexpr int64_t kSize = 40000, kClasses = 40, kRows = kSize / kClasses;

void* at(fl_address block) { return reinterpret_cast<void*>(static_cast<intptr_t>(block)); }

/** What all threads read: nobody writes it. */
struct Inputs {
  std::vector<float> x, weight;
  std::vector<int64_t> index, target;
  std::vector<uint8_t> bytes;
  Inputs() : x(uniform_values<float>(kSize, -2, 2)), weight(uniform_values<float>(kClasses, 0.5, 2)) {
    for (int64_t i = 0; i < kSize; ++i) {
      index.push_back(i * 7 % kRows);
      bytes.push_back(static_cast<uint8_t>(i * 31 % 251));
    }
    for (int64_t i = 0; i < kRows; ++i) target.push_back(i % kClasses);
  }
};

/** A kernel of each family that shares its work; y has room for kSize numbers. */
using Kernel = std::function<int32_t(const Inputs&, fl_address y)>;
const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all = {
      [](const Inputs& in, fl_address y) { return fl_unary(FL_EXP, FL_FLOAT32, kSize, address(in.x.data()), y, 0, 0); },
      [](const Inputs& in, fl_address y) {
        return fl_binary(FL_MUL, FL_FLOAT32, kSize, address(in.x.data()), address(in.x.data()), y);
      },
      [](const Inputs& in, fl_address y) {
        const int64_t geometry[] = {2, kRows, kClasses, kClasses, 1, 1, kRows, 0, 1};
        return fl_binary_strided(FL_ADD, FL_FLOAT32, address(geometry), address(in.x.data()), address(in.x.data()), y);
      },
      [](const Inputs& in, fl_address y) {
        return fl_reduce(FL_REDUCE_SUM, FL_FLOAT32, 1, kSize, 1, address(in.x.data()), y);
      },
      [](const Inputs& in, fl_address y) {
        return fl_reduce(FL_REDUCE_SUM, FL_UINT8, 1, kRows, kClasses, address(in.bytes.data()), y);
      },
      [](const Inputs& in, fl_address y) {
        return fl_softmax(0, FL_FLOAT32, kRows, kClasses, 1, address(in.x.data()), y);
      },
      [](const Inputs& in, fl_address y) {
        return fl_gather(FL_FLOAT32, 1, kRows, kRows, kClasses, address(in.x.data()), address(in.index.data()), y);
      },
      [](const Inputs& in, fl_address y) {
        return fl_index_add(FL_FLOAT32, 1, kRows, kRows, kClasses, address(in.index.data()), address(in.x.data()), y);
      },
      [](const Inputs& in, fl_address y) {
        float total;
        return fl_cross_entropy(FL_NONE, FL_FLOAT32, kRows, kClasses, 1, address(in.x.data()),
                                address(in.target.data()), address(in.weight.data()), y, 0, address(&total), -100, 0.1);
      },
      [](const Inputs& in, fl_address y) {
        return fl_matmul(FL_FLOAT32, FL_RELU, 1, 40, 40, kRows, address(in.x.data()), 0, kRows, 1, address(in.x.data()),
                         0, kClasses, 1, 0, y, 0, 40);
      },
      [](const Inputs&, fl_address y) { return fl_sequence(FL_ARANGE, FL_INT64, kSize / 2, y, 3, 5); },
      [](const Inputs& in, fl_address y) {
        alignas(8) unsigned char state[FL_RANDOM_STATE_BYTES];
        const int32_t seeded = fl_random_seed(address(state), in.target[5]);
        return seeded != FL_OK ? seeded : fl_random(FL_UNIFORM, FL_FLOAT32, kSize, address(state), 0, y, 0, 0);
      }};
  return all;
}

/** Blocks on their way from the thread that allocated them to the one that frees them. */
class Exchange {
 public:
  void give(fl_address block, int64_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back({block, bytes});
  }
  std::pair<fl_address, int64_t> take(size_t kept) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (waiting_.size() <= kept) return {0, 0};
    const auto first = waiting_.front();
    waiting_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::deque<std::pair<fl_address, int64_t>> waiting_;
};

/** Every kernel into blocks of its own, which another thread frees. */
void work(int number, const Inputs& in, const std::vector<std::vector<char>>& expected, Exchange& exchange,
          std::atomic<int>& bad) {
  constexpr int64_t bytes = kSize * 4;
  for (size_t k = 0; k < kernels().size(); ++k) {
    const size_t which = (k + static_cast<size_t>(number)) % kernels().size();
    const int64_t asked = bytes + (number + static_cast<int64_t>(k) % 3) * 100000;  // small and large ones
    const fl_address y = fl_allocate(asked);
    memset(at(y), 0, static_cast<size_t>(bytes));
    if (kernels()[which](in, y) != FL_OK || memcmp(at(y), expected[which].data(), static_cast<size_t>(bytes)) != 0) {
      ++bad;
    }
    exchange.give(y, asked);
    const auto other = exchange.take(20);
    fl_free(other.first, other.second);
  }
  // A refusal: its reason is this thread's.
  const float one = 1;
  if (fl_unary(1000 + number, FL_FLOAT32, 1, address(&one), address(&one), 0, 0) != FL_UNSUPPORTED) ++bad;
  if (strlen(fl_last_error()) == 0 || strlen(fl_describe()) == 0) ++bad;
}

}  // namespace

int main() {
  const int32_t before = fl_threads();
  const Inputs in;
  std::vector<std::vector<char>> expected;
  CHECK_OK(fl_set_threads(1));
  for (const Kernel& kernel : kernels()) {
    expected.emplace_back(kSize * 4, 0);
    CHECK_OK(kernel(in, address(expected.back().data())));
  }
  CHECK_OK(fl_set_threads(4));
  const int64_t live = fl_memory(0);
  Exchange exchange;
  std::atomic<int> bad{0}, running{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds; ++round) {
        if (round % 3 == 2) {  // a thread that ends, with blocks in its cache
          std::thread([&] { work(t, in, expected, exchange, bad); }).join();
        } else {
          work(t, in, expected, exchange, bad);
        }
      }
      --running;
    });
  }
  for (int32_t count = 1; running > 0; count = count % 5 + 1) {
    CHECK_OK(fl_set_threads(count));
    CHECK(fl_threads() == count, "threads");
    fl_trim();
    CHECK(fl_memory(2) >= 0 && fl_memory(1) >= 0 && fl_memory(0) >= 0, "memory in use");
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  for (std::thread& thread : threads) thread.join();
  for (auto rest = exchange.take(0); rest.first != 0; rest = exchange.take(0)) fl_free(rest.first, rest.second);
  CHECK(bad == 0, "%d wrong results", bad.load());
  CHECK(fl_memory(0) == live, "live bytes after the threads: %ld", long(fl_memory(0) - live));
  CHECK_OK(fl_set_threads(before));
  return finish();
}
