package dev.flambeau.parity;

import dev.flambeau.DType;

/** Intended differences from libtorch 2.13, each with its reason. */
public final class ParityDifferences {
  /** Stands for the input where it is a gradient of a gradient. */
  static final int SECOND = -2;

  private ParityDifferences() {}

  /**
   * Whether an element may differ.
   *
   * @param input whose gradient it is; -1 for a result, {@link #SECOND} where gradients are
   *     recorded
   * @param e libtorch's number
   * @param g ours
   */
  static boolean differs(ParityCase c, int input, int element, double e, double g) {
    double x =
        c.inputs().isEmpty() || c.inputs().get(0).numel() <= element
            ? 0
            : c.inputs().get(0).real(element);
    return switch (c.op()) {
      // Which of two zeros is the greater is open: libtorch's vector and scalar loops disagree.
      case "relu", "minimum", "maximum" -> e == 0 && g == 0;
      // libtorch's formula overflows on the way to a number that is finite.
      case "gelu", "geluTanh", "square" -> !Double.isFinite(e) && Math.abs(x) > 1e18;
      // The same; and 0.5 and -0.5 are square roots there, which IEEE 754 has differ from powers at
      // -0 and -infinity.
      case "pow" ->
          !Double.isFinite(e) && (Math.abs(x) > 1e18 || Math.abs(x) < 1e-18)
              || c.has(0)
                  && Math.abs(((Number) c.args().get(0)).doubleValue()) == 0.5
                  && (x == 0 || x == Double.NEGATIVE_INFINITY);
      // libtorch takes NaN to be above 0; here it stays NaN.
      case "elu" -> input == 0 && Double.isNaN(x);
      // libtorch divides by at least 1e-12, in float64 too by the float next to it.
      // It adds 1e-12 to the divisor of the second derivative, which at 0 and 1 says nothing else.
      case "bceLoss" ->
          input != -1 && (x == 0 || x == 1) && Math.abs(e - g) < 1e-8 * Math.abs(e)
              || input == SECOND && (x == 0 || x == 1 || Math.abs(e - g) < 1e-10 * Math.abs(e));
      // The slope of a norm at 0 is taken to be 0, and so is its slope.
      case "norm" -> input == SECOND && Double.isNaN(e) && g == 0;
      // libtorch shares the gradient among the elements equal to the extreme: none, if it is NaN.
      case "amax", "amin" -> input == 0 && Double.isNaN(e);
      default -> false;
    };
  }

  /** Whether we refuse what libtorch computes. */
  public static boolean refuses(ParityCase c) {
    // Since 2.0 libtorch takes the logarithm of a sum over integers; 1.13 wants floats, as we do.
    boolean whole = !c.inputs().isEmpty() && !c.inputs().get(0).dtype().isFloating();
    // libtorch multiplies matrices of bool only where there is nothing to multiply.
    boolean bool = whole && c.inputs().get(0).dtype() == DType.BOOL;
    return c.op().equals("logsumexp") && whole || c.op().equals("matmul") && bool;
  }

  /** The name of the node that makes result {@code i}. */
  public static String node(ParityCase c, int i) {
    String name = c.nodes().get(i);
    return switch (c.op()) {
      // PyTorch 1.13 adds the bias to the product of a vector; libtorch 2.13 reshapes an addmm.
      case "linear" ->
          c.inputs().get(0).shape().length == 1
              ? c.inputs().get(2) == null ? "SqueezeBackward1" : "AddBackward0"
              : name;
      // A vector's product squeezes in place, in a node that changes its number with the release. A
      // matrix times a batch is folded and turned back there, and a product of batches here.
      case "matmul" ->
          switch (name) {
            case "SqueezeBackward4" -> "SqueezeBackward1";
            case "CloneBackward0", "TransposeBackward0" -> "UnsafeViewBackward0";
            default -> name;
          };
      default -> name;
    };
  }
}
