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
  R value = 0;
  visit<kStored>(dtype, 0, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    if constexpr (IsSame<T, Bool>::value) {
      value = static_cast<R>(element<uint8_t>(x) != 0);
    } else {
      value = static_cast<R>(to_compute(element<T>(x)));
    }
    return 0;
  });
  return value;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
