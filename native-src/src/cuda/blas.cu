#include "blas.h"

#include <dlfcn.h>
#include <stdio.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "allocator.h"
#include "kernels.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

/* What cuBLAS's documentation says of the types and constants used here (https://docs.nvidia.com/cuda/cublas/). */
using Handle = void*;
enum { kNoTranspose = 0, kTranspose = 1 };
enum { kReal32 = 0, kReal64 = 1, kReal16 = 2, kReal16Brain = 14 };
enum { kCompute32 = 68, kCompute64 = 70, kCompute32Tf32 = 77 };
enum { kDefaultAlgorithm = -1 };
enum { kTransposeA = 3, kTransposeB = 4, kEpilogue = 7, kBiasPointer = 8, kEpilogueBias = 4, kMostWorkspace = 1 };

struct Algorithm {
  uint64_t data[8];
};
struct Heuristic {
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

constexpr size_t kWorkspace = 32 << 20;  // what cuBLAS recommends for Hopper

struct Library {
  int (*create)(Handle*) = nullptr;
  int (*set_stream)(Handle, cudaStream_t) = nullptr;
  int (*set_workspace)(Handle, void*, size_t) = nullptr;
  int (*version)(Handle, int*) = nullptr;
  int (*gemm)(Handle, int, int, int, int, int, const void*, const void*, int, int, long long, const void*, int, int,
              long long, const void*, void*, int, int, long long, int, int, int) = nullptr;

  int (*lt_create)(Handle*) = nullptr;
  int (*lt_describe)(void**, int, int) = nullptr;
  int (*lt_set)(void*, int, const void*, size_t) = nullptr;
  int (*lt_layout)(void**, int, uint64_t, uint64_t, int64_t) = nullptr;
  int (*lt_preference)(void**) = nullptr;
  int (*lt_prefer)(void*, int, const void*, size_t) = nullptr;
  int (*lt_heuristic)(Handle, void*, void*, void*, void*, void*, void*, int, Heuristic*, int*) = nullptr;
  int (*lt_multiply)(Handle, void*, const void*, const void*, void*, const void*, void*, const void*, const void*,
                     void*, void*, void*, const Algorithm*, void*, size_t, cudaStream_t) = nullptr;

  bool has_gemm = false, has_lt = false;
  std::string origin = "our own kernels (no cuBLAS was found)";
};

std::mutex mutex;
Library library;
std::atomic<bool> settled{false};  // the library is chosen, and read without a lock from then on

template <class F> bool find(void* from, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(from, name));
  return function != nullptr;
}

/** What one product with a bias needs of cuBLASLt; made once for each shape. */
struct Plan {
  void *operation = nullptr, *a = nullptr, *b = nullptr, *y = nullptr;
  Algorithm algorithm;
  bool usable = false;
};
using Key = std::tuple<int, int, int, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t>;

/** What belongs to one device. */
struct Session {
  std::mutex mutex;  // a handle, its workspace and the plans serve one call at a time
  Handle handle = nullptr, lt = nullptr;
  fl_address workspace = 0;
  std::map<Key, Plan> plans;
  bool failed = false;
};
Session sessions[64];

bool start(Device& d, Session& s) {
  if (s.handle != nullptr) return true;
  if (s.failed) return false;
  s.workspace = d.allocator->allocate(kWorkspace);
  s.failed = s.workspace == 0 || library.create(&s.handle) != 0 || library.set_stream(s.handle, d.stream) != 0 ||
             library.set_workspace(s.handle, reinterpret_cast<void*>(s.workspace), kWorkspace) != 0;
  if (!s.failed && library.has_lt && library.lt_create(&s.lt) != 0) s.lt = nullptr;
  return !s.failed;
}

/**
 * A row-major matrix is a column-major one transposed, so cuBLAS computes y' = c' a'. One dim of each operand must be
 * dense. False: neither is.
 */
struct Side {
  int operation;
  int64_t leading;
};
bool side_of(int64_t rows, int64_t columns, int64_t row, int64_t column, Side* side) {
  if (column == 1 || columns == 1) {
    *side = {kNoTranspose, rows == 1 ? columns : row};
    return side->leading >= columns && (column == 1 || row >= 1);
  }
  if (row == 1 || rows == 1) {
    *side = {kTranspose, columns == 1 ? rows : column};
    return side->leading >= rows;
  }
  return false;
}

bool fits(int64_t size) { return size <= 0x7fffffff; }

struct Types {
  int data, compute, scale;
};
bool types_of(int32_t dtype, Types* types) {
  switch (dtype) {
    case FL_FLOAT32: *types = {kReal32, is_on(FL_CUDA_TF32) ? kCompute32Tf32 : kCompute32, kReal32}; return true;
    case FL_FLOAT64: *types = {kReal64, kCompute64, kReal64}; return true;
    case FL_FLOAT16: *types = {kReal16, kCompute32, kReal32}; return true;
    case FL_BFLOAT16: *types = {kReal16Brain, kCompute32, kReal32}; return true;
    default: return false;
  }
}

