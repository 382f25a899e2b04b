#include "blas.h"

#include <atomic>
#include <mutex>
#include <string>

#include "../shared/error.h"
#include "flambeau.h"

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace flambeau {
namespace {

std::atomic<const Blas*> opened{nullptr};
std::atomic<bool> refused{false};
std::mutex opening;
char origin[256] = "";

#if defined(_WIN32)
void* open_library(const char* path) { return reinterpret_cast<void*>(LoadLibraryA(path)); }
void* find(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(reinterpret_cast<HMODULE>(library), name));
}
std::string reason() { return "error " + std::to_string(GetLastError()); }
#else
/* The library that Java has loaded, not a second copy; elsewhere (a plain C program, a test) it is loaded here. */
void* open_library(const char* path) {
  void* loaded = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  return loaded != nullptr ? loaded : dlopen(path, RTLD_NOW | RTLD_LOCAL);
}
void* find(void* library, const char* name) { return dlsym(library, name); }
std::string reason() {
  const char* text = dlerror();
  return text != nullptr ? text : "no reason given";
}
#endif

}  // namespace

const Blas* blas() noexcept { return opened.load(std::memory_order_acquire); }

bool blas_refused() noexcept { return refused.load(std::memory_order_relaxed); }

int32_t blas_open(const char* path) {
  std::lock_guard<std::mutex> lock(opening);
  if (blas() != nullptr) return FL_OK;
  if (*path == 0) {
    refused.store(true, std::memory_order_relaxed);
    return FL_OK;
  }
  void* library = open_library(path);
  if (library == nullptr) return fail(FL_INTERNAL, "blas: cannot open %s: %s", path, reason().c_str());
  static Blas table;
  table.sgemm = reinterpret_cast<decltype(table.sgemm)>(find(library, "cblas_sgemm"));
  table.dgemm = reinterpret_cast<decltype(table.dgemm)>(find(library, "cblas_dgemm"));
  if (table.sgemm == nullptr || table.dgemm == nullptr) {
    return fail(FL_INTERNAL, "blas: %s has no cblas_sgemm and cblas_dgemm", path);
  }
  // Its own threads collapse when anything else runs: our pool calls it, one thread each.
  void* one_thread = find(library, "openblas_set_num_threads");
  if (one_thread != nullptr) reinterpret_cast<void (*)(int)>(one_thread)(1);
  size_t length = std::string(path).copy(origin, sizeof origin - 1);
  origin[length] = 0;
  opened.store(&table, std::memory_order_release);
  return FL_OK;
}

const char* blas_origin() { return blas() != nullptr ? origin : blas_refused() ? "none" : "not opened yet"; }

}  // namespace flambeau
