/* A product as cuBLAS and cuBLASLt are told of it. */
#ifndef FLAMBEAU_CUDA_REQUEST_H
#define FLAMBEAU_CUDA_REQUEST_H
#include <string.h>

#include "blas.h"
#include "cublas.h"

namespace flambeau {
namespace device {
namespace cublas {

/**
 * A row-major matrix is a column-major one transposed, so cuBLAS computes y' = c' a'. One dim of each operand must be
 * dense. False: neither is.
 */
struct Side {
  int operation;
  int64_t leading;
};
inline bool side_of(int64_t rows, int64_t columns, int64_t row, int64_t column, Side* side) {
  if (column == 1 || columns == 1) {
    *side = {kNoTranspose, rows == 1 ? columns : row};
    return side->leading >= columns;
  }
  if (row == 1 || rows == 1) {
    *side = {kTranspose, column};
    return side->leading >= rows;
  }
  return false;
}

struct Types {
  int data, compute, scale;
};
/** Plain float32 never becomes TF32: cuBLAS's default mode keeps at least the bits that the compute type names. */
inline bool types_of(int32_t dtype, Types* types) {
  switch (dtype) {
    case FL_FLOAT32: *types = {kReal32, is_on(FL_CUDA_TF32) ? kCompute32Tf32 : kCompute32, kReal32}; return true;
    case FL_FLOAT64: *types = {kReal64, kCompute64, kReal64}; return true;
    case FL_FLOAT16: *types = {kReal16, kCompute32, kReal32}; return true;
    case FL_BFLOAT16: *types = {kReal16Brain, kCompute32, kReal32}; return true;
    default: return false;
  }
}

/** 1 and 0 in the type of the scalars. */
struct Scalars {
  float one32 = 1, zero32 = 0;
  double one64 = 1, zero64 = 0;
  const void* one(int scale) const { return scale == kReal64 ? static_cast<const void*>(&one64) : &one32; }
  const void* zero(int scale) const { return scale == kReal64 ? static_cast<const void*>(&zero64) : &zero32; }
};

/** A product in cuBLAS's terms. */
struct Request {
  Types types;
  Side a, c;
  int64_t y_leading;
};
inline bool request_of(const Product& p, Request* r) {
  const auto fits = [](int64_t size) { return size <= 0x7fffffff; };
  r->y_leading = p.m == 1 ? p.n : p.y_row;
  return types_of(p.dtype, &r->types) && side_of(p.m, p.k, p.a_row, p.a_column, &r->a) &&
         side_of(p.k, p.n, p.c_row, p.c_column, &r->c) && fits(p.m) && fits(p.n) && fits(p.k) && fits(p.batch) &&
         fits(r->a.leading) && fits(r->c.leading) && fits(r->y_leading);
}

inline int64_t width_of(int data) { return data == kReal64 ? 8 : data == kReal32 ? 4 : 2; }
inline void* memory(fl_address x) { return reinterpret_cast<void*>(x); }

inline bool is_half(int32_t dtype) { return kind_of(dtype) == kHalf; }

}  // namespace cublas
}  // namespace device
}  // namespace flambeau
#endif