/** 1 and 0 in the type of the scalars. */
struct Scalars {
  float one32 = 1, zero32 = 0;
  double one64 = 1, zero64 = 0;
  const void* one(int scale) const { return scale == kReal64 ? static_cast<const void*>(&one64) : &one32; }
  const void* zero(int scale) const { return scale == kReal64 ? static_cast<const void*>(&zero64) : &zero32; }
};

Plan make_plan(Handle lt, const Product& p, const Types& types, const Side& a, const Side& c) {
  Plan plan;
  const Library& l = library;
  if (l.lt_describe(&plan.operation, types.compute, types.scale) != 0) return plan;
  const int32_t transposes_c = c.operation, transposes_a = a.operation, epilogue = kEpilogueBias;
  l.lt_set(plan.operation, kTransposeA, &transposes_c, sizeof transposes_c);
  l.lt_set(plan.operation, kTransposeB, &transposes_a, sizeof transposes_a);
  l.lt_set(plan.operation, kEpilogue, &epilogue, sizeof epilogue);
  const void* bias = reinterpret_cast<const void*>(p.bias);
  l.lt_set(plan.operation, kBiasPointer, &bias, sizeof bias);
  const auto layout = [&](void** made, const Side& side, int64_t rows, int64_t columns) {
    // as cuBLAS sees it, before its transposition
    const bool turned = side.operation == kTranspose;
    return l.lt_layout(made, types.data, static_cast<uint64_t>(turned ? columns : rows),
                       static_cast<uint64_t>(turned ? rows : columns), side.leading);
  };
  void* preference = nullptr;
  const size_t workspace = kWorkspace;
  Heuristic best;
  int count = 0;
  plan.usable = layout(&plan.a, c, p.n, p.k) == 0 && layout(&plan.b, a, p.k, p.m) == 0 &&
                layout(&plan.y, {kNoTranspose, p.y_row}, p.n, p.m) == 0 && l.lt_preference(&preference) == 0 &&
                l.lt_prefer(preference, kMostWorkspace, &workspace, sizeof workspace) == 0 &&
                l.lt_heuristic(lt, plan.operation, plan.a, plan.b, plan.y, plan.y, preference, 1, &best, &count) == 0 &&
                count == 1 && best.workspace <= kWorkspace;
  if (plan.usable) plan.algorithm = best.algorithm;
  return plan;
}

/** One product with its bias, in one kernel. False: not done. */
bool multiply_with_bias(Device& d, Session& s, const Product& p, const Types& types, const Side& a, const Side& c) {
  const Key key(types.data, types.compute, a.operation * 2 + c.operation, p.m, p.n, p.k, a.leading, c.leading, p.y_row);
  auto found = s.plans.find(key);
  if (found == s.plans.end()) {
    if (s.plans.size() > 1000) s.plans.clear();  // shapes that never come again
    found = s.plans.emplace(key, make_plan(s.lt, p, types, a, c)).first;
  }
  Plan& plan = found->second;
  if (!plan.usable) return false;
  const void* bias = reinterpret_cast<const void*>(p.bias);
  const Scalars scalars;
  void* y = reinterpret_cast<void*>(p.y);
  plan.usable =
      library.lt_set(plan.operation, kBiasPointer, &bias, sizeof bias) == 0 &&
      library.lt_multiply(s.lt, plan.operation, scalars.one(types.scale), reinterpret_cast<const void*>(p.c), plan.a,
                          reinterpret_cast<const void*>(p.a), plan.b, scalars.zero(types.scale), y, plan.y, y, plan.y,
                          &plan.algorithm, reinterpret_cast<void*>(s.workspace), kWorkspace, d.stream) == 0;
  return plan.usable;
}

/** What cuBLAS has not done with the sums: bias (null: none) and activation. */
template <class T>
__global__ void finish_sums(int64_t batch, int64_t m, int64_t n, const T* bias, int32_t activation, T* y,
                            int64_t y_batch, int64_t y_row) {
  for (int64_t i = first_item(); i < batch * m * n; i += item_step()) {
    const int64_t column = i % n, row = i / n % m, b = i / n / m;
    T* at = y + b * y_batch + row * y_row + column;
    Compute<T> sum = to_compute(*at);
    if (bias != nullptr) sum += to_compute(bias[column]);
    *at = from_compute<T>(activated(activation, sum));
  }
}

}  // namespace

