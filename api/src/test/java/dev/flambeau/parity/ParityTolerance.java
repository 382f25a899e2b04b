package dev.flambeau.parity;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How near a result must come to libtorch's, op by op.
 *
 * <p>float32 is held to a number of units in the last place ("ulps"), float64 to 1e-12 relative;
 * where that number is 0, both are held bit for bit, as integers and bools always are. An ulp is
 * counted at the size that {@link Scale} names, and never below the smallest normal number:
 * libtorch's vector functions flush denormals here and there.
 */
public record ParityTolerance(
    double values, Scale valueScale, double gradients, Scale gradientScale) {

  /**
   * The number at whose size an ulp is counted, if it is larger than the expected number itself.
   */
  enum Scale {
    /** None. */
    OWN,
    /** One. */
    ONE,
    /** The largest of the element's input, upstream gradient and their product. */
    ELEMENT,
    /** The largest number of the upstream gradient: a difference of its terms cancels. */
    UPSTREAM,
    /** The largest number of the case: a sum whose terms cancel is as exact as its terms. */
    CASE,
    /** That times the root of the number of terms: the rounding error of the partial sums. */
    SUM
  }

  private static final double FLOAT64 = 1e-12;
  private static final ParityTolerance EXACT = new ParityTolerance(0, Scale.OWN, 0, Scale.OWN);
  private static final Map<String, ParityTolerance> OPS = new HashMap<>();

  static {
    // Transcendental functions: libtorch's come from SLEEF or glibc, within an ulp of the exact
    // value, ours from Java's Math or from polynomials. Gradients multiply some of these.
    put("exp log log1p sin cos exp_ log_ sin_ cos_", 2, Scale.OWN, 4, Scale.OWN);
    // The rounding of the exponent counts log x times.
    put("pow pow_", 4, Scale.OWN, 16, Scale.OWN);
    // Their gradients come from the rounded result, in which 1 - y has cancelled.
    put("expm1 tanh sigmoid tanh_ sigmoid_", 2, Scale.OWN, 2, Scale.ELEMENT);
    // libtorch's vector form of erf in float32 is Abramowitz and Stegun's 7.1.26, to 1.5e-7; in the
    // slope exp(-x^2) the rounding of x^2 counts x^2 times.
    put("erf", 4, Scale.ONE, 20, Scale.OWN);
    // libtorch multiplies by the rounded 1/6; near -1.5 the parabola's slope has cancelled.
    put("hardsigmoid", 0, Scale.OWN, 1, Scale.OWN);
    put("hardswish", 0, Scale.OWN, 2, Scale.ELEMENT);
    // Products of such functions with the input, in which 1 + erf and the like have cancelled.
    put("silu gelu geluTanh elu softplus", 3, Scale.ELEMENT, 3, Scale.ELEMENT);
    // 1 / sqrt(x) and its like: the Java kernels round once, in double, libtorch at every step.
    put("rsqrt reciprocal reciprocal_ sqrt sqrt_ rdiv", 2, Scale.OWN, 8, Scale.OWN);
    // Exact, but for a gradient that sums over the dims which broadcasting or reading twice added.
    put(
        "add sub mul div remainder minimum maximum add_ sub_ mul_ div_ remainder_ where copy_ rsub"
            + " expand repeat getIndex gather indexSelect set select.mul_ view.add_ leakyRelu"
            + " getPair getBoth getInner",
        0,
        Scale.OWN,
        3,
        Scale.CASE);
    // Sums: the order is ours.
    put("sum mean var std varMean norm prod", 2, Scale.SUM, 2, Scale.CASE);
    put("amax amin max min", 0, Scale.OWN, 2, Scale.CASE);
    put("matmul mm bmm mv dot addmm linear", 4, Scale.CASE, 4, Scale.CASE);
    put("layerNorm", 6, Scale.CASE, 6, Scale.CASE);
    put("scatterAdd indexAdd", 2, Scale.CASE, 2, Scale.CASE);
    // The Java kernels subtract the maximum in double; in float32 the difference is rounded, which
    // counts as often as it is large.
    put("softmax", 32, Scale.OWN, 4, Scale.UPSTREAM);
    put("logSoftmax logsumexp", 3, Scale.CASE, 4, Scale.UPSTREAM);
    put(
        "mseLoss l1Loss bceLoss bceWithLogitsLoss nllLoss crossEntropy",
        4,
        Scale.CASE,
        4,
        Scale.CASE);
    put("StepLR CosineAnnealingLR ReduceLROnPlateau", 1, Scale.CASE, 0, Scale.OWN);
    // 1,000 steps, each rounded, by the Java kernels once and in double. Adam divides by the root
    // of what it has seen of the gradient, so that a last bit counts most where that is near 0.
    put("clipNorm", 4, Scale.OWN, 0, Scale.OWN);
    put("sgd", 4, Scale.CASE, 0, Scale.OWN);
    put("adam adamw", 512, Scale.CASE, 0, Scale.OWN);
  }

  private static void put(
      String names, double values, Scale valueScale, double gradients, Scale gradientScale) {
    for (String name : names.split(" ")) {
      OPS.put(name, new ParityTolerance(values, valueScale, gradients, gradientScale));
    }
  }

  public static ParityTolerance of(String op) {
    return OPS.getOrDefault(op, EXACT);
  }

  /** What is wrong with result {@code i} of a case; null when it is near enough. */
  public String value(ParityCase c, int i, Tensor got) {
    return difference(c, c.outputs().get(i), got, values, valueScale, -1);
  }

  /** What is wrong with the gradient of input {@code i}; null when it is near enough. */
  public String gradient(ParityCase c, int i, Tensor got) {
    return difference(c, c.grads().get(i), got, gradients, gradientScale, i);
  }

  /** What is wrong with a gradient that was recorded, or with one of that; all are float64. */
  public static String second(ParityCase c, ParityTensor expected, Tensor got) {
    return difference(c, expected, got, 1, Scale.CASE, ParityDifferences.SECOND);
  }

  private static String difference(
      ParityCase c, ParityTensor expected, Tensor tensor, double ulps, Scale scale, int input) {
    ParityTensor got = ParityTensor.of(tensor);
    if (got.dtype() != expected.dtype()) {
      return "dtype " + got.dtype() + ", not " + expected.dtype();
    }
    if (!Arrays.equals(got.shape(), expected.shape())) {
      return "shape " + tensor.shape() + ", not " + Arrays.toString(expected.shape());
    }
    String worst = null;
    double most = 0;
    double whole =
        switch (scale) {
          case CASE -> c.scale();
          case SUM -> c.scale() * Math.sqrt(c.inputs().get(0).numel());
          case UPSTREAM -> c.upstreamScale();
          case ONE -> 1;
          case OWN, ELEMENT -> 0;
        };
    for (int i = 0; i < expected.numel(); i++) {
      double e = expected.real(i);
      double g = got.real(i);
      double size = scale == Scale.ELEMENT ? c.scale(i) : whole;
      double off = distance(expected.dtype(), e, g, ulps, size);
      if (off > most && !ParityDifferences.differs(c, input, i, e, g)) {
        most = off;
        worst = "element " + i + " is " + g + ", not " + e + " (" + (float) off + " times allowed)";
      }
    }
    return most > 1 ? worst + "; got " + got + ", expected " + expected : null;
  }

  /** The distance as a share of what is allowed; infinite where only equality is. */
  private static double distance(DType dtype, double e, double g, double ulps, double scale) {
    if (Double.compare(e, g) == 0 || Double.isNaN(e) && Double.isNaN(g)) {
      return 0;
    }
    if (ulps == 0 || !dtype.isFloating() || !Double.isFinite(e) || !Double.isFinite(g)) {
      return Double.POSITIVE_INFINITY;
    }
    boolean single = dtype == DType.FLOAT32;
    double size = Math.max(Math.abs(e), scale);
    double unit = single ? ulps * Math.ulp((float) size) : FLOAT64 * size;
    double floor = single ? Float.MIN_NORMAL : Double.MIN_NORMAL;
    return e == g || Math.abs(e - g) <= floor ? 0 : Math.abs(e - g) / unit;
  }
}
