/* From an op's code to its struct. f is called with the struct; kNoOp: the code is not one of these. */
#ifndef FLAMBEAU_SHARED_UNARY_OPS_H
#define FLAMBEAU_SHARED_UNARY_OPS_H
#include "functors.h"

namespace flambeau {
namespace FL_ISA {

/** Ops of floating numbers only. kNoOp: not one of them. */
template <class F> int32_t visit_smooth(int32_t op, double p, double q, const F& f) {
  switch (op) {
    case FL_EXP: return f(Exp());
    case FL_LOG: return f(Log());
    case FL_LOG1P: return f(Log1p());
    case FL_SQRT: return f(Sqrt());
    case FL_RSQRT: return f(Rsqrt());
    case FL_RECIPROCAL: return f(Reciprocal());
    case FL_SIN: return f(Sin());
    case FL_COS: return f(Cos());
    case FL_TANH: return f(Tanh());
    case FL_SIGMOID: return f(Sigmoid());
    case FL_ERF: return f(Erf());
    case FL_FLOOR: return f(Floor());
    case FL_CEIL: return f(Ceil());
    case FL_ROUND: return f(Round());
    case FL_CLAMP: return f(Clamp{p, q});
    case FL_LEAKY_RELU: return f(LeakyRelu{p});
    case FL_ELU: return f(Elu{p});
    case FL_GELU: return f(Gelu());
    case FL_GELU_TANH: return f(GeluTanh());
    case FL_SILU: return f(Silu());
    case FL_SOFTPLUS: return f(Softplus{p, q});
    case FL_POW: return p == 2 ? f(Square()) : p == 3 ? f(Cube()) : f(Pow{p});
    case FL_EXPM1: return f(Expm1());
    default: return kNoOp;
  }
}
/** Ops of every number. */
template <class F> int32_t visit_plain(int32_t op, const F& f) {
  switch (op) {
    case FL_NEG: return f(Neg());
    case FL_ABS: return f(Abs());
    case FL_SIGN: return f(Sign());
    case FL_SQUARE: return f(Square());
    case FL_RELU: return f(Relu());
    default: return kNoOp;
  }
}
/** Questions, answered by a bool. */
template <class F> int32_t visit_question(int32_t op, const F& f) {
  switch (op) {
    case FL_IS_NAN: return f(IsNan());
    case FL_IS_INF: return f(IsInf());
    case FL_IS_FINITE: return f(IsFinite());
    case FL_LOGICAL_NOT: return f(LogicalNot());
    default: return kNoOp;
  }
}

/** The powers whose values (not slopes: those read the output) other ops have. */
inline int32_t simpler_power(int32_t op, double p) {
  if (op != FL_POW) return op;
  return p == 0.5 ? FL_SQRT : p == -0.5 ? FL_RSQRT : p == -1 ? FL_RECIPROCAL : op;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
