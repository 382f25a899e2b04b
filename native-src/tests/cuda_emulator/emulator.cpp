/* The threads of the emulated GPU: see cuda_runtime.h beside this. x86-64 only (the fibers' switch is in assembly). */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "emulator.h"

namespace {

using emulator::kShared;
using emulator::kSharedUnasked;

enum class State : unsigned char { ready, at_block, at_warp, done };
constexpr size_t kStack = 128 << 10;  // arguments alone may be 32 KB, and are copied
constexpr uint64_t kStackEnd = 0x5afe5afe5afe5afe;
constexpr size_t kGap = 32;                // behind everything in shared memory: nobody writes there
constexpr unsigned kConcurrentBlocks = 4;  // blocks that take turns, at most
constexpr unsigned char kGarbage = 0xff;   // a NaN, or an index far outside

struct Fiber {
  void* stack_pointer = nullptr;
  std::unique_ptr<unsigned char[]> stack{new unsigned char[kStack]};
  Fiber() { memcpy(stack.get(), &kStackEnd, sizeof kStackEnd); }
  State state = State::done;
  unsigned mask = 0;
  alignas(16) unsigned char slot[16];
};

struct Block {
  uint3 index = {0, 0, 0};
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<unsigned> warps;  // that have threads to run
  std::unique_ptr<unsigned char[]> bytes{new unsigned char[kShared + 16]};
  unsigned char* shared() const {
    return reinterpret_cast<unsigned char*>((reinterpret_cast<uintptr_t>(bytes.get()) + 15) & ~uintptr_t{15});
  }
};

/** A __shared__ variable of the kernel that runs, by its declaration's mark. */
struct Variable {
  const void* mark;
  size_t at, size;
};

Block blocks[kConcurrentBlocks];
Block* block = nullptr;           // whose thread runs
unsigned live = 0, current = 0;   // threads of a block; the one that runs
std::vector<Variable> variables;  // the first is what the launch asked for
size_t shared_used = 0;
void* scheduler_stack = nullptr;
const std::function<void()>* kernel = nullptr;
emulator::Death death;          // of the kernel that runs
volatile bool running = false;  // is a thread of the GPU, and runner the host's that plays it?
pthread_t runner;

unsigned random_below(unsigned n) {
  static uint64_t random_state =
      0x9E3779B97F4A7C15u + static_cast<uint64_t>(emulator::number("FLAMBEAU_EMULATED_SEED", 0));
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<unsigned>((random_state >> 32) * n >> 32);
}

extern "C" void emulator_switch(void** save, void* load);
asm(R"(
.text
.type emulator_switch, @function
emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulator_switch, .-emulator_switch
)");

void stop(State state) {
  Fiber& fiber = *block->fibers[current];
  fiber.state = state;
  emulator_switch(&fiber.stack_pointer, scheduler_stack);
}

void enter() {
  (*kernel)();
  stop(State::done);
  abort();  // a finished fiber never runs again
}

void start(Fiber& fiber) {
  void** top = reinterpret_cast<void**>((reinterpret_cast<uintptr_t>(fiber.stack.get()) + kStack) & ~uintptr_t{15});
  *--top = nullptr;  // keeps the stack aligned as if enter() had been called
  *--top = reinterpret_cast<void*>(&enter);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  fiber.stack_pointer = top;
  fiber.state = State::ready;
}

void resume(unsigned i) {
  const dim3& size = emulator::block_size;
  current = i;
  emulator::thread_index = {i % size.x, i / size.x % size.y, i / size.x / size.y};
  running = true;
  emulator_switch(&scheduler_stack, block->fibers[i]->stack_pointer);
  running = false;
}

/* ------------------------------------------------------------------------------------------------ a kernel's death */
/** Where a thread goes on that did what it must not: away, and nobody comes back. */
void die_by_signal() { stop(State::done); }

struct sigaction before[NSIG];

/** What goes wrong in a thread of the GPU ends its kernel; all else goes to the previous handler. */
void on_signal(int number, siginfo_t* info, void* context) {
  if (!running || !pthread_equal(pthread_self(), runner)) {
    const struct sigaction& old = before[number];
    if ((old.sa_flags & SA_SIGINFO) != 0) return old.sa_sigaction(number, info, context);
    if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) return old.sa_handler(number);
    sigaction(number, &old, nullptr);  // and it happens once more
    return;
  }
  if (death.error == cudaSuccess) {
    const bool trapped = number == SIGILL;
    death = {trapped ? cudaErrorMisalignedAddress : cudaErrorIllegalAddress, block->index, emulator::thread_index,
             trapped ? "used a vector at an address that is none of its multiples, or made a float an integer that "
                       "cannot hold it"
                     : "touched memory: ",
             trapped ? nullptr : info->si_addr};
  }
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  registers[REG_RSP] = static_cast<greg_t>(((static_cast<uintptr_t>(registers[REG_RSP]) - 256) & ~uintptr_t{15}) - 8);
  registers[REG_RIP] = reinterpret_cast<greg_t>(&die_by_signal);
}

