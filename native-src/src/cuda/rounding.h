/* Products and sums whose roundings the result is promised for: nvcc fuses a * b + c as it likes, unless told. */
#ifndef FLAMBEAU_CUDA_ROUNDING_H
#define FLAMBEAU_CUDA_ROUNDING_H
#include "launch.h"

namespace flambeau {
namespace device {

/** a * b, rounded before anything is added to it. */
inline __device__ float product(float a, float b) { return __fmul_rn(a, b); }
inline __device__ double product(double a, double b) { return __dmul_rn(a, b); }
/** c + a * b, rounded once. */
inline __device__ float plus_product(float c, float a, float b) { return __builtin_fmaf(a, b, c); }
inline __device__ double plus_product(double c, double a, double b) { return __builtin_fma(a, b, c); }

}  // namespace device
}  // namespace flambeau
#endif
