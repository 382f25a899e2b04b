/* What both libraries' fl_ functions are made with: no exception gets out, and an element read in host memory. */
#ifndef FLAMBEAU_SHARED_ABI_H
#define FLAMBEAU_SHARED_ABI_H
#include <string.h>

#include <exception>
#include <new>

#include "error.h"
#include "half.h"

namespace flambeau {
namespace FL_ISA {

/** Runs an operation and turns whatever it throws into a status. valid: what could be checked of its arguments. */
template <class F> int32_t guarded(const char* op, bool valid, const F& operation) {
  try {
    if (!valid) return fail(FL_INTERNAL, "%s: a size below 1 or a null address", op);
    return operation();
  } catch (const std::bad_alloc&) {
    return fail(FL_OUT_OF_MEMORY, "%s: out of memory", op);
  } catch (const std::exception& e) {
    return fail(FL_INTERNAL, "%s: %s", op, e.what());
  } catch (...) {
    return fail(FL_INTERNAL, "%s: unknown failure", op);
  }
}

template <class T> T element(fl_address x) {
  T value;
  memcpy(&value, reinterpret_cast<const void*>(static_cast<intptr_t>(x)), sizeof value);
  return value;
}

/** The element at an address in host memory as a double or an integer; a bool gives 0 or 1. */
template <class R> R host_value(int32_t dtype, fl_address x) {
  switch (dtype) {
    case FL_FLOAT32: return static_cast<R>(element<float>(x));
    case FL_FLOAT64: return static_cast<R>(element<double>(x));
    case FL_INT64: return static_cast<R>(element<int64_t>(x));
    case FL_INT32: return static_cast<R>(element<int32_t>(x));
    case FL_FLOAT16: return static_cast<R>(widen(element<Half>(x)));
    case FL_BFLOAT16: return static_cast<R>(widen(element<BFloat16>(x)));
    case FL_BOOL: return static_cast<R>(element<uint8_t>(x) != 0);
    default: return static_cast<R>(element<uint8_t>(x));
  }
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
