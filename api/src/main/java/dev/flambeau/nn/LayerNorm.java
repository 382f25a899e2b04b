package dev.flambeau.nn;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Layer normalization (Ba et al. 2016): over the last dims, {@code (x - mean) / sqrt(variance +
 * eps) * weight + bias}, with the biased variance.
 */
public final class LayerNorm extends Layer implements BuiltIn {
  private final long[] shape;
  private final double eps;

  /** The factors, of the normalized shape, at first 1; null if not affine. */
  public final Tensor weight;

  /** The offsets, of the normalized shape, at first 0; null if not affine. */
  public final Tensor bias;

  /** Normalizes over the last dims, which have these sizes; eps is 1e-5. */
  public LayerNorm(long... shape) {
    this(shape, 1e-5, true);
  }

  /**
   * Normalizes over the last dims, which have these sizes; {@code affine} false leaves weight and
   * bias out.
   *
   * @throws IllegalArgumentException if there is no size
   */
  public LayerNorm(long[] shape, double eps, boolean affine) {
    if (shape.length == 0) {
      throw new IllegalArgumentException("LayerNorm: needs the size of at least one dim");
    }
    this.shape = shape.clone();
    this.eps = eps;
    weight = affine ? parameter("weight", Tensor.ones(shape)) : null;
    bias = affine ? parameter("bias", Tensor.zeros(shape)) : null;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.layerNorm(shape, weight, bias, eps);
  }

  @Override
  protected String extraRepr() {
    String sizes = Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
    return "("
        + sizes
        + (shape.length == 1 ? ",)" : ")")
        + ", eps="
        + PyFormat.repr(eps)
        + ", elementwise_affine="
        + (weight == null ? "False" : "True");
  }
}
