package dev.flambeau.nn;

import static java.util.Objects.requireNonNull;

import dev.flambeau.Autograd;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.internal.text.Warnings;
import java.util.Arrays;
import java.util.Locale;

/**
 * Initial values for parameters. Every method changes its tensor in place, without recording, and
 * returns it; random values are those of PyTorch for the same seed. Formulas: <a
 * href="https://pytorch.org/docs/stable/nn.init.html">torch.nn.init</a>.
 */
public final class Init {
  private Init() {}

  /** What Kaiming initialization keeps the variance of: the forward pass's, or the gradients'. */
  public enum Fan {
    /** By the number of inputs: keeps the variance of the forward pass. */
    IN,
    /** By the number of outputs: keeps the variance of the gradients. */
    OUT
  }

  /** The function that follows a layer, for {@link #calculateGain}. */
  public enum Nonlinearity {
    /** No function: gain 1. */
    LINEAR,
    /** Gain 1. */
    SIGMOID,
    /** Gain 5/3. */
    TANH,
    /** Gain {@code sqrt(2)}. */
    RELU,
    /** Gain {@code sqrt(2 / (1 + slope^2))}. */
    LEAKY_RELU,
    /** Gain 3/4. */
    SELU
  }

  /**
   * The factor by which weights make up for what the function after them takes from the standard
   * deviation; a leaky relu has slope 0.01.
   */
  public static double calculateGain(Nonlinearity nonlinearity) {
    return calculateGain(nonlinearity, 0.01);
  }

  /** As {@link #calculateGain(Nonlinearity)}; {@code slope} is that of a leaky relu. */
  public static double calculateGain(Nonlinearity nonlinearity, double slope) {
    return switch (nonlinearity) {
      case LINEAR, SIGMOID -> 1;
      case TANH -> 5.0 / 3;
      case RELU -> Math.sqrt(2);
      case LEAKY_RELU -> Math.sqrt(2 / (1 + slope * slope));
      case SELU -> 0.75;
    };
  }

  /** Uniform in [0, 1). */
  public static Tensor uniform_(Tensor t) {
    return uniform_(t, 0, 1);
  }

  /** Uniform in [from, to). */
  public static Tensor uniform_(Tensor t, double from, double to) {
    requireNonNull(t, "uniform_: t is null");
    try (var off = Autograd.noGrad()) {
      return t.uniform_(from, to);
    }
  }

  /** Normal with mean 0 and standard deviation 1. */
  public static Tensor normal_(Tensor t) {
    return normal_(t, 0, 1);
  }

  /** Normal with this mean and standard deviation. */
  public static Tensor normal_(Tensor t, double mean, double std) {
    requireNonNull(t, "normal_: t is null");
    try (var off = Autograd.noGrad()) {
      return t.normal_(mean, std);
    }
  }

  /** All elements become {@code value}. */
  public static Tensor constant_(Tensor t, double value) {
    requireNonNull(t, "constant_: t is null");
    try (var off = Autograd.noGrad()) {
      return t.fill_(value);
    }
  }

  /** All elements become 0. */
  public static Tensor zeros_(Tensor t) {
    requireNonNull(t, "zeros_: t is null");
    return constant_(t, 0);
  }

  /** All elements become 1. */
  public static Tensor ones_(Tensor t) {
    requireNonNull(t, "ones_: t is null");
    return constant_(t, 1);
  }

  /** 1 on the diagonal of a matrix, else 0. */
  public static Tensor eye_(Tensor t) {
    requireNonNull(t, "eye_: t is null");
    if (t.dim() != 2) {
      throw new IllegalArgumentException(
          "eye_: needs a tensor of 2 dimensions, got shape " + Arrays.toString(sizes(t)));
    }
    try (var off = Autograd.noGrad();
        var scope = Scope.open()) {
      return t.copy_(Tensor.eye(t.size(0), t.size(1)));
    }
  }

  /** {@link #xavierUniform_(Tensor, double)} with gain 1. */
  public static Tensor xavierUniform_(Tensor t) {
    return xavierUniform_(t, 1);
  }

  /**
   * Uniform in {@code +-gain * sqrt(6 / (fan in + fan out))} (Glorot and Bengio 2010), for tensors
   * of 2 dimensions or more.
   */
  public static Tensor xavierUniform_(Tensor t, double gain) {
    requireNonNull(t, "xavierUniform_: t is null");
    double bound = Math.sqrt(3) * xavierDeviation("xavierUniform_", t, gain);
    return uniform_(t, -bound, bound);
  }

  /** {@link #xavierNormal_(Tensor, double)} with gain 1. */
  public static Tensor xavierNormal_(Tensor t) {
    return xavierNormal_(t, 1);
  }

  /**
   * Normal with standard deviation {@code gain * sqrt(2 / (fan in + fan out))} (Glorot and Bengio
   * 2010), for tensors of 2 dimensions or more.
   */
  public static Tensor xavierNormal_(Tensor t, double gain) {
    requireNonNull(t, "xavierNormal_: t is null");
    return normal_(t, 0, xavierDeviation("xavierNormal_", t, gain));
  }

  /**
   * {@link #kaimingUniform_(Tensor, double, Fan, Nonlinearity)} for a relu, by the number of
   * inputs.
   */
  public static Tensor kaimingUniform_(Tensor t) {
    return kaimingUniform_(t, 0);
  }

  /**
   * {@link #kaimingUniform_(Tensor, double, Fan, Nonlinearity)} for a leaky relu of this slope, by
   * the number of inputs.
   */
  public static Tensor kaimingUniform_(Tensor t, double slope) {
    return kaimingUniform_(t, slope, Fan.IN, Nonlinearity.LEAKY_RELU);
  }

