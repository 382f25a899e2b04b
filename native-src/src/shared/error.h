/* The reason of the last failure, per thread. */
#ifndef FLAMBEAU_SHARED_ERROR_H
#define FLAMBEAU_SHARED_ERROR_H
#include <stdint.h>

namespace flambeau {

#if defined(__GNUC__)
#define FL_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define FL_PRINTF
#endif

/** Remembers the reason (printf's rules) for fl_last_error and returns the status. */
int32_t fail(int32_t status, const char* format, ...) noexcept FL_PRINTF;

/** What this library says of float16 and bfloat16 tensors where it does not compute with them. Each defines its own. */
extern const char* const half_refusal;

/** FL_UNSUPPORTED: "op: does not exist for bool tensors"; of 16-bit floats "torch.float16 tensors" and half_refusal. */
int32_t unsupported(const char* op, int32_t dtype) noexcept;

/** What fail() last remembered on this thread. */
const char* last_error() noexcept;

/** A dtype's name for messages. */
const char* dtype_name(int32_t dtype) noexcept;

}  // namespace flambeau
#endif
