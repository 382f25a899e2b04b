/* The threads of the emulated GPU: see cuda_runtime.h beside this. x86-64 only (the fibers' switch is in assembly). */
#include <stdio.h>
#include <stdlib.h>

#include <memory>
#include <vector>

#include "cuda_runtime.h"

namespace {

enum class State { ready, at_block, at_warp, done };
constexpr size_t kStack = 64 << 10;

struct Fiber {
  void* stack_pointer = nullptr;
  std::unique_ptr<unsigned char[]> stack{new unsigned char[kStack]};
  State state = State::done;
  unsigned mask = 0;
  uint3 index = {0, 0, 0};
  alignas(16) unsigned char slot[16];
};

std::vector<std::unique_ptr<Fiber>> fibers;
unsigned live = 0, current = 0;
void* scheduler_stack = nullptr;
const std::function<void()>* kernel = nullptr;

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
  fibers[current]->state = state;
  emulator_switch(&fibers[current]->stack_pointer, scheduler_stack);
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
  current = i;
  emulator::thread_index = fibers[i]->index;
  emulator_switch(&scheduler_stack, fibers[i]->stack_pointer);
}

/** Lets warps go on whose threads have all arrived, and else the block. False: nobody could. */
bool release() {
  bool any = false, all_at_block = true;
  for (unsigned warp = 0; warp < live; warp += 32) {
    for (unsigned i = warp; i < warp + 32 && i < live; ++i) {
      Fiber& f = *fibers[i];
      if (f.state == State::at_warp) {
        all_at_block = false;
        bool here = true;
        for (unsigned j = warp; j < warp + 32 && j < live; ++j) {
          const Fiber& other = *fibers[j];
          if ((f.mask >> (j - warp) & 1) == 0 || other.state == State::done) continue;
          here = here && other.state == State::at_warp && other.mask == f.mask;
        }
        if (!here) continue;
        const unsigned mask = f.mask;
        for (unsigned j = warp; j < warp + 32 && j < live; ++j) {
          if ((mask >> (j - warp) & 1) != 0 && fibers[j]->state == State::at_warp) fibers[j]->state = State::ready;
        }
        any = true;
      }
    }
  }
  if (any || !all_at_block) return any;
  for (unsigned i = 0; i < live; ++i) {
    if (fibers[i]->state == State::at_block) {
      fibers[i]->state = State::ready;
      any = true;
    }
  }
  return any;
}

void run_block() {
  static unsigned turn = 0;
  for (unsigned i = 0; i < live; ++i) start(*fibers[i]);
  for (;;) {
    const unsigned first = (turn++ * 37) % live;
    bool ran = false;
    for (unsigned k = 0; k < live; ++k) {
      // forwards, backwards, and from somewhere in the middle
      const unsigned i = turn % 3 == 0 ? k : turn % 3 == 1 ? live - 1 - k : (k + first) % live;
      if (fibers[i]->state == State::ready) {
        resume(i);
        ran = true;
      }
    }
    if (ran) continue;
    if (release()) continue;
    for (unsigned i = 0; i < live; ++i) {
      if (fibers[i]->state != State::done) {
        fprintf(stderr, "emulated CUDA: threads of a block wait for each other at different barriers\n");
        abort();
      }
    }
    return;
  }
}

}  // namespace

namespace emulator {
uint3 thread_index, block_index;
dim3 block_size, grid_size;
unsigned char* dynamic_shared = nullptr;

void wait_block() { stop(State::at_block); }
void wait_warp(unsigned mask) {
  fibers[current]->mask = mask;
  stop(State::at_warp);
}
unsigned lane() { return current % 32; }
void* slot(unsigned of) {
  const unsigned i = current / 32 * 32 + of;
  return fibers[i < live ? i : current]->slot;
}

void run(dim3 grid, dim3 block, size_t shared, const std::function<void()>& body) {
  const unsigned threads = block.x * block.y * block.z;
  static std::vector<unsigned char> memory;
  memory.resize(shared + 16);
  dynamic_shared = reinterpret_cast<unsigned char*>((reinterpret_cast<uintptr_t>(memory.data()) + 15) & ~uintptr_t{15});
  while (fibers.size() < threads) fibers.emplace_back(new Fiber);
  live = threads;
  grid_size = grid;
  block_size = block;
  kernel = &body;
  for (unsigned i = 0; i < threads; ++i) {
    fibers[i]->index = {i % block.x, i / block.x % block.y, i / block.x / block.y};
  }
  for (unsigned z = 0; z < grid.z; ++z) {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) {
        block_index = {x, y, z};
        memset(dynamic_shared, 0xff, shared);
        run_block();
      }
    }
  }
}
}  // namespace emulator