  /**
   * Uniform in {@code +-gain * sqrt(3 / fan)} (He et al. 2015), for tensors of 2 dimensions or
   * more; {@code slope} counts for a leaky relu only.
   */
  public static Tensor kaimingUniform_(
      Tensor t, double slope, Fan mode, Nonlinearity nonlinearity) {
    requireNonNull(t, "kaimingUniform_: t is null");
    if (t.numel() == 0) {
      return t;
    }
    double bound = Math.sqrt(3) * kaimingDeviation("kaimingUniform_", t, slope, mode, nonlinearity);
    return uniform_(t, -bound, bound);
  }

  /**
   * {@link #kaimingNormal_(Tensor, double, Fan, Nonlinearity)} for a relu, by the number of inputs.
   */
  public static Tensor kaimingNormal_(Tensor t) {
    return kaimingNormal_(t, 0);
  }

  /**
   * {@link #kaimingNormal_(Tensor, double, Fan, Nonlinearity)} for a leaky relu of this slope, by
   * the number of inputs.
   */
  public static Tensor kaimingNormal_(Tensor t, double slope) {
    return kaimingNormal_(t, slope, Fan.IN, Nonlinearity.LEAKY_RELU);
  }

  /**
   * Normal with standard deviation {@code gain / sqrt(fan)} (He et al. 2015), for tensors of 2
   * dimensions or more; {@code slope} counts for a leaky relu only.
   */
  public static Tensor kaimingNormal_(Tensor t, double slope, Fan mode, Nonlinearity nonlinearity) {
    requireNonNull(t, "kaimingNormal_: t is null");
    if (t.numel() == 0) {
      return t;
    }
    return normal_(t, 0, kaimingDeviation("kaimingNormal_", t, slope, mode, nonlinearity));
  }

  // The order of the operations below is PyTorch's: the last bit of a bound decides the last bit of
  // every value.

  private static double xavierDeviation(String method, Tensor t, double gain) {
    return gain * Math.sqrt(2.0 / (fan(method, t, Fan.IN) + fan(method, t, Fan.OUT)));
  }

  private static double kaimingDeviation(
      String method, Tensor t, double slope, Fan mode, Nonlinearity nonlinearity) {
    return calculateGain(nonlinearity, slope) / Math.sqrt(fan(method, t, mode));
  }

  /** How many inputs an output is summed from, or how many outputs an input goes to. */
  private static long fan(String method, Tensor t, Fan mode) {
    if (t.dim() < 2) {
      throw new IllegalArgumentException(
          method
              + ": needs a tensor of at least 2 dimensions, since fan in and fan out are unknown for"
              + " shape "
              + Arrays.toString(sizes(t)));
    }
    long field = t.numel() == 0 ? 0 : t.numel() / (t.size(0) * t.size(1));
    return t.size(mode == Fan.IN ? 1 : 0) * field;
  }

  private static long[] sizes(Tensor t) {
    return t.shape().toArray();
  }

  // ---- names of old programs

  /** {@link #uniform_(Tensor)} under the name of old programs. */
  @Deprecated
  public static Tensor uniform(Tensor t) {
    requireNonNull(t, "uniform: t is null");
    deprecated("uniform");
    return uniform_(t);
  }

  /** {@link #uniform_(Tensor, double, double)} under the name of old programs. */
  @Deprecated
  public static Tensor uniform(Tensor t, double from, double to) {
    requireNonNull(t, "uniform: t is null");
    deprecated("uniform");
    return uniform_(t, from, to);
  }

  /** {@link #normal_(Tensor)} under the name of old programs. */
  @Deprecated
  public static Tensor normal(Tensor t) {
    requireNonNull(t, "normal: t is null");
    deprecated("normal");
    return normal_(t);
  }

  /** {@link #normal_(Tensor, double, double)} under the name of old programs. */
  @Deprecated
  public static Tensor normal(Tensor t, double mean, double std) {
    requireNonNull(t, "normal: t is null");
    deprecated("normal");
    return normal_(t, mean, std);
  }

  /** {@link #constant_(Tensor, double)} under the name of old programs. */
  @Deprecated
  public static Tensor constant(Tensor t, double value) {
    requireNonNull(t, "constant: t is null");
    deprecated("constant");
    return constant_(t, value);
  }

  /** {@link #xavierUniform_(Tensor)} under the name of old programs. */
  @Deprecated
  public static Tensor xavierUniform(Tensor t) {
    requireNonNull(t, "xavierUniform: t is null");
    deprecated("xavierUniform");
    return xavierUniform_(t);
  }

  /** {@link #xavierNormal_(Tensor)} under the name of old programs. */
  @Deprecated
  public static Tensor xavierNormal(Tensor t) {
    requireNonNull(t, "xavierNormal: t is null");
    deprecated("xavierNormal");
    return xavierNormal_(t);
  }

  /** {@link #kaimingUniform_(Tensor)} under the name of old programs. */
  @Deprecated
  public static Tensor kaimingUniform(Tensor t) {
    requireNonNull(t, "kaimingUniform: t is null");
    deprecated("kaimingUniform");
    return kaimingUniform_(t);
  }

  /** {@link #kaimingNormal_(Tensor)} under the name of old programs. */
  @Deprecated
  public static Tensor kaimingNormal(Tensor t) {
    requireNonNull(t, "kaimingNormal: t is null");
    deprecated("kaimingNormal");
    return kaimingNormal_(t);
  }

  /** PyTorch's words, with PyTorch's names. */
  private static void deprecated(String name) {
    String old = "nn.init." + name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    Warnings.once(old + " is now deprecated in favor of " + old + "_.");
  }
}
