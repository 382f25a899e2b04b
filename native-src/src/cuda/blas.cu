/*
 * Products by cuBLAS. The algorithms should be those that PyTorch gets on the same GPU, so it is asked as PyTorch asks:
 * one product by cublasGemmEx, many by the batched form, bias and activation by cuBLASLt's epilogues, with workspaces of
 * the same sizes.
 */
#include "blas.h"

#include <stdio.h>
#include <string.h>

#include <mutex>
#include <unordered_map>

#include "allocator.h"
#include "cublas.h"
#include "kernels.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

using cublas::kNoTranspose;
using cublas::kTranspose;
using cublas::Library;

/* ------------------------------------------------------------------------------------------- what cuBLAS is told */
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
    return side->leading >= columns;
  }
  if (row == 1 || rows == 1) {
    *side = {kTranspose, column};
    return side->leading >= rows;
  }
  return false;
}

struct Types {
  int data, compute, scale;
};
/** Plain float32 never becomes TF32: cuBLAS's default mode keeps at least the bits that the compute type names. */
bool types_of(int32_t dtype, Types* types) {
  using namespace cublas;
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
  const void* one(int scale) const { return scale == cublas::kReal64 ? static_cast<const void*>(&one64) : &one32; }
  const void* zero(int scale) const { return scale == cublas::kReal64 ? static_cast<const void*>(&zero64) : &zero32; }
};

/** A product in cuBLAS's terms. */
struct Request {
  Types types;
  Side a, c;
  int64_t y_leading;
};
bool request_of(const Product& p, Request* r) {
  const auto fits = [](int64_t size) { return size <= 0x7fffffff; };
  r->y_leading = p.m == 1 ? p.n : p.y_row;
  return types_of(p.dtype, &r->types) && side_of(p.m, p.k, p.a_row, p.a_column, &r->a) &&
         side_of(p.k, p.n, p.c_row, p.c_column, &r->c) && fits(p.m) && fits(p.n) && fits(p.k) && fits(p.batch) &&
         fits(r->a.leading) && fits(r->c.leading) && fits(r->y_leading);
}

void* memory(fl_address x) { return reinterpret_cast<void*>(x); }

/* --------------------------------------------------------------------------------------------- plans for cuBLASLt */
/** What a plan depends on. */
struct Key {
  int64_t m, n, k, a_leading, c_leading, y_leading;
  uint8_t data, compute, transposes, epilogue;
  uint8_t a_aligned, c_aligned, y_aligned, end_aligned;  // how many low bits of the addresses are zero, 8 at most

  bool operator==(const Key& other) const { return memcmp(this, &other, sizeof *this) == 0; }
};
static_assert(sizeof(Key) == 7 * sizeof(int64_t), "compared and hashed as bytes: no gaps");

struct HashOfKey {
  size_t operator()(const Key& key) const {
    uint64_t words[7], hash = 0;
    memcpy(words, &key, sizeof words);
    for (const uint64_t word : words) hash = (hash ^ word) * 0x9e3779b97f4a7c15ull, hash ^= hash >> 32;
    return hash;
  }
};

uint8_t zero_bits(fl_address x) { return static_cast<uint8_t>(__builtin_ctzll(static_cast<uint64_t>(x) | 256)); }

uint8_t epilogue_of(const Product& p) {
  const int bias = p.bias != 0 ? cublas::kBias : 0;
  if (p.activation == FL_RELU) return static_cast<uint8_t>(bias | cublas::kRelu);
  if (p.activation == FL_GELU_TANH) return static_cast<uint8_t>(bias | cublas::kGelu);
  return static_cast<uint8_t>(bias != 0 ? bias : cublas::kDefault);
}

Key key_of(const Product& p, const Request& r) {
  const uint8_t y = zero_bits(p.y), bias = p.bias != 0 ? zero_bits(p.bias) : y;
  return {p.m,
          p.n,
          p.k,
          r.a.leading,
          r.c.leading,
          r.y_leading,
          static_cast<uint8_t>(r.types.data),
          static_cast<uint8_t>(r.types.compute),
          static_cast<uint8_t>(r.a.operation * 2 + r.c.operation),
          epilogue_of(p),
          zero_bits(p.a),
          zero_bits(p.c),
          y,
          least(y, bias)};  // as PyTorch has it: the bias is read beside what is written
}

