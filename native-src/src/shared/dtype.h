/* Element types: codes, C++ types and widths. Shared by the CPU and the GPU library. */
#ifndef FLAMBEAU_SHARED_DTYPE_H
#define FLAMBEAU_SHARED_DTYPE_H
#include <stdint.h>

#include "flambeau.h"

/* Inlined always: a shared function left on its own would not be compiled for the caller's instruction set. */
#if defined(__CUDACC__)
#define FL_HD __host__ __device__ __forceinline__
#else
#define FL_HD inline __attribute__((always_inline))
#endif

/* The namespace everything compiled for one instruction set (or for the GPU) lives in. */
#ifndef FL_ISA
#define FL_ISA device
#endif

namespace flambeau {
namespace FL_ISA {

/** A bool tensor's element, told apart from uint8. */
enum class Bool : uint8_t { no = 0, yes = 1 };

/** Code of a C++ type. */
template <class T> struct DTypeOf;
template <> struct DTypeOf<float> { static constexpr int32_t code = FL_FLOAT32; };
template <> struct DTypeOf<double> { static constexpr int32_t code = FL_FLOAT64; };
template <> struct DTypeOf<int64_t> { static constexpr int32_t code = FL_INT64; };
template <> struct DTypeOf<Bool> { static constexpr int32_t code = FL_BOOL; };
template <> struct DTypeOf<int32_t> { static constexpr int32_t code = FL_INT32; };
template <> struct DTypeOf<uint8_t> { static constexpr int32_t code = FL_UINT8; };

/** Is T float or double? */
template <class T> struct IsFloating { static constexpr bool value = false; };
template <> struct IsFloating<float> { static constexpr bool value = true; };
template <> struct IsFloating<double> { static constexpr bool value = true; };

template <class A, class B> struct IsSame { static constexpr bool value = false; };
template <class A> struct IsSame<A, A> { static constexpr bool value = true; };

/** A value of the type, to choose a template by: visit_dtype(code, [](auto tag) { using T = decltype(tag.value); }). */
template <class T> struct Tag { T value; };

/** Calls f with a Tag of the dtype's type; an unknown code, or what f refuses, gives `otherwise`. */
template <class F> FL_HD int32_t visit_floating(int32_t dtype, int32_t otherwise, F&& f) {
  switch (dtype) {
    case FL_FLOAT32: return f(Tag<float>());
    case FL_FLOAT64: return f(Tag<double>());
    default: return otherwise;
  }
}

/** visit_floating for int64, int32 and uint8 too. */
template <class F> FL_HD int32_t visit_number(int32_t dtype, int32_t otherwise, F&& f) {
  switch (dtype) {
    case FL_FLOAT32: return f(Tag<float>());
    case FL_FLOAT64: return f(Tag<double>());
    case FL_INT64: return f(Tag<int64_t>());
    case FL_INT32: return f(Tag<int32_t>());
    case FL_UINT8: return f(Tag<uint8_t>());
    default: return otherwise;
  }
}

/** visit_number for bool too. */
template <class F> FL_HD int32_t visit_any(int32_t dtype, int32_t otherwise, F&& f) {
  return dtype == FL_BOOL ? f(Tag<Bool>()) : visit_number(dtype, otherwise, f);
}

/** An address as a pointer. */
template <class T> FL_HD T* pointer(fl_address address) { return reinterpret_cast<T*>(static_cast<intptr_t>(address)); }

/** A scalar argument (the bits of a double for floating types, else the integer) in the tensor's type. */
template <class T> FL_HD T decode_scalar(int64_t bits) {
  if constexpr (IsFloating<T>::value) {
    union {
      int64_t bits;
      double value;
    } both = {bits};
    return static_cast<T>(both.value);
  } else if constexpr (IsSame<T, Bool>::value) {
    return bits != 0 ? Bool::yes : Bool::no;
  } else {
    return static_cast<T>(bits);
  }
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
