#include "error.h"

#include <stdarg.h>
#include <stdio.h>

#include "flambeau.h"

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
    case FL_FLOAT32: return "float32";
    case FL_FLOAT64: return "float64";
    case FL_INT64: return "int64";
    case FL_BOOL: return "bool";
    case FL_INT32: return "int32";
    case FL_UINT8: return "uint8";
    case FL_FLOAT16: return "float16";
    case FL_BFLOAT16: return "bfloat16";
    default: return "unknown dtype";
  }
}

int32_t unsupported(const char* op, int32_t dtype) noexcept {
  if (dtype == FL_FLOAT16 || dtype == FL_BFLOAT16) {
    return fail(FL_UNSUPPORTED, "torch.%s tensors %s", dtype_name(dtype), half_refusal);
  }
  return fail(FL_UNSUPPORTED, "%s: does not exist for %s tensors", op, dtype_name(dtype));
}

const char* last_error() noexcept { return message; }

}  // namespace flambeau
