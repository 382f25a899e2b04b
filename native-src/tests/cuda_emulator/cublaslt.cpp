/* The emulated cuBLASLt: see cublas.h beside this. Descriptors are opaque to whoever uses them. */
#include "cublas.h"

namespace {

using namespace emulated;

enum Kind : uint32_t { kHandle = 0x17a4d1e0, kOperation, kLayout, kPreference, kAlgorithm };
enum { kTransposeA = 3, kTransposeB = 4, kEpilogue = 7, kBiasPointer = 8, kBiasType = 26 };
enum { kSearchMode = 0, kMaxWorkspace = 1, kReductionMask = 3, kAlignmentA = 5, kAlignmentD = 8 };
enum { kInPlace = 1, kInComputeType = 2, kInOutputType = 4 };  // how the parts of a depth are added up
enum { kNothing = 1, kRelu = 2, kBias = 4, kGelu = 32 };       // bits of an epilogue; kNothing alone

int64_t living = 0;  // objects made and not destroyed, handles aside

struct Handle {
  uint32_t kind;
};
struct Descriptor {
  uint32_t kind;
  int compute, scale;
  int32_t of_a, of_b;
  uint32_t epilogue;
  const void* bias;
  int32_t bias_type;  // -1: that of d
};
struct Layout {
  uint32_t kind;
  int type;
  uint64_t rows, columns;
  int64_t leading;
};
struct Preference {
  uint32_t kind;
  uint64_t workspace;
  uint32_t reductions;
  uint32_t alignment[4];
};
/** What cublasLtMatmulAlgo_t's 64 bytes hold here: what the algorithm was chosen for. */
struct Algorithm {
  uint32_t kind, workspace;
  uint16_t alignment[4];
  uint64_t sizes, rest;  // hashes
  uint64_t narrow, unused[3];
};
static_assert(sizeof(Algorithm) == 64, "cublasLtMatmulAlgo_t");
struct Result {
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};
static_assert(sizeof(Result) == 96, "cublasLtMatmulHeuristicResult_t");

template <class T> bool is_a(const T* object, uint32_t kind) { return object != nullptr && object->kind == kind; }

template <class T> int destroy(T* object, uint32_t kind) {
  if (!is_a(object, kind)) return kInvalidValue;
  object->kind = 0;
  delete object;
  --living;
  return kSuccess;
}

/** An attribute's buffer must have exactly its size. */
template <class T> int take(T& attribute, const void* from, size_t bytes) {
  if (from == nullptr || bytes != sizeof attribute) return kInvalidValue;
  memcpy(&attribute, from, bytes);
  return kSuccess;
}

bool is_epilogue(uint32_t e) {
  return e == kNothing || e == kRelu || e == kBias || e == (kRelu | kBias) || e == kGelu || e == (kGelu | kBias);
}

uint64_t mix(uint64_t hash, uint64_t value) { return (hash ^ value) * 0x100000001b3ull; }
uint64_t hash_of(const Layout& x) {
  return mix(mix(mix(mix(1, static_cast<uint64_t>(x.type)), x.rows), x.columns), static_cast<uint64_t>(x.leading));
}
uint64_t hash_of(const Descriptor& o) {
  return mix(
      mix(mix(mix(2, static_cast<uint64_t>(o.compute)), static_cast<uint64_t>(o.of_a)), static_cast<uint64_t>(o.of_b)),
      o.epilogue);
}

/** Do the descriptors fit together, and can that be done? m, n, k: of the product. */
int check(const Descriptor* o, const Layout* a, const Layout* b, const Layout* c, const Layout* d, uint64_t* k) {
  if (!is_a(o, kOperation) || !is_a(a, kLayout) || !is_a(b, kLayout) || !is_a(c, kLayout) || !is_a(d, kLayout)) {
    return kInvalidValue;
  }
  const uint64_t m = o->of_a == kPlain ? a->rows : a->columns, n = o->of_b == kPlain ? b->columns : b->rows;
  *k = o->of_a == kPlain ? a->columns : a->rows;
  if (*k != (o->of_b == kPlain ? b->rows : b->columns) || c->rows != m || c->columns != n || d->rows != m ||
      d->columns != n || c->type != d->type || a->type != b->type) {
    return kInvalidValue;
  }
  if (m == 1 || n == 1 || *k == 1) return kInvalidValue;  // not documented, but what the library does with vectors
  if (!is_combination(o->compute, o->scale, a->type, d->type)) return kNotSupported;
  if ((o->epilogue & kBias) != 0) {
    if (o->bias == nullptr) return kInvalidValue;
    if (o->bias_type != -1 && o->bias_type != d->type) return kNotSupported;
  }
  if ((o->epilogue & (kRelu | kGelu)) != 0 && o->compute == kSumDouble) return kNotSupported;
  return kSuccess;
}

double gelu_tanh(double x) { return 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))); }

}  // namespace

