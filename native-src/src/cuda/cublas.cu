/* Finding cuBLAS: by path, once, for good. */
#include "cublas.h"

#include <dlfcn.h>

#include <atomic>
#include <mutex>

#include "blas.h"

namespace flambeau {
namespace device {
namespace cublas {
namespace {

std::mutex mutex;
std::atomic<bool> chosen{false};  // the library is read without a lock from then on
Library the_library;
std::string found_where = "no cuBLAS";  // from where it is, or why there is none

template <class F> bool find(void* from, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(from, name));
  return function != nullptr;
}

bool find_blas(void* from, Library& l) {
  return find(from, "cublasCreate_v2", l.create) && find(from, "cublasDestroy_v2", l.destroy) &&
         find(from, "cublasSetStream_v2", l.set_stream) && find(from, "cublasSetWorkspace_v2", l.set_workspace) &&
         find(from, "cublasSetMathMode", l.set_math_mode) && find(from, "cublasGetVersion_v2", l.version) &&
         find(from, "cublasGemmEx", l.multiply) && find(from, "cublasGemmStridedBatchedEx", l.multiply_batch);
}

bool find_lt(void* from, Library& l) {
  return find(from, "cublasLtCreate", l.lt_create) && find(from, "cublasLtMatmulDescCreate", l.lt_describe) &&
         find(from, "cublasLtMatmulDescDestroy", l.lt_forget_description) &&
         find(from, "cublasLtMatmulDescSetAttribute", l.lt_set) &&
         find(from, "cublasLtMatrixLayoutCreate", l.lt_layout) &&
         find(from, "cublasLtMatrixLayoutDestroy", l.lt_forget_layout) &&
         find(from, "cublasLtMatmulPreferenceCreate", l.lt_preference) &&
         find(from, "cublasLtMatmulPreferenceDestroy", l.lt_forget_preference) &&
         find(from, "cublasLtMatmulPreferenceSetAttribute", l.lt_prefer) &&
         find(from, "cublasLtMatmulAlgoGetHeuristic", l.lt_heuristic) && find(from, "cublasLtMatmul", l.lt_multiply);
}

}  // namespace

bool is_chosen() noexcept { return chosen.load(std::memory_order_acquire); }

const Library& library() noexcept { return the_library; }

std::string origin() {
  std::lock_guard<std::mutex> lock(mutex);
  if (!is_chosen()) return "to be chosen at the first product";
  return the_library.has_blas ? found_where : "our own kernels (" + found_where + ")";
}

const char* name_of(int status) noexcept {
  switch (status) {
    case 0: return "CUBLAS_STATUS_SUCCESS";
    case 1: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case 3: return "CUBLAS_STATUS_ALLOC_FAILED";
    case 7: return "CUBLAS_STATUS_INVALID_VALUE";
    case 8: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case 11: return "CUBLAS_STATUS_MAPPING_ERROR";
    case 13: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case 14: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case 15: return "CUBLAS_STATUS_NOT_SUPPORTED";
    case 16: return "CUBLAS_STATUS_LICENSE_ERROR";
    default: return "an unknown status";
  }
}

}  // namespace cublas

int32_t blas_open(const char* path, const char* lt_path) {
  using namespace cublas;
  std::lock_guard<std::mutex> lock(mutex);
  if (is_chosen()) return FL_OK;
  if (*path == 0) {
    chosen.store(true, std::memory_order_release);
    return FL_OK;
  }
  Library l;
  // cuBLASLt first: cuBLAS needs one too, and takes what is there; else LD_LIBRARY_PATH may bring it a second one.
  void* lt = *lt_path == 0 ? nullptr : dlopen(lt_path, RTLD_NOW | RTLD_LOCAL);
  void* blas = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (blas == nullptr) {
    found_where = std::string("cuBLAS did not load: ") + dlerror();
  } else {
    l.has_blas = find_blas(blas, l);
    if (!l.has_blas) found_where = std::string(path) + " lacks functions of cuBLAS 11 or later";
  }
  if (!l.has_blas) {
    for (void* useless : {blas, lt}) {  // the next cuBLAS that is tried brings its own
      if (useless != nullptr) dlclose(useless);
    }
    return fail(FL_UNSUPPORTED, "blas: %s", found_where.c_str());
  }
  l.has_lt = find_lt(lt != nullptr ? lt : blas, l);  // else the one that cuBLAS has found
  found_where = std::string("cuBLAS from ") + path + (l.has_lt ? ", with cuBLASLt" : ", without cuBLASLt");
  the_library = l;
  chosen.store(true, std::memory_order_release);
  return FL_OK;
}

}  // namespace device
}  // namespace flambeau