void listen() {
  static const bool once = [] {
    for (int number : {SIGSEGV, SIGBUS, SIGILL}) {
      sigaction(number, nullptr, &before[number]);
      struct sigaction mine = before[number];
      mine.sa_sigaction = &on_signal;
      mine.sa_flags |= SA_SIGINFO;
      mine.sa_flags &= ~SA_RESETHAND;
      sigaction(number, &mine, nullptr);
    }
    return true;
  }();
  static_cast<void>(once);
}

void dies(cudaError_t error, const char* why) {
  if (death.error == cudaSuccess) death = {error, block->index, emulator::thread_index, why};
}

/* ------------------------------------------------------------------------------------------------ turns */
/** Lets those of a warp go on whose fellows have all arrived. False: there are none. */
bool release_warp(unsigned first, unsigned last) {
  bool any = false;
  for (unsigned i = first; i < last; ++i) {
    const Fiber& f = *block->fibers[i];
    if (f.state != State::at_warp) continue;
    bool here = true;
    for (unsigned j = first; j < last && here; ++j) {
      const Fiber& other = *block->fibers[j];
      if ((f.mask >> (j - first) & 1) == 0) continue;
      if (other.state == State::done) {
        dies(cudaErrorLaunchFailure, "waits for lanes of its warp, some of which have ended");
        return false;
      }
      here = other.state == State::at_warp && other.mask == f.mask;
    }
    if (!here) continue;
    const unsigned mask = f.mask;
    for (unsigned j = first; j < last; ++j) {
      if ((mask >> (j - first) & 1) != 0 && block->fibers[j]->state == State::at_warp) {
        block->fibers[j]->state = State::ready;
      }
    }
    any = true;
  }
  return any;
}

/** Runs what is ready of a warp, to its next stops. False: for now it has nothing more to run. */
bool run_warp(unsigned warp) {
  const unsigned first = warp * 32, last = std::min(first + 32, live), count = last - first;
  const unsigned how = random_below(3), begin = random_below(count);  // forwards, backwards, from the middle
  for (unsigned k = 0; k < count; ++k) {
    const unsigned i = first + (how == 0 ? k : how == 1 ? count - 1 - k : (k + begin) % count);
    if (block->fibers[i]->state != State::ready) continue;
    resume(i);
    if (death.error != cudaSuccess) return false;
  }
  bool waits = false;
  for (unsigned i = first; i < last; ++i) {
    if (block->fibers[i]->state == State::ready) return true;
    waits = waits || block->fibers[i]->state == State::at_warp;
  }
  if (!waits || release_warp(first, last)) return waits;
  if (death.error != cudaSuccess) return false;
  dies(cudaErrorLaunchTimeout, "waits for lanes of its warp that wait for something else");
  return false;
}

void fill_warps() {
  block->warps.clear();
  for (unsigned warp = 0; warp * 32 < live; ++warp) block->warps.push_back(warp);
}

void begin(uint3 index) {
  block->index = index;
  while (block->fibers.size() < live) block->fibers.emplace_back(new Fiber);
  for (unsigned i = 0; i < live; ++i) start(*block->fibers[i]);
  fill_warps();
  memset(block->shared(), kGarbage, shared_used);
}

/** Has nobody written between the variables of shared memory, or needed more stack than there is? */
void check_ends() {
  for (const Variable& v : variables) {
    const unsigned char* const gap = block->shared() + v.at + v.size;
    if (std::any_of(gap, gap + kGap, [](unsigned char byte) { return byte != kGarbage; })) {
      dies(cudaErrorIllegalAddress, "wrote past the end of shared memory");
    }
  }
  for (unsigned i = 0; i < live; ++i) {
    if (memcmp(block->fibers[i]->stack.get(), &kStackEnd, sizeof kStackEnd) != 0) {
      fprintf(stderr, "emulated CUDA: the emulator's stacks (kStack) are too small for this kernel\n");
      abort();
    }
  }
}

