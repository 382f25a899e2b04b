package dev.flambeau;

import dev.flambeau.spi.Kernels;
import java.util.Arrays;
import java.util.function.BinaryOperator;

/** The pointwise losses: one kernel forward, one backward. */
final class Losses {
  private Losses() {}

  /** {@code slope}: the derivative by {@code x} in tensor ops, for derivatives of higher order. */
  static Tensor pointwise(
      String op,
      String node,
      int code,
      Tensor input,
      Tensor targets,
      Reduction reduction,
      BinaryOperator<Tensor> slope) {
    DType type = Pointwise.meet(op, input, targets);
    if (!type.isFloating()) {
      throw new IllegalArgumentException(
          op + ": needs floating tensors, got " + type + "; use toFloat()");
    }
    boolean same = Arrays.equals(input.sizes(), targets.sizes());
    long[] sizes = same ? input.sizes() : Dims.broadcast(op, input.sizes(), targets.sizes());
    if (!same) {
      Warnings.once(
          op
              + ": input of shape "
              + Dims.text(input.sizes())
              + " and target of shape "
              + Dims.text(targets.sizes())
              + " differ and are broadcast; this is seldom what is meant");
    }
    Tensor x = same ? input : input.expand(sizes);
    Tensor t = same ? targets : targets.expand(sizes);
    Tensor xc = Copy.contiguous(Pointwise.as(x, type));
    Tensor tc = Copy.contiguous(Pointwise.as(t, type));
    Layout layout = reduction == Reduction.NONE ? Layout.contiguous(sizes) : Layout.SCALAR;
    Tensor y = Tensor.empty(xc.context(), type, layout);
    if (xc.numel() > 0) {
      DeviceContext c = y.context();
      int status =
          c.kernels.loss(
              code,
              reduction.code,
              type.code(),
              xc.numel(),
              xc.address(),
              tc.address(),
              y.address());
      c.check(op, status, xc, tc, y);
    } else {
      Pointwise.fill(y, type.encode(reduction == Reduction.MEAN ? Double.NaN : 0));
    }
    if (!Autograd.needsGrad(x, t)) {
      return y;
    }
    return Autograd.record(node, y)
        .saves(x, t)
        .input(
            x,
            (g, saved) -> grad(op, code, reduction, g, saved.get(0), saved.get(1), type),
            (g, saved) ->
                scaled(reduction, g, saved.get(0)).mul(slope.apply(saved.get(0), saved.get(1))))
        .input(t, (g, saved) -> targetGrad(code, reduction, g, saved.get(0), saved.get(1), slope))
        .result();
  }

  private static Tensor grad(
      String op, int code, Reduction reduction, Tensor g, Tensor x, Tensor t, DType type) {
    Tensor xc = Copy.contiguous(Pointwise.as(x, type));
    Tensor tc = Copy.contiguous(Pointwise.as(t, type));
    Tensor gc = Copy.contiguous(Pointwise.as(g, type));
    Tensor gx = xc.freshLike(type);
    if (gx.numel() > 0) {
      DeviceContext c = gx.context();
      int status =
          c.kernels.lossGrad(
              code,
              reduction.code,
              type.code(),
              gx.numel(),
              gc.address(),
              xc.address(),
              tc.address(),
              gx.address());
      c.check(op, status, gc, xc, tc, gx);
    }
    return gx;
  }

  private static Tensor scaled(Reduction reduction, Tensor g, Tensor x) {
    return reduction == Reduction.MEAN ? g.div((double) x.numel()) : g;
  }

  /** The elements' losses, weighted and reduced, under the name of PyTorch's one step. */
  static Tensor weighted(String op, String node, Tensor each, Tensor weight, Reduction reduction) {
    if (weight != null) {
      fitsInto(op, "weight", weight, each);
    }
    return named(node, reduced(weight == null ? each : each.mul(weight), reduction));
  }

  static Tensor reduced(Tensor each, Reduction reduction) {
    return switch (reduction) {
      case NONE -> each;
      case MEAN -> each.mean();
      case SUM -> each.sum();
    };
  }

  /** The tensor with its step in the graph renamed: for what PyTorch does in fewer steps. */
  static Tensor named(String node, Tensor y) {
    if (y.gradFn() != null) {
      y.gradFn().rename(node);
    }
    return y;
  }

  static void fitsInto(String op, String what, Tensor weight, Tensor x) {
    if (!Arrays.equals(Dims.broadcast(op, weight.sizes(), x.sizes()), x.sizes())) {
      throw new IllegalArgumentException(
          op
              + ": "
              + what
              + " of shape "
              + Dims.text(weight.sizes())
              + " must broadcast to the input's shape "
              + Dims.text(x.sizes()));
    }
  }

  /** By the target: distances are symmetric; the cross entropies are linear in it. */
  private static Tensor targetGrad(
      int code, Reduction reduction, Tensor g, Tensor x, Tensor t, BinaryOperator<Tensor> slope) {
    Tensor s =
        switch (code) {
          case Kernels.LOSS_BCE -> x.rsub(1).log().clampMin(-100).sub(x.log().clampMin(-100));
          case Kernels.LOSS_BCE_LOGITS -> x.neg();
          default -> slope.apply(x, t).neg();
        };
    return scaled(reduction, g, x).mul(s);
  }
}
