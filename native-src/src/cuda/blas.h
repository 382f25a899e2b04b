/* Products by cuBLAS, where it is there and can. */
#ifndef FLAMBEAU_CUDA_BLAS_H
#define FLAMBEAU_CUDA_BLAS_H
#include "../shared/functors.h"
#include "device.h"

namespace flambeau {
namespace device {

/** Takes the libraries at these paths; "" for either: do without. Repeated calls change nothing. */
int32_t blas_open(const char* cublas, const char* cublas_lt);
/** Which library serves this device, which version, from where; or that our own kernels do, and why. */
const char* blas_origin(const Device& d) noexcept;

/** A product as flambeau.h has it. */
struct Product {
  int32_t dtype, activation;
  int64_t batch, m, n, k;
  fl_address a;
  int64_t a_batch, a_row, a_column;
  fl_address c;
  int64_t c_batch, c_row, c_column;
  fl_address bias, y;
  int64_t y_batch, y_row;
};
/** A sum as the product's activation leaves it. */
template <class C> __device__ C activated(int32_t activation, C sum) {
  if constexpr (IsFloating<C>::value) {
    if (activation == FL_RELU) return Relu().value(sum);
    if (activation == FL_GELU_TANH) return GeluTanh().value(sum);
  }
  return sum;
}

/** Does the product with cuBLAS. False: it cannot (no library, a dtype or strides that it lacks); do it otherwise. */
bool blas_multiply(Device& d, const Product& p, int32_t* status);

}  // namespace device
}  // namespace flambeau
#endif