/** What cuBLASLt needs for products of one key. */
class Plan {
 public:
  Plan(const Library& l, cublas::Handle lt, const Key& key, const Product& p, const Request& r, size_t workspace)
      : library_(l) {
    usable_ = describe(key, p, r) && choose(lt, key, workspace);
  }
  ~Plan() {
    if (operation_ != nullptr) library_.lt_forget_description(operation_);
    for (void* layout : {a_, c_, y_}) {
      if (layout != nullptr) library_.lt_forget_layout(layout);
    }
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /** Queues the product. False: cuBLASLt will not, now or later. */
  bool run(cublas::Handle lt, const Product& p, int scale, fl_address workspace, size_t bytes, cudaStream_t stream) {
    if (usable_ && p.bias != bias_) {
      const void* bias = memory(p.bias);
      usable_ = library_.lt_set(operation_, cublas::kBiasPointer, &bias, sizeof bias) == cublas::kSuccess;
      bias_ = p.bias;
    }
    const Scalars scalars;
    usable_ = usable_ && library_.lt_multiply(lt, operation_, scalars.one(scale), memory(p.c), c_, memory(p.a), a_,
                                              scalars.zero(scale), memory(p.y), y_, memory(p.y), y_, &algorithm_,
                                              memory(workspace), bytes, stream) == cublas::kSuccess;
    return usable_;
  }

 private:
  bool describe(const Key& key, const Product& p, const Request& r) {
    const int32_t of_c = r.c.operation, of_a = r.a.operation;
    const uint32_t epilogue = key.epilogue;
    const void* bias = memory(p.bias);
    bias_ = p.bias;
    // A bias has the type of the result unless something else is said.
    return library_.lt_describe(&operation_, r.types.compute, r.types.scale) == cublas::kSuccess &&
           library_.lt_set(operation_, cublas::kTransposeA, &of_c, sizeof of_c) == cublas::kSuccess &&
           library_.lt_set(operation_, cublas::kTransposeB, &of_a, sizeof of_a) == cublas::kSuccess &&
           library_.lt_set(operation_, cublas::kEpilogue, &epilogue, sizeof epilogue) == cublas::kSuccess &&
           (p.bias == 0 || library_.lt_set(operation_, cublas::kBiasPointer, &bias, sizeof bias) == cublas::kSuccess) &&
           layout(&c_, r.types.data, r.c, p.n, p.k) && layout(&a_, r.types.data, r.a, p.k, p.m) &&
           layout(&y_, r.types.data, {kNoTranspose, r.y_leading}, p.n, p.m);
  }

  /** rows x columns are after the side's operation; the library wants them before it. */
  bool layout(void** made, int type, const Side& side, int64_t rows, int64_t columns) {
    const bool turned = side.operation == kTranspose;
    return library_.lt_layout(made, type, static_cast<uint64_t>(turned ? columns : rows),
                              static_cast<uint64_t>(turned ? rows : columns), side.leading) == cublas::kSuccess;
  }

  bool choose(cublas::Handle lt, const Key& key, size_t workspace) {
    void* preference = nullptr;
    if (library_.lt_preference(&preference) != cublas::kSuccess) return false;
    const uint64_t most = workspace;
    bool well = library_.lt_prefer(preference, cublas::kMostWorkspace, &most, sizeof most) == cublas::kSuccess;
    const uint8_t bits[] = {key.c_aligned, key.a_aligned, key.y_aligned, key.end_aligned};
    for (int i = 0; i < 4; ++i) {  // else it takes every address for a multiple of 256
      const uint32_t alignment = 1u << bits[i];
      well = well && library_.lt_prefer(preference, cublas::kAlignmentA + i, &alignment, sizeof alignment) == 0;
    }
    cublas::Heuristic best = {};
    int count = 0;
    well = well &&
           library_.lt_heuristic(lt, operation_, c_, a_, y_, y_, preference, 1, &best, &count) == cublas::kSuccess &&
           count >= 1 && best.state == cublas::kSuccess && best.workspace <= workspace;
    library_.lt_forget_preference(preference);
    algorithm_ = best.algorithm;
    return well;
  }

  const Library& library_;
  void *operation_ = nullptr, *a_ = nullptr, *c_ = nullptr, *y_ = nullptr;
  fl_address bias_ = 0;  // what operation_ points to
  cublas::Algorithm algorithm_ = {};
  bool usable_ = false;
};

/* ------------------------------------------------------------------------------------------------------- sessions */
/** What belongs to one device. Never destroyed: cuBLAS may be gone when a program's statics end. */
struct Session {
  std::mutex mutex;  // a handle, its workspace and the plans serve one call at a time
  cublas::Handle handle = nullptr, lt = nullptr;
  fl_address workspace = 0;
  size_t bytes = 0, lt_bytes = 0;
  int version = 0;
  std::unordered_map<Key, Plan, HashOfKey> plans;
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

/** False: cuBLAS is not to be had, for want of memory perhaps only now. */
bool start(Device& d, Session& s) {
  if (s.handle != nullptr) return true;
  if (s.failure != cublas::kSuccess) return false;
  choose_sizes(d, s);
  s.workspace = d.allocator->allocate(static_cast<int64_t>(s.bytes));
  if (s.workspace == 0) return false;
  const Library& l = cublas::library();
  cublas::Handle handle = nullptr;
  int status = l.create(&handle);
  // In this order: setting the stream takes the workspace away.
  if (status == cublas::kSuccess) status = l.set_stream(handle, d.stream);
  if (status == cublas::kSuccess) status = l.set_workspace(handle, memory(s.workspace), s.bytes);
  if (status != cublas::kSuccess) {
    if (status != cublas::kAllocationFailed) s.failure = status;
    d.allocator->release(s.workspace);
    return false;
  }
  if (l.version(handle, &s.version) != cublas::kSuccess) s.version = 0;
  if (l.has_lt && l.lt_create(&s.lt) != cublas::kSuccess) s.lt = nullptr;
  s.handle = handle;
  return true;
}

/* ------------------------------------------------------------------------------------------------------- products */
/** One product with all that comes after it in one kernel. False: not done. */
bool multiply_and_finish(Device& d, Session& s, const Product& p, const Request& r) {
  // The library refuses rows and columns; and it may choose a kernel that traps at a bias not aligned to 16 bytes, as
  // nothing can be said of that to its heuristic.
  if (s.lt == nullptr || p.batch != 1 || p.m == 1 || p.n == 1 || p.k == 1 || p.bias % 16 != 0) return false;
  const Key key = key_of(p, r);
  auto found = s.plans.find(key);
  if (found == s.plans.end()) {
    if (s.plans.size() >= 1000) s.plans.clear();  // shapes that never come again
    found = s.plans
                .emplace(std::piecewise_construct, std::forward_as_tuple(key),
                         std::forward_as_tuple(cublas::library(), s.lt, key, p, r, s.lt_bytes))
                .first;
  }
  return found->second.run(s.lt, p, r.types.scale, s.workspace, s.lt_bytes, d.stream);
}

/** The product alone. */
int multiply(Session& s, const Product& p, const Request& r) {
  const Library& l = cublas::library();
  const Scalars scalars;
  const Types& t = r.types;
  const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  const int lda = static_cast<int>(r.a.leading), ldc = static_cast<int>(r.c.leading);
  const int ldy = static_cast<int>(r.y_leading);
  if (p.batch == 1) {
    return l.multiply(s.handle, r.c.operation, r.a.operation, n, m, k, scalars.one(t.scale), memory(p.c), t.data, ldc,
                      memory(p.a), t.data, lda, scalars.zero(t.scale), memory(p.y), t.data, ldy, t.compute,
                      cublas::kDefaultAlgorithm);
  }
  return l.multiply_batch(s.handle, r.c.operation, r.a.operation, n, m, k, scalars.one(t.scale), memory(p.c), t.data,
                          ldc, p.c_batch, memory(p.a), t.data, lda, p.a_batch, scalars.zero(t.scale), memory(p.y),
                          t.data, ldy, p.y_batch, static_cast<int>(p.batch), t.compute, cublas::kDefaultAlgorithm);
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
  return visit_float("matmul", p.dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const bool whole = p.n % kPack<T> == 0 && p.y_row % kPack<T> == 0 && (p.batch == 1 || p.y_batch % kPack<T> == 0);
    if (whole && packs(pointer<const T>(p.bias), pointer<T>(p.y))) return finish_by<T, kPack<T>>(d, p);
    return finish_by<T, 1>(d, p);
  });
}

}  // namespace

