/* Element types: a table, and how a code becomes a type. Shared by the CPU and the GPU library. */
#ifndef FLAMBEAU_SHARED_DTYPE_H
#define FLAMBEAU_SHARED_DTYPE_H
#include <stdint.h>

#include "error.h"
#include "flambeau.h"

/* Inlined always: a shared function left on its own would not be compiled for the caller's instruction set. */
#if defined(__CUDACC__)
#define FL_HD __host__ __device__ __forceinline__
#else
#define FL_HD inline __attribute__((always_inline))
#endif
/* The same of what only the host calls. */
#if defined(__CUDACC__)
#define FL_CALL inline
#else
#define FL_CALL FL_HD
#endif

/* The namespace everything compiled for one instruction set (or for the GPU) lives in. */
#ifndef FL_ISA
#define FL_ISA device
#endif

namespace flambeau {
namespace FL_ISA {

/** A bool tensor's element, told apart from uint8. */
enum class Bool : uint8_t { no = 0, yes = 1 };
/** IEEE 754 binary16: 5 bits of exponent, 10 of fraction. */
struct Half {
  uint16_t bits;
};
/** The upper half of a float: 8 bits of exponent, 7 of fraction. */
struct BFloat16 {
  uint16_t bits;
};

/** Kinds of dtypes. A kernel says which it has by their sum. */
enum Kind : int32_t { kFloat = 1, kHalf = 2, kWhole = 4, kBool = 8 };

/* X(code of flambeau.h, name, type, kind) for every dtype: the only list of them beside those codes. */
/* clang-format off */
#define FL_DTYPES(X)                              \
  X(FL_FLOAT32, "float32", float, kFloat)         \
  X(FL_FLOAT64, "float64", double, kFloat)        \
  X(FL_INT64, "int64", int64_t, kWhole)           \
  X(FL_BOOL, "bool", Bool, kBool)                 \
  X(FL_INT32, "int32", int32_t, kWhole)           \
  X(FL_UINT8, "uint8", uint8_t, kWhole)           \
  X(FL_FLOAT16, "float16", Half, kHalf)           \
  X(FL_BFLOAT16, "bfloat16", BFloat16, kHalf)     \
  X(FL_INT8, "int8", int8_t, kWhole)              \
  X(FL_INT16, "int16", int16_t, kWhole)
/* clang-format on */

/* What this library computes in: the CPU's moves and converts halves, and no more. */
#if defined(__CUDACC__)
constexpr int32_t kFloats = kFloat | kHalf;
#else
constexpr int32_t kFloats = kFloat;
#endif
constexpr int32_t kNumbers = kFloats | kWhole, kComputed = kNumbers | kBool, kStored = kComputed | kHalf;

/** Is T float or double? */
template <class T> struct IsFloating { static constexpr bool value = false; };
template <> struct IsFloating<float> { static constexpr bool value = true; };
template <> struct IsFloating<double> { static constexpr bool value = true; };

template <class A, class B> struct IsSame { static constexpr bool value = false; };
template <class A> struct IsSame<A, A> { static constexpr bool value = true; };

/** Is T one of the dtypes' integers, or the unsigned one of a width? */
template <class T> struct IsWhole { static constexpr bool value = false; };
template <> struct IsWhole<uint16_t> { static constexpr bool value = true; };
template <> struct IsWhole<uint32_t> { static constexpr bool value = true; };
template <> struct IsWhole<uint64_t> { static constexpr bool value = true; };
#define FL_ROW(code, name, type, kind) \
  template <> struct IsWhole<type> { static constexpr bool value = kind == kWhole; };
FL_DTYPES(FL_ROW)
#undef FL_ROW

/** The unsigned integer of so many bytes. */
template <int kBytes> struct UnsignedOf;
template <> struct UnsignedOf<1> { using type = uint8_t; };
template <> struct UnsignedOf<2> { using type = uint16_t; };
template <> struct UnsignedOf<4> { using type = uint32_t; };
template <> struct UnsignedOf<8> { using type = uint64_t; };

/** T, or the unsigned integer as wide: sums and products wrap to the same bits, and one kernel serves both. */
template <class T, bool = IsWhole<T>::value> struct SignlessOf { using type = T; };
template <class T> struct SignlessOf<T, true> { using type = typename UnsignedOf<sizeof(T)>::type; };
template <class T> using Signless = typename SignlessOf<T>::type;

/** A bool as the byte that it is: its order and its zero are those of uint8. */
template <class T> struct ByteOf { using type = T; };
template <> struct ByteOf<Bool> { using type = uint8_t; };
template <class T> using Byte = typename ByteOf<T>::type;

/** A value of the type, to choose a template by: visit<kNumbers>(op, code, [](auto tag) { decltype(tag.value) ... }). */
template <class T> struct Tag { T value; };

/** Bytes of an element; 0: no such dtype. */
FL_HD constexpr int64_t size_of(int32_t dtype) {
  switch (dtype) {
#define FL_ROW(code, name, type, kind) \
  case code: return sizeof(type);
    FL_DTYPES(FL_ROW)
#undef FL_ROW
  }
  return 0;
}
/** Its kind; 0: no such dtype. */
FL_HD constexpr int32_t kind_of(int32_t dtype) {
  switch (dtype) {
#define FL_ROW(code, name, type, kind) \
  case code: return kind;
    FL_DTYPES(FL_ROW)
#undef FL_ROW
  }
  return 0;
}

/** Calls f with a Tag of the dtype's type, if it is of one of the kinds; any other code gives `otherwise`. */
template <int32_t kKinds, class F> FL_CALL int32_t visit(int32_t dtype, int32_t otherwise, const F& f) {
  switch (dtype) {
#define FL_ROW(code, name, type, kind)                         \
  case code:                                                   \
    if constexpr ((kKinds & kind) != 0) return f(Tag<type>()); \
    break;
    FL_DTYPES(FL_ROW)
#undef FL_ROW
  }
  return otherwise;
}

/** What a visitor answers for an op that its type does not have. */
constexpr int32_t kNoOp = -1;

/** The same for an op, which refuses any other dtype, and what f answers kNoOp. */
template <int32_t kKinds, class F> FL_CALL int32_t visit(const char* op, int32_t dtype, const F& f) {
  const int32_t status = visit<kKinds>(dtype, kNoOp, f);
  return status == kNoOp ? unsupported(op, dtype) : status;
}

/** Calls f with a Tag of the unsigned integer as wide as the dtype: what moves elements does not interpret them. */
template <class F> FL_CALL int32_t visit_size(const char* op, int32_t dtype, const F& f) {
  switch (size_of(dtype)) {
    case 1: return f(Tag<uint8_t>());
    case 2: return f(Tag<uint16_t>());
    case 4: return f(Tag<uint32_t>());
    case 8: return f(Tag<uint64_t>());
  }
  return unsupported(op, dtype);
}

/** An address as a pointer. */
template <class T> FL_HD T* pointer(fl_address address) { return reinterpret_cast<T*>(static_cast<intptr_t>(address)); }

/** What stands there, by one read: another thread may write it meanwhile, and what was checked must be what is used. */
template <class T> FL_HD T read_once(const T* p) { return *static_cast<const volatile T*>(p); }

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
