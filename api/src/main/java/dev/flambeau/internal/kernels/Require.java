package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.Dims;

/** Checks of inputs, with the messages that go with them. */
public final class Require {
  private Require() {}

  /** The tensor in floating point: itself, or float32 for integers and bool. */
  public static Tensor floating(Tensor x) {
    return x.dtype().isFloating() ? x : x.to(DType.FLOAT32);
  }

  /** Refuses integers and bool. */
  public static Tensor isFloating(String op, Tensor x) {
    if (!x.dtype().isFloating()) {
      throw new IllegalArgumentException(
          op + ": needs a floating tensor, got " + x.dtype() + "; use toFloat()");
    }
    return x;
  }

  /** Refuses bool, as PyTorch does here. */
  public static Tensor notBool(String op, Tensor x) {
    if (x.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          op + ": not defined for " + DType.BOOL + "; use logicalXor or logicalNot, or toInt()");
    }
    return x;
  }

  public static Tensor requireBool(String op, Tensor mask) {
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

  public static Tensor index(String op, Tensor index) {
    if (index.dtype() != DType.INT64) {
      throw new IllegalArgumentException(
          op + ": indices must be " + DType.INT64 + ", got " + index.dtype() + "; use toLong()");
    }
    return index;
  }

  public static void probability(String op, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException(op + ": the probability must be in [0, 1], got " + p);
    }
  }

  public static void rank(String op, Tensor x, int rank) {
    if (x.dim() != rank) {
      throw new IllegalArgumentException(
          op + ": needs a tensor of " + rank + " dimensions, got shape " + Dims.text(sizes(x)));
    }
  }

  public static void sameShape(String op, Tensor a, Tensor b) {
    if (!java.util.Arrays.equals(sizes(a), sizes(b))) {
      throw new IllegalArgumentException(
          op
              + ": the shapes "
              + Dims.text(sizes(a))
              + " and "
              + Dims.text(sizes(b))
              + " must be the same");
    }
  }
}
