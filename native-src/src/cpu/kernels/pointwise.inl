#ifndef FLAMBEAU_KERNELS_POINTWISE_INL
#define FLAMBEAU_KERNELS_POINTWISE_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t fill(int32_t, int64_t, fl_address, int64_t) {
  return fail(FL_UNSUPPORTED, "fill: not built yet");
}

FL_KERNEL int32_t unary(int32_t, int32_t, int64_t, fl_address, fl_address, double, double) {
  return fail(FL_UNSUPPORTED, "unary: not built yet");
}

FL_KERNEL int32_t unary_grad(int32_t, int32_t, int64_t, fl_address, fl_address, fl_address, fl_address, double, double) {
  return fail(FL_UNSUPPORTED, "unary_grad: not built yet");
}

FL_KERNEL int32_t binary(int32_t, int32_t, int64_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "binary: not built yet");
}

FL_KERNEL int32_t binary_scalar(int32_t, int32_t, int64_t, fl_address, fl_address, int64_t, int32_t) {
  return fail(FL_UNSUPPORTED, "binary_scalar: not built yet");
}

FL_KERNEL int32_t binary_strided(int32_t, int32_t, fl_address, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "binary_strided: not built yet");
}

FL_KERNEL int32_t where(int32_t, fl_address, fl_address, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "where: not built yet");
}

FL_KERNEL int32_t convert(int32_t, int32_t, int64_t, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "convert: not built yet");
}

FL_KERNEL int32_t copy(int32_t, int32_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "copy: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
