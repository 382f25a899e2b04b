package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.Dims;
import java.util.List;

/** Checks of inputs, with the messages that go with them. */
public final class Require {
  private Require() {}

  /** Refuses a null where a tensor must be given: {@code add: other is null}. */
  public static Tensor given(String op, String name, Tensor x) {
    if (x == null) {
      throw missing(op, name);
    }
    return x;
  }

  /** Refuses a null, and nulls among the tensors. */
  public static void given(String op, String name, Tensor[] all) {
    if (all == null) {
      throw missing(op, name);
    }
    for (int i = 0; i < all.length; i++) {
      if (all[i] == null) {
        throw missing(op, name + "[" + i + "]");
      }
    }
  }

  /** The tensors of a list as an array of the caller's own, none of them null. */
  public static Tensor[] given(String op, String name, List<Tensor> all) {
    if (all == null) {
      throw missing(op, name);
    }
    Tensor[] out = all.toArray(Tensor[]::new);
    given(op, name, out);
    return out;
  }

  private static NullPointerException missing(String op, String name) {
    return new NullPointerException(op + ": " + name + " is null");
  }

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
