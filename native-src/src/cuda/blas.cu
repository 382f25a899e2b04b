/*
 * Products by cuBLAS. The algorithms should be those that PyTorch gets on the same GPU, so it is asked as PyTorch asks:
 * one product by cublasGemmEx, many by the batched form, bias and activation by cuBLASLt's epilogues, with workspaces of
 * the same sizes. The sums of 16-bit numbers are float32 to the end, as PyTorch can be told to have it.
 */
#include "blas.h"

#include <stdio.h>
#include <string.h>

#include <mutex>

#include "allocator.h"
#include "blas_lt.h"
#include "kernels.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

using cublas::is_trouble;
using cublas::memory;
using cublas::Request;

/* ------------------------------------------------------------------------------------------------------- sessions */
/** What belongs to one device. Never destroyed: cuBLAS may be gone when a program's statics end. */
struct Session {
  std::mutex mutex;  // a handle, its workspace and the plans serve one call at a time
  cublas::Handle handle = nullptr;
  fl_address workspace = 0;
  size_t bytes = 0, lt_bytes = 0;
  int version = 0;
  cublas::FusedProducts fused;
  cublas::Refusals left;           // to our own kernels
  int failure = cublas::kSuccess;  // why it could not be started
};

Session& session_of(const Device& d) {
  static Session* const sessions = new Session[64];
  return sessions[d.index];
}

/** Workspaces are of the sizes that PyTorch uses: another size would lead to other algorithms. */
void choose_sizes(const Device& d, Session& s) {
  constexpr size_t kMega = 1 << 20, kKilo = 1 << 10;
  size_t free_bytes = 0, total = 0;
  if (cudaMemGetInfo(&free_bytes, &total) != cudaSuccess) total = 0;
  s.bytes = d.capability >= 90 ? 32 * kMega : 2 * 4096 * kKilo + 8 * 16 * kKilo;
  const bool large = d.capability >= 80 && total >= 24 * 1024 * kMega;
  s.lt_bytes = d.capability >= 90 ? 32 * kMega : large ? 4 * kMega : kMega;
}

/**
 * f(), which answers with a status of cuBLAS, and once more where memory may have been short: cuBLAS allocates beside
 * our cache, which is given back for it. A kernel that has died shows as the same statuses, and is told in *status.
 */
template <class F> int with_room(Device& d, int32_t* status, const F& f) {
  const int answer = f();
  if (!is_trouble(answer) && answer != cublas::kNotInitialized) return answer;
  *status = synchronize(d, "matmul");
  if (*status != FL_OK) return answer;
  make_room(d);
  return f();
}

int make_handle(const Device& d, const Session& s, cublas::Handle* made) {
  const cublas::Library& l = cublas::library();
  int status = l.create(made);
  if (status != cublas::kSuccess) return status;
  // In this order: setting the stream takes the workspace away.
  status = l.set_stream(*made, d.stream);
  if (status == cublas::kSuccess) status = l.set_workspace(*made, memory(s.workspace), s.bytes);
  if (status == cublas::kSuccess) {
    status = l.set_math_mode(*made, cublas::kDefaultMath | cublas::kNoReducedPrecisionReduction);
  }
  if (status != cublas::kSuccess) l.destroy(*made);
  return status;
}

/** False: cuBLAS is not to be had, for want of memory perhaps only now; or *status says what is wrong. */
bool start(Device& d, Session& s, int32_t* status) {
  if (s.handle != nullptr) return true;
  if (s.failure != cublas::kSuccess) return false;
  choose_sizes(d, s);
  s.workspace = d.allocator->allocate(static_cast<int64_t>(s.bytes));
  if (s.workspace == 0) return false;
  cublas::Handle handle = nullptr;
  const int answer = with_room(d, status, [&] { return make_handle(d, s, &handle); });
  if (answer != cublas::kSuccess || *status != FL_OK) {
    if (*status == FL_OK && !is_trouble(answer)) s.failure = answer;
    d.allocator->release(s.workspace);
    return false;
  }
  if (cublas::library().version(handle, &s.version) != cublas::kSuccess) s.version = 0;
  s.fused.start(s.lt_bytes);
  s.handle = handle;
  return true;
}