FL_EMULATED int cublasLtCreate(Handle** handle) {
  const int wanted = wanted_failure("cublasLtCreate");
  if (wanted != kSuccess) return wanted;
  if (handle == nullptr) return kInvalidValue;
  *handle = new Handle{kHandle};
  return kSuccess;
}

FL_EMULATED int cublasLtMatmulDescCreate(Descriptor** made, int compute, int scale) {
  if (made == nullptr || (compute != kSumFloat && compute != kSumDouble && compute != kSumTf32) || !is_type(scale)) {
    return kInvalidValue;
  }
  *made = new Descriptor{kOperation, compute, scale, kPlain, kPlain, kNothing, nullptr, -1};
  ++living;
  return kSuccess;
}
FL_EMULATED int cublasLtMatmulDescDestroy(Descriptor* operation) { return destroy(operation, kOperation); }

FL_EMULATED int cublasLtMatmulDescSetAttribute(Descriptor* o, int attribute, const void* from, size_t bytes) {
  if (!is_a(o, kOperation)) return kInvalidValue;
  Descriptor changed = *o;
  int status = kInvalidValue;
  switch (attribute) {
    case kTransposeA: status = take(changed.of_a, from, bytes); break;
    case kTransposeB: status = take(changed.of_b, from, bytes); break;
    case kEpilogue: status = take(changed.epilogue, from, bytes); break;
    case kBiasPointer: status = take(changed.bias, from, bytes); break;
    case kBiasType: status = take(changed.bias_type, from, bytes); break;
    default: break;
  }
  if (status != kSuccess) return answer(status, "cublasLtMatmulDescSetAttribute %d bytes=%zu", attribute, bytes);
  if (!is_operation(changed.of_a) || !is_operation(changed.of_b) || !is_epilogue(changed.epilogue)) {
    return answer(kInvalidValue, "cublasLtMatmulDescSetAttribute %d", attribute);
  }
  *o = changed;
  return kSuccess;
}

FL_EMULATED int cublasLtMatrixLayoutCreate(Layout** made, int type, uint64_t rows, uint64_t columns, int64_t leading) {
  if (made == nullptr || !is_type(type) || rows == 0 || columns == 0 || leading < static_cast<int64_t>(rows)) {
    return answer(kInvalidValue, "cublasLtMatrixLayoutCreate rows=%llu leading=%lld",
                  static_cast<unsigned long long>(rows), static_cast<long long>(leading));
  }
  *made = new Layout{kLayout, type, rows, columns, leading};
  ++living;
  return kSuccess;
}
FL_EMULATED int cublasLtMatrixLayoutDestroy(Layout* layout) { return destroy(layout, kLayout); }

/** By default an algorithm may not use a workspace, and may take every address for a multiple of 256. */
FL_EMULATED int cublasLtMatmulPreferenceCreate(Preference** made) {
  if (made == nullptr) return kInvalidValue;
  *made = new Preference{kPreference, 0, kInPlace | kInComputeType | kInOutputType, {256, 256, 256, 256}};
  ++living;
  return kSuccess;
}
FL_EMULATED int cublasLtMatmulPreferenceDestroy(Preference* preference) { return destroy(preference, kPreference); }

FL_EMULATED int cublasLtMatmulPreferenceSetAttribute(Preference* p, int attribute, const void* from, size_t bytes) {
  if (!is_a(p, kPreference)) return kInvalidValue;
  uint32_t number = 1;
  if (attribute == kMaxWorkspace) return take(p->workspace, from, bytes);
  if (attribute == kSearchMode) return take(number, from, bytes);
  if (attribute == kReductionMask) {
    const int status = take(number, from, bytes);
    if (status == kSuccess && number > (kInPlace | kInComputeType | kInOutputType)) return kInvalidValue;
    if (status == kSuccess) p->reductions = number;
    return status;
  }
  if (attribute < kAlignmentA || attribute > kAlignmentD) return kInvalidValue;
  const int status = take(number, from, bytes);
  if (status != kSuccess || number == 0 || (number & (number - 1)) != 0 || number > 256) return kInvalidValue;
  p->alignment[attribute - kAlignmentA] = number;
  return kSuccess;
}

