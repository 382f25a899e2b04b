package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.beforeWrite;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.meet;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.requireLive;
import static dev.flambeau.internal.tensor.TensorHandle.requireWritable;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.written;
import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.spi.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * One step of an optimizer for many parameters in one native call. The lists run in parallel;
 * parameters and states are changed in place, by {@link #run} alone: what does not fit is refused
 * before.
 */
public final class OptimizerSteps {
  private final String op;
  private final int kind;
  private final int flags;
  private final List<Tensor> parameters;
  private final List<Tensor> gradients; // each in its parameter's memory order
  private final List<Tensor> states;
  private final double[][] numbers;

  /**
   * Checks a step, and changes nothing.
   *
   * @param op the optimizer's name in messages
   * @param kind which of {@link Kernels}' optimizers
   * @param flags of that optimizer, by {@link Kernels}' names
   * @param parameters floating tensors, all of one dtype and device
   * @param gradients of the same shapes
   * @param states as many of each parameter, one parameter's after the other's; an entry is null
   *     where the optimizer's options do without it
   * @param numbers of each parameter: what stands in its row
   */
  public OptimizerSteps(
      String op,
      int kind,
      int flags,
      List<Tensor> parameters,
      List<Tensor> gradients,
      List<Tensor> states,
      double[][] numbers) {
    this.op = op;
    this.kind = kind;
    this.flags = flags;
    this.parameters = parameters;
    this.states = states;
    this.numbers = numbers;
    if (parameters.isEmpty()) {
      this.gradients = gradients;
      return;
    }
    Require.isFloating(op, parameters.get(0));
    this.gradients = inOrder(op, parameters, gradients);
    int at = 0;
    int each = states.size() / parameters.size();
    for (Tensor p : parameters) {
      for (int k = 0; k < each; k++, at++) {
        if (states.get(at) != null) {
          sameLayout(op, p, states.get(at));
        }
      }
    }
  }

  /**
   * A parameter's gradient, or null, for use within one call. Unlike {@link Tensor#grad()} it does
   * not count as taken by the program, so {@link Tensor#zeroGrad()} still frees it at once.
   */
  public static Tensor gradientOf(Tensor parameter) {
    return impl(parameter).peekGrad();
  }

  /** Makes the step. */
  public void run() {
    if (parameters.isEmpty()) {
      return;
    }
    Tensor first = parameters.get(0);
    DeviceContext context = context(first);
    for (Tensor p : parameters) {
      beforeWrite(op, p);
    }
    int each = states.size() / parameters.size();
    HostTable table = HostTable.rows();
    long[] rows = table.rows(Math.multiplyExact(Kernels.ROW_LENGTH, parameters.size()));
    int row = 0;
    for (int i = 0; i < parameters.size(); i++) {
      long n = parameters.get(i).numel();
      if (n == 0) {
        continue;
      }
      rows[row + Kernels.ROW_N] = n;
      rows[row + Kernels.ROW_PARAMETER] = outputAddress(parameters.get(i));
      rows[row + Kernels.ROW_GRADIENT] = address(gradients.get(i));
      for (int k = 0; k < each; k++) {
        int at = i * each + k;
        if (states.get(at) != null) {
          rows[row + Kernels.ROW_STATES + k] = outputAddress(states.get(at));
        }
      }
      double[] own = numbers[i];
      for (int k = 0; k < own.length; k++) {
        rows[row + Kernels.ROW_NUMBERS + k] = Double.doubleToRawLongBits(own[k]);
      }
      row += Kernels.ROW_LENGTH;
    }
    int count = row / Kernels.ROW_LENGTH;
    if (count > 0) {
      table.begin(row).putRows(row);
      long address = table.address(context.memory);
      int status = context.kernels.step(kind, code(first.dtype()), flags, count, address);
      context.check(
          op, status, null, null, null, null, new Object[] {parameters, gradients, states});
    }
    for (Tensor p : parameters) {
      written(p, op);
    }
  }

  /** The gradients, each in its parameter's memory order. */
  private static List<Tensor> inOrder(String op, List<Tensor> parameters, List<Tensor> gradients) {
    Tensor first = parameters.get(0);
    List<Tensor> ordered = gradients;
    for (int i = 0; i < parameters.size(); i++) {
      Tensor p = parameters.get(i);
      Tensor g = gradients.get(i);
      Require.sameShape(op, p, g);
      if (!isLike(first, p) || !isLike(first, g)) {
        throw new IllegalArgumentException(
            op
                + ": one call takes parameters and gradients of one dtype and device, here "
                + first.dtype()
                + " on "
                + first.device()
                + "; got "
                + p.dtype()
                + " on "
                + p.device()
                + " and "
                + g.dtype()
                + " on "
                + g.device());
      }
      if (!layout(p).isDense()) {
        throw new IllegalArgumentException(
            op
                + ": a parameter of shape "
                + Dims.text(sizes(p))
                + " has gaps in memory; use contiguous()");
      }
      refuseReleased(op, "parameter", p);
      refuseReleased(op, "gradient", g);
      requireWritable(op, p);
      Tensor dense = meet(p, g) ? Copy.apart(p, g) : Copy.inOrderOf(p, g);
      if (dense != g) {
        ordered = ordered == gradients ? new ArrayList<>(gradients) : ordered;
        ordered.set(i, dense);
      }
    }
    return ordered;
  }

  private static void refuseReleased(String op, String what, Tensor x) {
    if (x.isReleased()) {
      requireLive(op + ": given a " + what, x);
    }
  }

  private static boolean isLike(Tensor first, Tensor other) {
    return other.dtype() == first.dtype() && context(other) == context(first);
  }

  /** Whether a state is as the kernels want it: in the dtype, device and order of its parameter. */
  public static boolean fits(Tensor parameter, Tensor state) {
    return layout(parameter).sameOrder(layout(state)) && isLike(parameter, state);
  }

  private static void sameLayout(String op, Tensor p, Tensor state) {
    if (!fits(p, state)) {
      throw new IllegalArgumentException(
          op
              + ": a state must have the dtype, device and memory order of its parameter, "
              + described(p)
              + "; got "
              + described(state)
              + "; parameter.emptyLike().copy_(state) has them");
    }
    refuseReleased(op, "state", state);
    requireWritable(op, state);
  }

  private static String described(Tensor t) {
    return t.dtype()
        + " "
        + Dims.text(sizes(t))
        + " with strides "
        + Dims.text(layout(t).strides)
        + " on "
        + t.device();
  }
}
