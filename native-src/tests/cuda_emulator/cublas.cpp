/* The emulated cuBLAS: see cublas.h beside this. */
#include "cublas.h"

namespace {

using namespace emulated;

constexpr uint32_t kLiving = 0xb1a5b1a5u;
constexpr int kVersion = 130100;
constexpr int kNoReducedPrecisionReduction = 16, kPedantic = 2;

struct Handle {
  uint32_t living;
  void* stream;
  void* workspace;
  size_t workspace_bytes;
  int math_mode;
};

bool lives(const Handle* handle) { return handle != nullptr && handle->living == kLiving; }

/** The rules that one product and many share. */
int check(const Handle* handle, int of_a, int of_b, int m, int n, int k, const void* alpha, const void* a, int a_type,
          int lda, const void* b, int b_type, int ldb, const void* beta, const void* c, int c_type, int ldc,
          int compute, int algorithm) {
  if (!lives(handle)) return kNotInitialized;
  if (handle->stream == nullptr) return kInvalidValue;          // the default stream: never meant here
  if (handle->workspace_bytes < 1 << 20) return kInvalidValue;  // setting a stream took it away
  if (m < 0 || n < 0 || k < 0 || !is_operation(of_a) || !is_operation(of_b)) return kInvalidValue;
  if (alpha == nullptr || beta == nullptr || a == nullptr || b == nullptr || c == nullptr) return kInvalidValue;
  const auto at_least = [](int one_or_more) { return one_or_more > 1 ? one_or_more : 1; };
  if (lda < at_least(of_a == kPlain ? m : k) || ldb < at_least(of_b == kPlain ? k : n) || ldc < at_least(m)) {
    return kInvalidValue;
  }
  if (algorithm < -1 || (algorithm > 23 && algorithm < 99) || algorithm > 115) return kInvalidValue;
  if (!is_type(a_type) || !is_type(b_type) || !is_type(c_type) || a_type != b_type) return kNotSupported;
  if (!is_combination(compute, compute == kSumDouble ? kDouble : kFloat, a_type, c_type)) return kNotSupported;
  if (!is_aligned(a, width(a_type)) || !is_aligned(b, width(b_type)) || !is_aligned(c, width(c_type))) {
    return kInvalidValue;
  }
  return kSuccess;
}

bool is_narrow(const Handle* handle, int type) {
  return is_half(type) && (handle->math_mode & (kNoReducedPrecisionReduction | kPedantic)) == 0;
}

/** Queues the products; the workspace is written to, as it may be. */
int run(const Handle* handle, const char* op, std::vector<Product> products) {
  void* workspace = handle->workspace;
  return queue(handle->stream, op, [=] {
    memset(workspace, 0xff, 4096);
    for (const Product& p : products) multiply(p);
  });
}

}  // namespace

FL_EMULATED int cublasCreate_v2(Handle** handle) {
  const int wanted = wanted_failure("cublasCreate_v2");
  if (wanted != kSuccess) return wanted;
  if (handle == nullptr) return kInvalidValue;
  *handle = new Handle{kLiving, nullptr, nullptr, 0, 0};
  return kSuccess;
}

FL_EMULATED int cublasDestroy_v2(Handle* handle) {
  if (!lives(handle)) return kNotInitialized;
  handle->living = 0;
  delete handle;
  return kSuccess;
}

/** Default, tensor cores, pedantic or TF32, and a flag. */
FL_EMULATED int cublasSetMathMode(Handle* handle, int mode) {
  if (!lives(handle)) return kNotInitialized;
  if (mode < 0 || (mode & ~kNoReducedPrecisionReduction) > 3) return kInvalidValue;
  handle->math_mode = mode;
  return answer(kSuccess, "cublasSetMathMode %d", mode);
}

FL_EMULATED int cublasGetVersion_v2(Handle* handle, int* version) {
  if (version == nullptr) return kInvalidValue;
  if (!lives(handle)) return kNotInitialized;
  *version = kVersion;
  return kSuccess;
}

/** "Unconditionally resets the cuBLAS library workspace back to the default workspace pool." */
FL_EMULATED int cublasSetStream_v2(Handle* handle, void* stream) {
  if (!lives(handle)) return kNotInitialized;
  handle->stream = stream;
  handle->workspace = nullptr;
  handle->workspace_bytes = 0;
  return kSuccess;
}