int32_t blas_open(const char* cublas, const char* cublas_lt) {
  std::lock_guard<std::mutex> lock(mutex);
  if (settled.load(std::memory_order_acquire)) return FL_OK;
  Library& l = library;
  if (*cublas == 0) {
    settled.store(true, std::memory_order_release);
    return FL_OK;
  }
  void* main = dlopen(cublas, RTLD_NOW | RTLD_LOCAL);
  if (main == nullptr) {
    l.origin = std::string("our own kernels (cuBLAS did not load: ") + dlerror() + ")";
    return fail(FL_UNSUPPORTED, "blas: %s", l.origin.c_str());
  }
  l.has_gemm = find(main, "cublasCreate_v2", l.create) && find(main, "cublasSetStream_v2", l.set_stream) &&
               find(main, "cublasSetWorkspace_v2", l.set_workspace) && find(main, "cublasGetVersion_v2", l.version) &&
               find(main, "cublasGemmStridedBatchedEx", l.gemm);
  if (!l.has_gemm) {
    l.origin = std::string("our own kernels (") + cublas + " lacks functions of cuBLAS 11 or later)";
    return fail(FL_UNSUPPORTED, "blas: %s", l.origin.c_str());
  }
  l.origin = std::string("cuBLAS from ") + cublas;
  void* lt = *cublas_lt == 0 ? nullptr : dlopen(cublas_lt, RTLD_NOW | RTLD_LOCAL);
  l.has_lt =
      lt != nullptr && find(lt, "cublasLtCreate", l.lt_create) && find(lt, "cublasLtMatmulDescCreate", l.lt_describe) &&
      find(lt, "cublasLtMatmulDescSetAttribute", l.lt_set) && find(lt, "cublasLtMatrixLayoutCreate", l.lt_layout) &&
      find(lt, "cublasLtMatmulPreferenceCreate", l.lt_preference) &&
      find(lt, "cublasLtMatmulPreferenceSetAttribute", l.lt_prefer) &&
      find(lt, "cublasLtMatmulAlgoGetHeuristic", l.lt_heuristic) && find(lt, "cublasLtMatmul", l.lt_multiply);
  if (l.has_lt) l.origin += ", cuBLASLt";
  settled.store(true, std::memory_order_release);
  return FL_OK;
}

const char* blas_origin() noexcept {
  std::lock_guard<std::mutex> lock(mutex);
  static char text[512];
  int version = 0;
  Session& s = sessions[0];
  if (library.has_gemm && s.handle != nullptr && library.version(s.handle, &version) == 0) {
    snprintf(text, sizeof text, "%s, version %d", library.origin.c_str(), version);
  } else {
    snprintf(text, sizeof text, "%s", library.origin.c_str());
  }
  return text;
}

bool blas_multiply(Device& d, const Product& p, int32_t* status) {
  if (!settled.load(std::memory_order_acquire)) {
    *status = FL_NEED_BLAS;
    return true;
  }
  Types types;
  Side a, c;
  if (!library.has_gemm || !types_of(p.dtype, &types) || !side_of(p.m, p.k, p.a_row, p.a_column, &a) ||
      !side_of(p.k, p.n, p.c_row, p.c_column, &c)) {
    return false;
  }
  if (!fits(p.m) || !fits(p.n) || !fits(p.k) || !fits(p.batch) || !fits(a.leading) || !fits(c.leading) ||
      !fits(p.y_row)) {
    return false;
  }
  Session& s = sessions[d.index];
  std::lock_guard<std::mutex> lock(s.mutex);
  if (!start(d, s)) return false;
  *status = FL_OK;
  if (p.bias != 0 && p.activation == 0 && p.batch == 1 && s.lt != nullptr && multiply_with_bias(d, s, p, types, a, c))
    return true;
  const Scalars scalars;
  const int failed = library.gemm(
      s.handle, c.operation, a.operation, static_cast<int>(p.n), static_cast<int>(p.m), static_cast<int>(p.k),
      scalars.one(types.scale), reinterpret_cast<const void*>(p.c), types.data, static_cast<int>(c.leading), p.c_batch,
      reinterpret_cast<const void*>(p.a), types.data, static_cast<int>(a.leading), p.a_batch, scalars.zero(types.scale),
      reinterpret_cast<void*>(p.y), types.data, static_cast<int>(p.y_row), p.y_batch, static_cast<int>(p.batch),
      types.compute, kDefaultAlgorithm);
  if (failed != 0) {
    *status = fail(FL_INTERNAL, "matmul: cuBLAS answers with status %d", failed);
    return true;
  }
  if (p.bias != 0 || p.activation != 0) {
    *status = visit_float("matmul", p.dtype, [&](auto tag) -> int32_t {
      using T = decltype(tag.value);
      return launch(d, "matmul", finish_sums<T>, grid_for(d, p.batch * p.m * p.n), p.batch, p.m, p.n,
                    pointer<const T>(p.bias), p.activation, pointer<T>(p.y), p.y_batch, p.y_row);
    });
  }
  return true;
}

}  // namespace device
}  // namespace flambeau
