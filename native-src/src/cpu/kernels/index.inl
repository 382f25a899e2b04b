#ifndef FLAMBEAU_KERNELS_INDEX_INL
#define FLAMBEAU_KERNELS_INDEX_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t gather(int32_t, int64_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "gather: not built yet");
}

FL_KERNEL int32_t scatter(int32_t, int32_t, int64_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "scatter: not built yet");
}

FL_KERNEL int32_t index_select(int32_t, int64_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "index_select: not built yet");
}

FL_KERNEL int32_t index_add(int32_t, int64_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "index_add: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
