/* The ABI: every fl_ function checks cheaply, and lets no exception out; those of kernels (wrappers.inl) call the set's. */
#include <stdio.h>
#include <string.h>

#include "allocator.h"
#include "blas.h"
#include "isa.h"
#include "parallel.h"
#include "process_barrier.h"
#define FL_ISA baseline
#include "../shared/abi.h"

#ifndef FL_ABI_HASH
#error "define FL_ABI_HASH: the 64-bit FNV-1a hash of flambeau.h without carriage returns"
#endif

namespace flambeau {

const char* const half_refusal =
    "are stored and converted on the CPU, and computed with on a GPU only; use to(DType.FLOAT32)";

namespace {

const KernelTable& kernels() { return *isa().table; }

using baseline::guarded;
using baseline::host_value;

void* host(fl_address address) { return reinterpret_cast<void*>(static_cast<intptr_t>(address)); }

}  // namespace
}  // namespace flambeau

using namespace flambeau;

extern "C" {

int64_t fl_abi(void) { return static_cast<int64_t>(FL_ABI_HASH); }

const char* fl_last_error(void) { return last_error(); }

const char* fl_describe(void) {
  static thread_local char text[512];
  const char* note = isa().note;
  snprintf(text, sizeof text, "cpu: %s%s%s%s, %d threads, BLAS: %s", isa().name, *note ? " (" : "", note,
           *note ? ")" : "", threads(), blas_origin());
  return text;
}

int32_t fl_threads(void) { return threads(); }

int32_t fl_set_threads(int32_t count) {
  return guarded("set_threads", true, [&] { return set_threads(count); });
}

int32_t fl_blas_open(const char* path) {
  return guarded("blas", path != nullptr, [&] { return blas_open(path); });
}

fl_address fl_allocate(int64_t bytes) {
  try {
    return allocate(bytes);
  } catch (...) {
    return 0;
  }
}

void fl_free(fl_address block, int64_t bytes) {
  try {
    if (block != 0) release(block, bytes);
  } catch (...) {
    // A block that cannot be given back is lost; there is nobody to tell.
  }
}

int64_t fl_memory(int32_t what) {
  try {
    if (what == 3) return excess_bytes();
    const MemoryUse use = memory_use();
    return what == 0 ? use.live : what == 1 ? use.cached : use.held;
  } catch (...) {
    return 0;
  }
}

void fl_trim(void) { fl_give_back(fl_detach(1)); }

int64_t fl_detach(int32_t all) {
  try {
    return detach(all != 0);
  } catch (...) {
    return 0;  // what could not be set aside stays cached
  }
}

void fl_give_back(int64_t ticket) {
  try {
    if (ticket != 0) give_back(ticket);
  } catch (...) {
    // What could not be returned stays aside.
  }
}

int32_t fl_barrier(int32_t make) { return make != 0 ? pass_barrier() : has_barrier(); }

int32_t fl_upload(fl_address target, const void* source, int64_t bytes) {
  return guarded("upload", target != 0 && source != nullptr && bytes >= 0, [&] {
    memcpy(host(target), source, static_cast<size_t>(bytes));
    return int32_t{FL_OK};
  });
}

int32_t fl_download(void* target, fl_address source, int64_t bytes) {
  return guarded("download", target != nullptr && source != 0 && bytes >= 0, [&] {
    memcpy(target, host(source), static_cast<size_t>(bytes));
    return int32_t{FL_OK};
  });
}

double fl_read_double(int32_t dtype, fl_address x) { return host_value<double>(dtype, x); }

int64_t fl_read_long(int32_t dtype, fl_address x) { return host_value<int64_t>(dtype, x); }

}  // extern "C"

#include "wrappers.inl"
