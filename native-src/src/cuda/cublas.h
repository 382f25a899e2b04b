/* What is used of cuBLAS and cuBLASLt, declared here: nothing links to them, and no header of theirs is needed. */
#ifndef FLAMBEAU_CUDA_CUBLAS_H
#define FLAMBEAU_CUDA_CUBLAS_H
#include <stddef.h>
#include <stdint.h>

#include <string>

#include "device.h"

namespace flambeau {
namespace device {
namespace cublas {

/* Types and constants as the documentation has them (https://docs.nvidia.com/cuda/cublas/). */
using Handle = void*;
enum Status {
  kSuccess = 0,
  kNotInitialized = 1,
  kAllocationFailed = 3,
  kArchMismatch = 8,
  kExecutionFailed = 13,
  kInternalError = 14,
  kNotSupported = 15
};
enum Operation { kNoTranspose = 0, kTranspose = 1 };
enum DataType { kReal32 = 0, kReal64 = 1, kReal16 = 2, kReal16Brain = 14 };
enum Compute { kCompute32 = 68, kCompute64 = 70, kCompute32Tf32 = 77 };
enum { kDefaultAlgorithm = -1 };
enum MathMode { kDefaultMath = 0, kNoReducedPrecisionReduction = 16 };                           // the second is added
enum ReductionScheme { kReduceInPlace = 1, kReduceInComputeType = 2, kReduceInOutputType = 4 };  // a mask
enum DescriptorAttribute { kTransposeA = 3, kTransposeB = 4, kEpilogue = 7, kBiasPointer = 8 };
enum PreferenceAttribute {
  kMostWorkspace = 1,
  kReductionSchemes = 3,
  kAlignmentA = 5,
  kAlignmentB = 6,
  kAlignmentC = 7,
  kAlignmentD = 8
};
enum Epilogue { kDefault = 1, kRelu = 2, kBias = 4, kGelu = 32 };  // the last three add up

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
static_assert(sizeof(Algorithm) == 64 && sizeof(Heuristic) == 96, "cublasLtMatmulHeuristicResult_t");

struct Library {
  int (*create)(Handle*) = nullptr;
  int (*destroy)(Handle) = nullptr;
  int (*set_stream)(Handle, cudaStream_t) = nullptr;
  int (*set_workspace)(Handle, void*, size_t) = nullptr;
  int (*set_math_mode)(Handle, int) = nullptr;
  int (*version)(Handle, int*) = nullptr;
  int (*multiply)(Handle, int, int, int, int, int, const void*, const void*, int, int, const void*, int, int,
                  const void*, void*, int, int, int, int) = nullptr;
  int (*multiply_batch)(Handle, int, int, int, int, int, const void*, const void*, int, int, long long, const void*,
                        int, int, long long, const void*, void*, int, int, long long, int, int, int) = nullptr;

  int (*lt_create)(Handle*) = nullptr;
  int (*lt_describe)(void**, int, int) = nullptr;
  int (*lt_forget_description)(void*) = nullptr;
  int (*lt_set)(void*, int, const void*, size_t) = nullptr;
  int (*lt_layout)(void**, int, uint64_t, uint64_t, int64_t) = nullptr;
  int (*lt_forget_layout)(void*) = nullptr;
  int (*lt_preference)(void**) = nullptr;
  int (*lt_forget_preference)(void*) = nullptr;
  int (*lt_prefer)(void*, int, const void*, size_t) = nullptr;
  int (*lt_heuristic)(Handle, void*, void*, void*, void*, void*, void*, int, Heuristic*, int*) = nullptr;
  int (*lt_multiply)(Handle, void*, const void*, const void*, void*, const void*, void*, const void*, const void*,
                     void*, void*, void*, const Algorithm*, void*, size_t, cudaStream_t) = nullptr;

  bool has_blas = false, has_lt = false;
};

/** Has the choice been made? From then on library() never changes. */
bool is_chosen() noexcept;
const Library& library() noexcept;
/** Which library it is, from where; or why there is none. */
std::string origin();
/** A status by the name that the documentation has for it. */
const char* name_of(int status) noexcept;
/** Want of memory, or a kernel that has died, perhaps an earlier one; cuBLAS may be well all the same. */
inline bool is_trouble(int status) {
  return status == kAllocationFailed || status == kExecutionFailed || status == kInternalError;
}

}  // namespace cublas
}  // namespace device
}  // namespace flambeau
#endif
