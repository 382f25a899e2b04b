/* Products with bias and activation in one kernel, by cuBLASLt. */
#ifndef FLAMBEAU_CUDA_BLAS_LT_H
#define FLAMBEAU_CUDA_BLAS_LT_H
#include <string>
#include <unordered_map>

#include "request.h"

namespace flambeau {
namespace device {
namespace cublas {

/** How often a library would not, and what it said first. */
class Refusals {
 public:
  void add(int status, const Product& p);
  /** "2 LABEL (first: CUBLAS_STATUS_NOT_SUPPORTED (15) to (5, 7) by (7, 6), batch 1, float32)"; "": none. */
  std::string text(const char* label) const;

 private:
  int64_t count_ = 0;
  std::string first_;
};

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

/** What cuBLASLt needs for products of one key. */
class Plan {
 public:
  Plan(const Library& l, Handle lt, const Key& key, const Product& p, const Request& r, size_t workspace);
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /** Queues the product, and answers with a status; one that is not kSuccess and no trouble will come every time. */
  int run(Handle lt, const Product& p, int scale, fl_address workspace, size_t bytes, cudaStream_t stream);
  int status() const { return status_; }

 private:
  bool did(int status);
  bool describe(const Key& key, const Product& p, const Request& r);
  bool layout(void** made, int type, const Side& side, int64_t rows, int64_t columns);
  bool choose(Handle lt, const Key& key, bool half, size_t workspace);

  const Library& library_;
  void *operation_ = nullptr, *a_ = nullptr, *c_ = nullptr, *y_ = nullptr;
  fl_address bias_ = 0;  // what operation_ points to
  Algorithm algorithm_ = {};
  int status_ = kSuccess;  // the first that was not
};

/** cuBLASLt on one device: one call at a time. */
class FusedProducts {
 public:
  /** Makes the handle. Where there is none, nothing is fused. */
  void start(size_t workspace_bytes);
  /**
   * The product with as much of what comes after it as cuBLASLt does well, in one kernel; `rest` then has only what is
   * left to do with the result. False: not done.
   */
  bool multiply(const Product& p, const Request& r, fl_address workspace, cudaStream_t stream, Product* rest);
  /** How many were fused, how many not and why; "" before the first. */
  std::string counts() const;

 private:
  enum Reason { kNoLibrary, kBatch, kVector, kBiasAddress, kActivation, kGaps, kReasons };
  Reason reason_against(const Product& p, const Request& r) const;

  Handle lt_ = nullptr;
  size_t bytes_ = 0;
  std::unordered_map<Key, Plan, HashOfKey> plans_;
  int64_t fused_ = 0, unfused_[kReasons] = {};
  Refusals refused_;
};

}  // namespace cublas
}  // namespace device
}  // namespace flambeau
#endif