/* ------------------------------------------------------------------------------------------------------- products */
/** The products of some of the batch, alone. */
int multiply_some(Session& s, const Product& p, const Request& r, int64_t first, int64_t count) {
  const cublas::Library& l = cublas::library();
  const cublas::Scalars scalars;
  const cublas::Types& t = r.types;
  const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  const int lda = static_cast<int>(r.a.leading), ldc = static_cast<int>(r.c.leading);
  const int ldy = static_cast<int>(r.y_leading);
  const auto of = [&](fl_address x, int64_t step) { return memory(x + first * step * cublas::width_of(t.data)); };
  if (p.batch == 1) {
    return l.multiply(s.handle, r.c.operation, r.a.operation, n, m, k, scalars.one(t.scale), memory(p.c), t.data, ldc,
                      memory(p.a), t.data, lda, scalars.zero(t.scale), memory(p.y), t.data, ldy, t.compute,
                      cublas::kDefaultAlgorithm);
  }
  return l.multiply_batch(s.handle, r.c.operation, r.a.operation, n, m, k, scalars.one(t.scale), of(p.c, p.c_batch),
                          t.data, ldc, p.c_batch, of(p.a, p.a_batch), t.data, lda, p.a_batch, scalars.zero(t.scale),
                          of(p.y, p.y_batch), t.data, ldy, p.y_batch, static_cast<int>(count), t.compute,
                          cublas::kDefaultAlgorithm);
}

/** The product alone; on capability 7.x, where cuBLAS has failed at more, not more than 63 K of the batch at a time. */
int multiply(const Device& d, Session& s, const Product& p, const Request& r) {
  const int64_t piece = d.capability < 80 && p.batch > 65535 ? int64_t{63} << 10 : p.batch;
  int answer = cublas::kSuccess;
  for (int64_t first = 0; first < p.batch && answer == cublas::kSuccess; first += piece) {
    answer = multiply_some(s, p, r, first, least(piece, p.batch - first));
  }
  return answer;
}

/**
 * What cuBLAS has not done with the sums: bias (null: none) and activation. A thread takes N neighbouring columns, whose
 * bias it keeps, and goes from row to row. y_batch 0: the matrices of the batch lie on one another's end.
 */
template <class T, int N>
__global__ void finish_sums(int64_t rows, int64_t m, int64_t packs, const T* bias, int32_t activation, T* y,
                            int64_t y_batch, int64_t y_row) {
  const int64_t pack = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (pack >= packs) return;
  Compute<T> offset[N];
#pragma unroll
  for (int j = 0; j < N; ++j) offset[j] = Compute<T>(0);
  if (bias != nullptr) {
    const Pack<T, N> of_bias = reinterpret_cast<const Pack<T, N>*>(bias)[pack];
#pragma unroll
    for (int j = 0; j < N; ++j) offset[j] = to_compute(of_bias.at[j]);
  }
  const int64_t step = static_cast<int64_t>(gridDim.y) * blockDim.y;
  for (int64_t row = static_cast<int64_t>(blockIdx.y) * blockDim.y + threadIdx.y; row < rows; row += step) {
    T* line = y_batch == 0 ? y + row * y_row : y + row / m * y_batch + row % m * y_row;
    Pack<T, N>* at = reinterpret_cast<Pack<T, N>*>(line) + pack;
    Pack<T, N> values = *at;
#pragma unroll
    for (int j = 0; j < N; ++j) {
      values.at[j] = from_compute<T>(activated(activation, to_compute(values.at[j]) + offset[j]));
    }
    *at = values;
  }
}

