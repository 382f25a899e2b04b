package dev.flambeau;

import dev.flambeau.spi.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * One step of an optimizer for many parameters in one native call. The lists run in parallel;
 * parameters and state are changed in place. Formulas: <a
 * href="https://pytorch.org/docs/stable/optim.html">torch.optim</a>.
 */
public final class OptimizerOps {
  private OptimizerOps() {}

  /**
   * A parameter's gradient, or null, for use within one call. Unlike {@link Tensor#grad()} it does
   * not count as taken by the program, so {@link Tensor#zeroGrad()} still frees it at once.
   */
  public static Tensor gradientOf(Tensor parameter) {
    return parameter.peekGrad();
  }

  /**
   * Stochastic gradient descent (Sutskever et al. 2013).
   *
   * @param parameters floating tensors, all of one dtype and device
   * @param gradients of the same shapes
   * @param buffers momentum buffers; an entry may be null, and is replaced by a new buffer when
   *     momentum is not 0
   */
  public static void sgd(
      List<Tensor> parameters,
      List<Tensor> gradients,
      List<Tensor> buffers,
      double lr,
      double momentum,
      double dampening,
      double weightDecay,
      boolean nesterov,
      boolean maximize) {
    if (parameters.isEmpty()) {
      return;
    }
    Rows rows = new Rows("sgd", parameters, 5);
    for (int i = 0; i < parameters.size(); i++) {
      Tensor p = parameters.get(i);
      Tensor g = rows.gradient(p, gradients.get(i));
      Tensor buffer = null;
      boolean first = false;
      if (momentum != 0) {
        buffer = buffers.get(i);
        if (buffer == null) {
          first = true;
          buffer = Copy.dense(p).emptyLike().escape();
          buffers.set(i, buffer);
        }
        rows.sameLayout(p, buffer);
      }
      rows.put(
          p.numel(),
          p.address(),
          g.address(),
          buffer == null ? 0 : buffer.address(),
          first ? 1 : 0);
    }
    int flags = (nesterov ? Kernels.NESTEROV : 0) | (maximize ? Kernels.MAXIMIZE : 0);
    rows.run(
        (kernels, dtype, count, table) ->
            kernels.sgd(dtype, flags, count, table, lr, momentum, dampening, weightDecay),
        parameters,
        gradients,
        buffers);
  }

  /**
   * Adam (Kingma and Ba 2014), with decoupled weight decay AdamW (Loshchilov and Hutter 2017).
   *
   * @param averages running means of the gradients
   * @param squares running means of their squares
   * @param greatest running maxima of {@code squares}, or null without {@code amsgrad}
   * @param steps how many steps each parameter has had, this one included
   */
  public static void adam(
      List<Tensor> parameters,
      List<Tensor> gradients,
      List<Tensor> averages,
      List<Tensor> squares,
      List<Tensor> greatest,
      long[] steps,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean decoupled,
      boolean amsgrad,
      boolean maximize) {
    if (parameters.isEmpty()) {
      return;
    }
    Rows rows = new Rows("adam", parameters, 7);
    for (int i = 0; i < parameters.size(); i++) {
      Tensor p = parameters.get(i);
      Tensor g = rows.gradient(p, gradients.get(i));
      rows.sameLayout(p, averages.get(i));
      rows.sameLayout(p, squares.get(i));
      long max = 0;
      if (amsgrad) {
        rows.sameLayout(p, greatest.get(i));
        max = greatest.get(i).address();
      }
      rows.put(
          p.numel(),
          p.address(),
          g.address(),
          averages.get(i).address(),
          squares.get(i).address(),
          max,
          steps[i]);
    }
    int flags =
        (decoupled ? Kernels.DECOUPLED : 0)
            | (maximize ? Kernels.MAXIMIZE : 0)
            | (amsgrad ? Kernels.AMSGRAD : 0);
    rows.run(
        (kernels, dtype, count, table) ->
            kernels.adam(dtype, flags, count, table, lr, beta1, beta2, eps, weightDecay),
        parameters,
        gradients,
        averages,
        squares,
        greatest);
  }

  private interface Step {
    int run(Kernels kernels, int dtype, long count, long table);
  }

  /** The host table of a call, and what must stay alive while the kernel reads it. */
  private static final class Rows {
    private final String op;
    private final DeviceContext context;
    private final DType type;
    private final int columns;
    private List<Tensor> kept = List.of();
    private final HostTable table;
    private int count;

    Rows(String op, List<Tensor> parameters, int columns) {
      this.op = op;
      Tensor first = parameters.get(0);
      this.context = first.context();
      this.type = first.dtype();
      this.columns = columns;
      this.table = ThreadState.get().rows.begin((long) columns * parameters.size());
      Require.isFloating(op, first);
    }

    /** The gradient in the parameter's memory order. */
    Tensor gradient(Tensor p, Tensor g) {
      Require.sameShape(op, p, g);
      if (p.dtype() != type
          || g.dtype() != type
          || p.context() != context
          || g.context() != context) {
        throw new IllegalArgumentException(
            op
                + ": one call takes parameters and gradients of one dtype and device, here "
                + type
                + " on "
                + context.device
                + "; got "
                + p.dtype()
                + " on "
                + p.device()
                + " and "
                + g.dtype()
                + " on "
                + g.device());
      }
      if (!p.layout().isDense()) {
        throw new IllegalArgumentException(
            op
                + ": a parameter of shape "
                + Dims.text(p.sizes())
                + " has gaps in memory; use contiguous()");
      }
      Tensor dense = Copy.inOrderOf(p, g);
      if (dense != g) {
        kept = kept.isEmpty() ? new ArrayList<>() : kept;
        kept.add(dense);
      }
      return dense;
    }

    void sameLayout(Tensor p, Tensor state) {
      if (!p.layout().sameOrder(state.layout())
          || state.dtype() != type
          || state.context() != context) {
        throw new IllegalArgumentException(
            op
                + ": the state must lie in memory as its parameter does: "
                + p.dtype()
                + " "
                + Dims.text(p.sizes())
                + " on "
                + p.device()
                + ", got "
                + state.dtype()
                + " "
                + Dims.text(state.sizes())
                + " on "
                + state.device());
      }
    }

    void put(long... row) {
      if (row[0] > 0) {
        for (int i = 0; i < columns; i++) {
          table.put(row[i]);
        }
        count++;
      }
    }

    void run(Step step, List<Tensor> parameters, Object... state) {
      if (count > 0) {
        int status = step.run(context.kernels, type.code(), count, table.address(context.memory));
        context.check(
            op,
            status,
            parameters.get(0),
            null,
            null,
            null,
            new Object[] {parameters, state, kept});
      }
      for (Tensor p : parameters) {
        p.written(op);
      }
    }
  }
}
