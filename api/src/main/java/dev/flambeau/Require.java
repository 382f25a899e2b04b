package dev.flambeau;

/** Checks of inputs, with the messages that go with them. */
final class Require {
  private Require() {}

  /** The tensor in floating point: itself, or float32 for integers and bool. */
  static Tensor floating(Tensor x) {
    return x.dtype().isFloating() ? x : x.to(DType.FLOAT32);
  }

  /** Refuses integers and bool. */
  static Tensor isFloating(String op, Tensor x) {
    if (!x.dtype().isFloating()) {
      throw new IllegalArgumentException(
          op + ": needs a floating tensor, got " + x.dtype() + "; use toFloat()");
    }
    return x;
  }

  /** Refuses bool, which PyTorch does not count with here. */
  static Tensor notBool(String op, Tensor x) {
    if (x.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          op + ": not defined for " + DType.BOOL + "; use logicalXor or logicalNot, or toInt()");
    }
    return x;
  }

  static Tensor requireBool(String op, Tensor mask) {
    if (mask.dtype() != DType.BOOL) {
      throw new IllegalArgumentException(
          op
              + ": the condition must be "
              + DType.BOOL
              + ", got "
              + mask.dtype()
              + "; a comparison gives one");
    }
    return mask;
  }

  static Tensor index(String op, Tensor index) {
    if (index.dtype() != DType.INT64) {
      throw new IllegalArgumentException(
          op + ": indices must be " + DType.INT64 + ", got " + index.dtype() + "; use toLong()");
    }
    return index;
  }

  static void probability(String op, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException(op + ": the probability must be in [0, 1], got " + p);
    }
  }

  static void rank(String op, Tensor x, int rank) {
    if (x.dim() != rank) {
      throw new IllegalArgumentException(
          op + ": needs a tensor of " + rank + " dimensions, got shape " + Dims.text(x.sizes()));
    }
  }

  static void sameShape(String op, Tensor a, Tensor b) {
    if (!java.util.Arrays.equals(a.sizes(), b.sizes())) {
      throw new IllegalArgumentException(
          op
              + ": the shapes "
              + Dims.text(a.sizes())
              + " and "
              + Dims.text(b.sizes())
              + " must be the same");
    }
  }
}