template <class T, int N> int32_t finish_by(Device& d, const Product& p) {
  const int64_t packs = p.n / N, rows = p.batch * p.m;
  unsigned across = 1;
  while (across < packs && across < kThreads) across *= 2;
  const unsigned down = kThreads / across;
  const int64_t blocks = ceil_div(packs, across);
  const int64_t enough = most<int64_t>(static_cast<int64_t>(d.processors) * 32 / blocks, 1);
  const int64_t stacked = least(least(ceil_div(rows, down), enough), int64_t{65535});
  const Grid grid = {dim3(static_cast<unsigned>(blocks), static_cast<unsigned>(stacked)), dim3(across, down)};
  const bool flat = p.batch == 1 || p.y_batch == p.m * p.y_row;
  return launch(d, "matmul", finish_sums<T, N>, grid, rows, p.m, packs, pointer<const T>(p.bias), p.activation,
                pointer<T>(p.y), flat ? int64_t{0} : p.y_batch, p.y_row);
}

int32_t finish(Device& d, const Product& p) {
  return visit<kFloats>("matmul", p.dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const bool whole = p.n % kPack<T> == 0 && p.y_row % kPack<T> == 0 && (p.batch == 1 || p.y_batch % kPack<T> == 0);
    if (whole && packs(pointer<const T>(p.bias), pointer<T>(p.y))) return finish_by<T, kPack<T>>(d, p);
    return finish_by<T, 1>(d, p);
  });
}

/**
 * The product, and what is left to do with its result in *rest. False: not done, for our own kernels to do, or with
 * what is wrong in *status.
 */
bool multiply_by_cublas(Device& d, Session& s, const Product& p, const Request& r, int32_t* status, Product* rest) {
  if ((p.bias != 0 || p.activation != 0) && s.fused.multiply(p, r, s.workspace, d.stream, rest)) return true;
  const int answer = with_room(d, status, [&] { return multiply(d, s, p, r); });
  if (*status != FL_OK || answer == cublas::kSuccess) return *status == FL_OK;
  // A type that this GPU or this version lacks, or trouble that our kernels may not have.
  if (is_trouble(answer) || answer == cublas::kNotSupported || answer == cublas::kArchMismatch) {
    s.left.add(answer, p);
    return false;
  }
  *status = fail(FL_INTERNAL, "matmul: cuBLAS answers %s (%d) to (%lld, %lld) by (%lld, %lld), batch %lld",
                 cublas::name_of(answer), answer, static_cast<long long>(p.m), static_cast<long long>(p.k),
                 static_cast<long long>(p.k), static_cast<long long>(p.n), static_cast<long long>(p.batch));
  return false;
}

}  // namespace

const char* blas_origin(const Device& d) noexcept {
  static thread_local char text[1024];
  const std::string origin = cublas::origin();
  Session& s = session_of(d);
  std::lock_guard<std::mutex> lock(s.mutex);
  if (s.failure != cublas::kSuccess) {
    snprintf(text, sizeof text, "our own kernels (%s, does not start: %s)", origin.c_str(), cublas::name_of(s.failure));
    return text;
  }
  const std::string counts = s.fused.counts(), left = s.left.text("left to our own kernels");
  char version[48] = "";
  if (s.version != 0) {
    snprintf(version, sizeof version, ", version %d.%d.%d", s.version / 10000, s.version / 100 % 100, s.version % 100);
  }
  snprintf(text, sizeof text, "%s%s%s%s%s%s", origin.c_str(), version,
           counts.empty() ? "" : "; bias and activation: ", counts.c_str(), left.empty() ? "" : "; ", left.c_str());
  return text;
}

bool blas_multiply(Device& d, const Product& p, int32_t* status) {
  if (is_on(FL_CUDA_OWN_PRODUCTS)) return false;
  if (!cublas::is_chosen()) {
    *status = FL_NEED_BLAS;
    return true;
  }
  Request r;
  if (!cublas::library().has_blas || !request_of(p, &r)) return false;
  Session& s = session_of(d);
  std::lock_guard<std::mutex> lock(s.mutex);
  *status = FL_OK;
  Product rest = p;
  if (!start(d, s, status) || !multiply_by_cublas(d, s, p, r, status, &rest)) return *status != FL_OK;
  if (rest.bias != 0 || rest.activation != 0) {
    *status = finish(d, rest);
  } else if (is_on(FL_CUDA_SYNC)) {
    *status = synchronize(d, "matmul");
  }
  return true;
}

}  // namespace device
}  // namespace flambeau
