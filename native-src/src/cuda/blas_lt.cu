/*
 * Bias and activation as epilogues of cuBLASLt, asked as PyTorch asks. A plan is kept for each kind of product, as
 * looking for an algorithm costs the host more than all the rest.
 */
#include "blas_lt.h"

#include <stdio.h>

#include "launch.h"

namespace flambeau {
namespace device {
namespace cublas {
namespace {

uint8_t zero_bits(fl_address x) { return static_cast<uint8_t>(__builtin_ctzll(static_cast<uint64_t>(x) | 256)); }

uint8_t epilogue_of(const Product& p) {
  const int bias = p.bias != 0 ? kBias : 0;
  if (p.activation == FL_RELU) return static_cast<uint8_t>(bias | kRelu);
  if (p.activation == FL_GELU_TANH) return static_cast<uint8_t>(bias | kGelu);
  return static_cast<uint8_t>(bias != 0 ? bias : kDefault);
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

/** The part of a product that goes to cuBLASLt. */
Product fused_part(const Product& p) {
  Product part = p;
  // Its GELU has an error in the fifth digit or so: nothing to 16 bits, too much for more.
  if (p.activation == FL_GELU_TANH && !is_half(p.dtype)) part.bias = part.activation = 0;
  // Its ReLU may be an fmaxf, which makes a NaN 0. FL_CUDA_OWN_RELU is to be on, for good, where a test of NaN
  // (MatrixContract, GpuProductTest) fails with cuBLAS and passes without.
  if (p.activation == FL_RELU && is_on(FL_CUDA_OWN_RELU)) part.activation = 0;
  return part;
}

}  // namespace

void Refusals::add(int status, const Product& p) {
  if (++count_ > 1) return;
  char text[192];
  snprintf(text, sizeof text, "%s (%d) to (%lld, %lld) by (%lld, %lld), batch %lld, %s", name_of(status), status,
           static_cast<long long>(p.m), static_cast<long long>(p.k), static_cast<long long>(p.k),
           static_cast<long long>(p.n), static_cast<long long>(p.batch), dtype_name(p.dtype));
  first_ = text;
}

std::string Refusals::text(const char* label) const {
  return count_ == 0 ? "" : std::to_string(count_) + " " + label + " (first: " + first_ + ")";
}

Plan::Plan(const Library& l, Handle lt, const Key& key, const Product& p, const Request& r, size_t workspace)
    : library_(l) {
  if (describe(key, p, r)) choose(lt, key, is_half(p.dtype), workspace);
}

Plan::~Plan() {
  if (operation_ != nullptr) library_.lt_forget_description(operation_);
  for (void* layout : {a_, c_, y_}) {
    if (layout != nullptr) library_.lt_forget_layout(layout);
  }
}

bool Plan::did(int status) {
  if (status_ == kSuccess) status_ = status;
  return status == kSuccess;
}

int Plan::run(Handle lt, const Product& p, int scale, fl_address workspace, size_t bytes, cudaStream_t stream) {
  if (status_ == kSuccess && p.bias != bias_) {
    const void* bias = memory(p.bias);
    did(library_.lt_set(operation_, kBiasPointer, &bias, sizeof bias));
    bias_ = p.bias;
  }
  const Scalars scalars;
  if (status_ == kSuccess) {
    did(library_.lt_multiply(lt, operation_, scalars.one(scale), memory(p.c), c_, memory(p.a), a_, scalars.zero(scale),
                             memory(p.y), y_, memory(p.y), y_, &algorithm_, memory(workspace), bytes, stream));
  }
  return status_;
}

bool Plan::describe(const Key& key, const Product& p, const Request& r) {
  const int32_t of_c = r.c.operation, of_a = r.a.operation;
  const uint32_t epilogue = key.epilogue;
  const void* bias = memory(p.bias);
  bias_ = p.bias;
  // A bias has the type of the result unless something else is said.
  return did(library_.lt_describe(&operation_, r.types.compute, r.types.scale)) &&
         did(library_.lt_set(operation_, kTransposeA, &of_c, sizeof of_c)) &&
         did(library_.lt_set(operation_, kTransposeB, &of_a, sizeof of_a)) &&
         did(library_.lt_set(operation_, kEpilogue, &epilogue, sizeof epilogue)) &&
         (p.bias == 0 || did(library_.lt_set(operation_, kBiasPointer, &bias, sizeof bias))) &&
         layout(&c_, r.types.data, r.c, p.n, p.k) && layout(&a_, r.types.data, r.a, p.k, p.m) &&
         layout(&y_, r.types.data, {kNoTranspose, r.y_leading}, p.n, p.m);
}

/** rows x columns are after the side's operation; the library wants them before it. */
bool Plan::layout(void** made, int type, const Side& side, int64_t rows, int64_t columns) {
  const bool transposed = side.operation == kTranspose;
  return did(library_.lt_layout(made, type, static_cast<uint64_t>(transposed ? columns : rows),
                                static_cast<uint64_t>(transposed ? rows : columns), side.leading));
}

bool Plan::choose(Handle lt, const Key& key, bool half, size_t workspace) {
  void* preference = nullptr;
  if (!did(library_.lt_preference(&preference))) return false;
  const uint64_t most = workspace;
  bool well = did(library_.lt_prefer(preference, kMostWorkspace, &most, sizeof most));
  const uint8_t bits[] = {key.c_aligned, key.a_aligned, key.y_aligned, key.end_aligned};
  for (int i = 0; i < 4; ++i) {  // else it takes every address for a multiple of 256
    const uint32_t alignment = 1u << bits[i];
    well = well && did(library_.lt_prefer(preference, kAlignmentA + i, &alignment, sizeof alignment));
  }
  if (half) {  // else the sums of a depth that is shared out may be rounded to 16 bits before they are added up
    const uint32_t schemes = kReduceInComputeType;
    well = well && did(library_.lt_prefer(preference, kReductionSchemes, &schemes, sizeof schemes));
  }
  Heuristic best = {};
  int count = 0;
  well = well && did(library_.lt_heuristic(lt, operation_, c_, a_, y_, y_, preference, 1, &best, &count)) &&
         did(count >= 1 ? best.state : static_cast<int>(kNotSupported)) &&
         did(best.workspace <= workspace ? kSuccess : kNotSupported);
  library_.lt_forget_preference(preference);
  algorithm_ = best.algorithm;
  return well;
}

void FusedProducts::start(size_t workspace_bytes) {
  bytes_ = workspace_bytes;
  if (library().has_lt && library().lt_create(&lt_) != kSuccess) lt_ = nullptr;
}

FusedProducts::Reason FusedProducts::reason_against(const Product& p, const Request& r) const {
  const Product part = fused_part(p);
  if (lt_ == nullptr) return kNoLibrary;
  if (p.batch != 1) return kBatch;
  if (p.m == 1 || p.n == 1 || p.k == 1) return kVector;  // the library refuses them
  if (part.bias == 0 && part.activation == 0) return kActivation;
  // It may choose a kernel that traps there, as nothing can be said of the bias to its heuristic.
  if (p.bias % 16 != 0) return kBiasAddress;
  // PyTorch has met wrong results in 16 bits where lines lie far apart, and asks only for dense matrices.
  const bool dense = r.a.leading == (r.a.operation == kTranspose ? p.m : p.k) &&
                     r.c.leading == (r.c.operation == kTranspose ? p.k : p.n) && r.y_leading == p.n;
  return is_half(p.dtype) && !dense ? kGaps : kReasons;
}

bool FusedProducts::multiply(const Product& p, const Request& r, fl_address workspace, cudaStream_t stream,
                             Product* rest) {
  const Reason against = reason_against(p, r);
  if (against != kReasons) {
    ++unfused_[against];
    return false;
  }
  const Product part = fused_part(p);
  const Key key = key_of(part, r);
  auto found = plans_.find(key);
  if (found == plans_.end()) {
    if (plans_.size() >= 1000) plans_.clear();  // shapes that never come again
    found = plans_
                .emplace(std::piecewise_construct, std::forward_as_tuple(key),
                         std::forward_as_tuple(library(), lt_, key, part, r, bytes_))
                .first;
  }
  const int status = found->second.run(lt_, part, r.types.scale, workspace, bytes_, stream);
  if (status != kSuccess) {
    refused_.add(status, p);
    if (is_trouble(status)) plans_.erase(found);  // it may pass
    return false;
  }
  ++fused_;
  rest->bias = 0;
  if (part.activation == p.activation) rest->activation = 0;
  return true;
}

std::string FusedProducts::counts() const {
  static const char* const names[] = {"without cuBLASLt",           "in a batch",
                                      "of a row or column",         "with a bias off 16 bytes",
                                      "with an activation of ours", "of 16 bits with gaps"};
  static_assert(sizeof names / sizeof *names == kReasons, "a name for each");
  std::string text;
  const auto add = [&](const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : ", ") + more;
  };
  for (int i = 0; i < kReasons; ++i) {
    if (unfused_[i] > 0) add(std::to_string(unfused_[i]) + " " + names[i]);
  }
  if (!text.empty()) text = "not fused: " + text;
  add(refused_.text("refused by cuBLASLt"));
  return fused_ == 0 && text.empty() ? "" : std::to_string(fused_) + " fused" + (text.empty() ? "" : ", ") + text;
}

}  // namespace cublas
}  // namespace device
}  // namespace flambeau