const char* blas_origin(const Device& d) noexcept {
  static thread_local char text[512];
  const std::string origin = cublas::origin();
  Session& s = session_of(d);
  std::lock_guard<std::mutex> lock(s.mutex);
  if (s.failure != cublas::kSuccess) {
    snprintf(text, sizeof text, "our own kernels (%s, does not start: %s)", origin.c_str(), cublas::name_of(s.failure));
  } else if (s.version != 0) {
    snprintf(text, sizeof text, "%s, version %d.%d.%d", origin.c_str(), s.version / 10000, s.version / 100 % 100,
             s.version % 100);
  } else {
    snprintf(text, sizeof text, "%s", origin.c_str());
  }
  return text;
}

bool blas_multiply(Device& d, const Product& p, int32_t* status) {
  if (!cublas::is_chosen()) {
    *status = FL_NEED_BLAS;
    return true;
  }
  Request r;
  if (!cublas::library().has_blas || !request_of(p, &r)) return false;
  Session& s = session_of(d);
  std::lock_guard<std::mutex> lock(s.mutex);
  if (!start(d, s)) return false;
  *status = FL_OK;
  const bool more = p.bias != 0 || p.activation != 0;
  if (!more || !multiply_and_finish(d, s, p, r)) {
    const int answer = multiply(s, p, r);
    // A type that this GPU or this version lacks: our own kernels have every one.
    if (answer == cublas::kNotSupported || answer == cublas::kArchMismatch) return false;
    if (answer != cublas::kSuccess) {
      const bool late = answer == cublas::kExecutionFailed || answer == cublas::kInternalError;
      *status = fail(FL_INTERNAL, "matmul: cuBLAS answers %s (%d) to (%lld, %lld) by (%lld, %lld), batch %lld%s",
                     cublas::name_of(answer), answer, static_cast<long long>(p.m), static_cast<long long>(p.k),
                     static_cast<long long>(p.k), static_cast<long long>(p.n), static_cast<long long>(p.batch),
                     late ? " (an earlier kernel may be the cause; -Dflambeau.cuda.sync=true shows which)" : "");
      return true;
    }
    if (more) {
      *status = finish(d, p);
      return true;
    }
  }
  if (is_on(FL_CUDA_SYNC)) *status = synchronize(d, "matmul");
  return true;
}

}  // namespace device
}  // namespace flambeau
