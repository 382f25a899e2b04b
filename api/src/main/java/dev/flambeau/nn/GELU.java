package dev.flambeau.nn;

import dev.flambeau.Activation;
import dev.flambeau.Tensor;

/**
 * {@code x} times the normal distribution's probability of less than {@code x}, element by element
 * (Hendrycks and Gimpel 2016).
 */
public final class GELU extends Layer implements BuiltIn {
  private final String approximate;

  /** Without approximation. */
  public GELU() {
    this("none");
  }

  /**
   * By the usual approximation with {@code "tanh"}, exact with {@code "none"}.
   *
   * @throws IllegalArgumentException for another word
   */
  public GELU(String approximate) {
    if (!approximate.equals("none") && !approximate.equals("tanh")) {
      throw new IllegalArgumentException(
          "GELU: approximate must be \"none\" or \"tanh\", got \"" + approximate + "\"");
    }
    this.approximate = approximate;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.gelu(approximate);
  }

  @Override
  Activation activation() {
    return approximate.equals("tanh") ? Activation.GELU_TANH : null;
  }

  @Override
  protected String extraRepr() {
    return "approximate='" + approximate + "'";
  }
}
