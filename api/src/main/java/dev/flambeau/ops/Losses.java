package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.emptyLike;

import dev.flambeau.DType;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.internal.tensor.TensorImpl;
import dev.flambeau.internal.text.Warnings;
import dev.flambeau.spi.Kernels;
import java.util.Arrays;
import java.util.function.BinaryOperator;

/** The pointwise losses: one kernel forward, one backward. */
final class Losses {
  private Losses() {}

  /** The number that stands for the reduction in kernel calls. */
  static int reductionCode(Reduction reduction) {
    return switch (reduction) {
      case NONE -> Kernels.NONE;
      case MEAN -> Kernels.MEAN;
      case SUM -> Kernels.SUM;
    };
  }

  /** {@code slope}: the derivative by {@code x} in tensor ops, for derivatives of higher order. */
  static Tensor pointwise(
      String op,
      String node,
      int code,
      Tensor input,
      Tensor targets,
      Reduction reduction,
      BinaryOperator<Tensor> slope) {
    Require.given(op, "target", targets);
    DType type = Pointwise.meet(op, input, targets);
    if (!type.isFloating()) {
      throw new IllegalArgumentException(
          op + ": needs floating tensors, got " + type + "; use toFloat()");
    }
    boolean same = Arrays.equals(sizes(input), sizes(targets));
    long[] sizes = same ? sizes(input) : Dims.broadcast(op, sizes(input), sizes(targets));
    if (!same) {
      Warnings.once(
          op + " broadcasts",
          () ->
              op
                  + ": input of shape "
                  + Dims.text(sizes(input))
                  + " and target of shape "
                  + Dims.text(sizes(targets))
                  + " differ and are broadcast; this is seldom what is meant");
    }
    Tensor x = same ? input : input.expand(sizes);
    Tensor t = same ? targets : targets.expand(sizes);
    Layout layout =
        reduction == Reduction.NONE ? Layout.of(op, sizes, layout(x), layout(t)) : Layout.SCALAR;
    Tensor xc = ordered(layout, Pointwise.as(x, type));
    Tensor tc = ordered(layout, Pointwise.as(t, type));
    Tensor y = TensorImpl.empty(context(xc), type, layout);
    if (xc.numel() > 0) {
      DeviceContext c = context(y);
      int status =
          c.kernels.loss(
              code,
              Losses.reductionCode(reduction),
              code(type),
              xc.numel(),
              address(xc),
              address(tc),
              outputAddress(y));
      c.check(op, status, xc, tc, y);
    } else {
      Pointwise.fill(y, encode(type, reduction == Reduction.MEAN ? Double.NaN : 0));
    }
    if (!GradMode.needsGrad(x, t)) {
      return y;
    }
    return Recording.of(node, y)
        .saves(x, t)
        .copiedBeforeWrite(code == Kernels.LOSS_L1 ? 2 : 0) // PyTorch saves their difference
        .input(
            x,
            (g, saved) -> grad(op, code, reduction, g, saved.get(0), saved.get(1), type),
            (g, saved) ->
                scaled(reduction, g, saved.get(0)).mul(slope.apply(saved.get(0), saved.get(1))))
        .input(t, (g, saved) -> targetGrad(code, reduction, g, saved.get(0), saved.get(1), slope))
        .result();
  }

  /** Lying as the result does, or in rows if that is one number. */
  private static Tensor ordered(Layout result, Tensor x) {
    return result == Layout.SCALAR ? Copy.contiguous(x) : Copy.inOrderOf(result, x);
  }

  private static Tensor grad(
      String op, int code, Reduction reduction, Tensor g, Tensor x, Tensor t, DType type) {
    Tensor xc = Copy.contiguous(Pointwise.as(x, type));
    Tensor tc = Copy.contiguous(Pointwise.as(t, type));
    Tensor gc = Copy.contiguous(Pointwise.as(g, type));
    Tensor gx = emptyLike(xc, type);
    if (gx.numel() > 0) {
      DeviceContext c = context(gx);
      int status =
          c.kernels.lossGrad(
              code,
              Losses.reductionCode(reduction),
              code(type),
              gx.numel(),
              address(gc),
              address(xc),
              address(tc),
              outputAddress(gx));
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
    return Recording.rename(reduced(weight == null ? each : each.mul(weight), reduction), node);
  }

  static Tensor reduced(Tensor each, Reduction reduction) {
    return switch (reduction) {
      case NONE -> each;
      case MEAN -> each.mean();
      case SUM -> each.sum();
    };
  }

  static void fitsInto(String op, String what, Tensor weight, Tensor x) {
    if (!Arrays.equals(Dims.broadcast(op, sizes(weight), sizes(x)), sizes(x))) {
      throw new IllegalArgumentException(
          op
              + ": "
              + what
              + " of shape "
              + Dims.text(sizes(weight))
              + " must broadcast to the input's shape "
              + Dims.text(sizes(x)));
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