FL_EMULATED int cublasSetWorkspace_v2(Handle* handle, void* workspace, size_t bytes) {
  if (!lives(handle)) return kNotInitialized;
  if (workspace == nullptr || !is_aligned(workspace, 256)) return kInvalidValue;
  handle->workspace = workspace;
  handle->workspace_bytes = bytes;
  return answer(kSuccess, "cublasSetWorkspace_v2 bytes=%zu", bytes);
}

FL_EMULATED int cublasGemmEx(Handle* handle, int of_a, int of_b, int m, int n, int k, const void* alpha, const void* a,
                             int a_type, int lda, const void* b, int b_type, int ldb, const void* beta, void* c,
                             int c_type, int ldc, int compute, int algorithm) {
  int status = wanted_failure("cublasGemmEx");
  if (status == kSuccess) {
    status = check(handle, of_a, of_b, m, n, k, alpha, a, a_type, lda, b, b_type, ldb, beta, c, c_type, ldc, compute,
                   algorithm);
  }
  if (status == kSuccess) {
    status = run(handle, "cublasGemmEx",
                 {{compute,
                   m,
                   n,
                   k,
                   scalar(alpha, compute),
                   scalar(beta, compute),
                   {a, a_type, of_a, lda},
                   {b, b_type, of_b, ldb},
                   {c, c_type, kPlain, ldc},
                   c,
                   ldc,
                   nullptr,
                   is_narrow(handle, c_type)}});
  }
  return answer(status, "cublasGemmEx op=%d%d m=%d n=%d k=%d type=%d compute=%d", of_a, of_b, m, n, k, a_type, compute);
}

FL_EMULATED int cublasGemmStridedBatchedEx(Handle* handle, int of_a, int of_b, int m, int n, int k, const void* alpha,
                                           const void* a, int a_type, int lda, long long a_stride, const void* b,
                                           int b_type, int ldb, long long b_stride, const void* beta, void* c,
                                           int c_type, int ldc, long long c_stride, int batch, int compute,
                                           int algorithm) {
  int status = wanted_failure("cublasGemmStridedBatchedEx");
  if (status == kSuccess) {
    status = check(handle, of_a, of_b, m, n, k, alpha, a, a_type, lda, b, b_type, ldb, beta, c, c_type, ldc, compute,
                   algorithm);
  }
  // "It is not allowed that the C matrices overlap": taken by the span of each, which is more than they hold
  const long long span = static_cast<long long>(n - 1) * ldc + m;
  if (status == kSuccess && (batch < 0 || (batch > 1 && c_stride < span))) status = kInvalidValue;
  // not documented, but what the library has done on Volta and Turing
  static const char* const capability = getenv("FLAMBEAU_EMULATED_CAPABILITY");
  if (batch > 65535 && capability != nullptr && capability[0] == '7') status = kExecutionFailed;
  std::vector<Product> products;
  for (int i = 0; status == kSuccess && i < batch; ++i) {
    const auto* a_i = static_cast<const unsigned char*>(a) + i * a_stride * static_cast<long long>(width(a_type));
    const auto* b_i = static_cast<const unsigned char*>(b) + i * b_stride * static_cast<long long>(width(b_type));
    auto* c_i = static_cast<unsigned char*>(c) + i * c_stride * static_cast<long long>(width(c_type));
    products.push_back({compute,
                        m,
                        n,
                        k,
                        scalar(alpha, compute),
                        scalar(beta, compute),
                        {a_i, a_type, of_a, lda},
                        {b_i, b_type, of_b, ldb},
                        {c_i, c_type, kPlain, ldc},
                        c_i,
                        ldc,
                        nullptr,
                        is_narrow(handle, c_type)});
  }
  if (status == kSuccess) status = run(handle, "cublasGemmStridedBatchedEx", std::move(products));
  return answer(status, "cublasGemmStridedBatchedEx op=%d%d m=%d n=%d k=%d batch=%d type=%d compute=%d", of_a, of_b, m,
                n, k, batch, a_type, compute);
}
