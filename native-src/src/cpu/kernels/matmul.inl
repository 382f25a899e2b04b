#ifndef FLAMBEAU_KERNELS_MATMUL_INL
#define FLAMBEAU_KERNELS_MATMUL_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t matmul(int32_t, int64_t, int64_t, int64_t, int64_t, fl_address, int64_t, int64_t, int64_t, fl_address, int64_t, int64_t, int64_t, fl_address, fl_address, int64_t, int64_t) {
  return fail(FL_UNSUPPORTED, "matmul: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
