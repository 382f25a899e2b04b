#include "error.h"

#include <stdarg.h>
#include <stdio.h>

#include "dtype.h"

namespace flambeau {

static thread_local char message[512] = "no error";

int32_t fail(int32_t status, const char* format, ...) noexcept {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return status;
}

const char* dtype_name(int32_t dtype) noexcept {
  switch (dtype) {
#define FL_ROW(code, name, type, kind) \
  case code: return name;
    FL_DTYPES(FL_ROW)
#undef FL_ROW
  }
  return "unknown dtype";
}

int32_t unsupported(const char* op, int32_t dtype) noexcept {
  if (device::kind_of(dtype) == device::kHalf) {
    return fail(FL_UNSUPPORTED, "torch.%s tensors %s", dtype_name(dtype), half_refusal);
  }
  return fail(FL_UNSUPPORTED, "%s: does not exist for %s tensors", op, dtype_name(dtype));
}

const char* last_error() noexcept { return message; }

}  // namespace flambeau