/** Some turns of the block's warps. False: the block has ended. */
bool take_turns() {
  emulator::block_index = block->index;
  emulator::dynamic_shared = block->shared();
  do {
    if (block->warps.empty()) {  // all that live are at the barrier
      bool any = false;
      for (unsigned i = 0; i < live; ++i) {
        if (block->fibers[i]->state != State::at_block) continue;
        block->fibers[i]->state = State::ready;
        any = true;
      }
      if (!any) {
        check_ends();
        return false;
      }
      fill_warps();
    }
    unsigned& chosen = block->warps[random_below(static_cast<unsigned>(block->warps.size()))];
    bool more = true;
    do {
      more = run_warp(chosen);
    } while (more && random_below(4) != 0);
    if (death.error != cudaSuccess) return false;
    if (!more) {
      chosen = block->warps.back();
      block->warps.pop_back();
    }
  } while (random_below(4) != 0);
  return true;
}

}  // namespace

namespace emulator {
uint3 thread_index, block_index;
dim3 block_size, grid_size;
unsigned char* dynamic_shared = nullptr;

bool in_kernel() { return running; }
void wait_block() { stop(State::at_block); }
void wait_warp(unsigned mask) {
  if ((mask >> lane() & 1) == 0) fail(cudaErrorIllegalInstruction, "is not in the mask that it gives");
  block->fibers[current]->mask = mask;
  stop(State::at_warp);
}
void give_way() {
  if (running && random_below(4) == 0) stop(State::ready);
}
unsigned lane() { return current % 32; }
void* slot(unsigned of) {
  const unsigned i = current / 32 * 32 + of;
  return block->fibers[i < live ? i : current]->slot;
}
bool lives(unsigned of) {
  const unsigned i = current / 32 * 32 + of;
  return i < live && block->fibers[i]->state != State::done;
}
void fail(cudaError_t error, const char* why) {
  dies(error, why);
  stop(State::done);
}

void* shared_at(const void* mark, size_t size) {
  for (const Variable& v : variables) {
    if (v.mark == mark) return block->shared() + v.at;
  }
  const size_t at = shared_used;
  shared_used = (at + size + kGap + 15) / 16 * 16;
  size_t all = size;
  for (const Variable& v : variables) all += v.size;
  if (all > kSharedUnasked) {
    fail(cudaErrorInvalidValue, "has more than 48 KB of shared memory, which nobody has asked for");
  }
  variables.push_back({mark, at, size});
  for (Block& b : blocks) memset(b.shared() + at, kGarbage, shared_used - at);  // nobody has been there
  return block->shared() + at;
}

int bound_of(const void* function) {
  const unsigned char* at = static_cast<const unsigned char*>(function);
  if (at[0] == 0xf3 && at[1] == 0x0f && at[2] == 0x1e && at[3] == 0xfa) at += 4;  // endbr64
  int count = 0;
  while (count < 32 && at[count] == 0x90) ++count;
  return count == 0 ? 256 : count * 32;
}

Death run(dim3 grid, dim3 threads, size_t shared, const std::function<void()>& body) {
  listen();
  runner = pthread_self();
  live = threads.x * threads.y * threads.z;
  grid_size = grid;
  block_size = threads;
  kernel = &body;
  death = {};
  variables.clear();
  variables.push_back({nullptr, 0, shared});
  shared_used = (shared + kGap + 15) / 16 * 16;

  // Every block once, from anywhere and by any step.
  const uint64_t all = uint64_t{grid.x} * grid.y * grid.z;
  const uint32_t bound = static_cast<uint32_t>(std::min<uint64_t>(all, 0xffffffffu));
  uint64_t at = random_below(bound), step = 1 + random_below(bound), left = all;
  while (std::gcd(step, all) != 1) ++step;
  const auto next = [&] {
    at = (at + step) % all;
    --left;
    begin({static_cast<unsigned>(at % grid.x), static_cast<unsigned>(at / grid.x % grid.y),
           static_cast<unsigned>(at / grid.x / grid.y)});
  };
  std::vector<Block*> active;
  for (unsigned i = 0, most = 1 + random_below(kConcurrentBlocks); i < most && left > 0; ++i) {
    block = &blocks[i];
    next();
    active.push_back(block);
  }
  while (!active.empty()) {
    Block*& chosen = active[random_below(static_cast<unsigned>(active.size()))];
    block = chosen;
    if (take_turns()) continue;
    if (death.error != cudaSuccess) return death;
    if (left > 0) {
      next();
    } else {
      chosen = active.back();
      active.pop_back();
    }
  }
  return death;
}
}  // namespace emulator