FL_EMULATED int cublasLtMatmulAlgoGetHeuristic(Handle* handle, const Descriptor* o, const Layout* a, const Layout* b,
                                               const Layout* c, const Layout* d, const Preference* p, int wanted,
                                               Result* results, int* found) {
  uint64_t k = 0;
  int status = wanted_failure("cublasLtMatmulAlgoGetHeuristic");
  if (status == kSuccess && !is_a(handle, kHandle)) status = kNotInitialized;
  if (status == kSuccess && (!is_a(p, kPreference) || wanted < 1 || results == nullptr || found == nullptr)) {
    status = kInvalidValue;
  }
  if (status == kSuccess) status = check(o, a, b, c, d, &k);
  if (status != kSuccess) return answer(status, "cublasLtMatmulAlgoGetHeuristic");
  *found = 1;
  Algorithm& chosen = results[0].algorithm;
  chosen = {};
  chosen.kind = kAlgorithm;
  chosen.workspace = static_cast<uint32_t>(p->workspace < 65536 ? p->workspace : 65536);
  for (int i = 0; i < 4; ++i) chosen.alignment[i] = static_cast<uint16_t>(p->alignment[i]);
  chosen.sizes = mix(mix(hash_of(*a), hash_of(*b)), mix(hash_of(*c), hash_of(*d)));
  chosen.rest = hash_of(*o);
  chosen.narrow = is_half(d->type) && (p->reductions & (kInPlace | kInOutputType)) != 0;
  results[0].workspace = chosen.workspace;
  results[0].state = kSuccess;
  results[0].waves = 1;
  return answer(kSuccess, "cublasLtMatmulAlgoGetHeuristic workspace=%llu align=%u,%u,%u,%u epilogue=%u living=%lld",
                static_cast<unsigned long long>(p->workspace), p->alignment[0], p->alignment[1], p->alignment[2],
                p->alignment[3], o->epilogue, static_cast<long long>(living));
}

FL_EMULATED int cublasLtMatmul(Handle* handle, const Descriptor* o, const void* alpha, const void* a,
                               const Layout* a_layout, const void* b, const Layout* b_layout, const void* beta,
                               const void* c, const Layout* c_layout, void* d, const Layout* d_layout,
                               const Algorithm* algorithm, void* workspace, size_t workspace_bytes, void* stream) {
  uint64_t k = 0;
  int status = wanted_failure("cublasLtMatmul");
  if (status == kSuccess && !is_a(handle, kHandle)) status = kNotInitialized;
  if (status == kSuccess) status = check(o, a_layout, b_layout, c_layout, d_layout, &k);
  if (status == kSuccess) {
    const bool chosen_for_this = is_a(algorithm, kAlgorithm) &&
                                 algorithm->sizes == mix(mix(hash_of(*a_layout), hash_of(*b_layout)),
                                                         mix(hash_of(*c_layout), hash_of(*d_layout))) &&
                                 algorithm->rest == hash_of(*o);
    const bool pointers = alpha != nullptr && beta != nullptr && a != nullptr && b != nullptr && c != nullptr &&
                          d != nullptr && stream != nullptr;
    const bool in_place = c != d || hash_of(*c_layout) == hash_of(*d_layout);
    if (!chosen_for_this || !pointers || !in_place ||
        (algorithm->workspace > 0 && (workspace == nullptr || !is_aligned(workspace, 256))) ||
        workspace_bytes < algorithm->workspace) {
      status = kInvalidValue;
    } else if (!is_aligned(a, algorithm->alignment[0]) || !is_aligned(b, algorithm->alignment[1]) ||
               !is_aligned(c, algorithm->alignment[2]) || !is_aligned(d, algorithm->alignment[3]) ||
               ((o->epilogue & kBias) != 0 &&
                (!is_aligned(o->bias, 16) || !is_aligned(o->bias, algorithm->alignment[3])))) {
      status = kInvalidValue;  // hardware would trap, or read what lies beside
    }
  }
  if (status != kSuccess) return answer(status, "cublasLtMatmul");
  const int64_t m = static_cast<int64_t>(d_layout->rows), n = static_cast<int64_t>(d_layout->columns);
  const int type = d_layout->type;
  const Descriptor described = *o;  // whoever made it may change it while the product waits
  const bool loses_nan = (o->epilogue & kRelu) != 0 && wanted_failure("ReluOfNaN") != kSuccess;
  const auto finish = [=](double sum, int64_t row) {
    if ((described.epilogue & kBias) != 0) sum += load<double>(described.bias, type, row);
    if ((described.epilogue & kRelu) != 0) sum = sum <= 0 || (loses_nan && isnan(sum)) ? 0 : sum;
    return (described.epilogue & kGelu) != 0 ? gelu_tanh(sum) : sum;
  };
  const Product p = {o->compute,
                     m,
                     n,
                     static_cast<int64_t>(k),
                     scalar(alpha, o->compute),
                     scalar(beta, o->compute),
                     {a, a_layout->type, o->of_a, a_layout->leading},
                     {b, b_layout->type, o->of_b, b_layout->leading},
                     {c, c_layout->type, kPlain, c_layout->leading},
                     d,
                     d_layout->leading,
                     finish,
                     algorithm->narrow != 0};
  const size_t used = algorithm->workspace;
  status = queue(stream, "cublasLtMatmul", [=] {
    if (used > 0) memset(workspace, 0xff, used);
    multiply(p);
  });
  return answer(status, "cublasLtMatmul op=%d%d m=%lld n=%lld k=%llu type=%d compute=%d epilogue=%u", o->of_a, o->of_b,
                static_cast<long long>(m), static_cast<long long>(n), static_cast<unsigned long long>(k),
                a_layout->type, o->compute, o->epilogue);
}
