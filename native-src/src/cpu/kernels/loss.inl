#ifndef FLAMBEAU_KERNELS_LOSS_INL
#define FLAMBEAU_KERNELS_LOSS_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t loss(int32_t, int32_t, int32_t, int64_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "loss: not built yet");
}

FL_KERNEL int32_t loss_grad(int32_t, int32_t, int32_t, int64_t, fl_address, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "loss_grad: not built yet");
}

FL_KERNEL int32_t nll_loss(int32_t, int32_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address, fl_address, fl_address, int64_t) {
  return fail(FL_UNSUPPORTED, "nll_loss: not built yet");
}

FL_KERNEL int32_t nll_loss_grad(int32_t, int32_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address, fl_address, fl_address, int64_t) {
  return fail(FL_UNSUPPORTED, "nll_loss_grad: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
