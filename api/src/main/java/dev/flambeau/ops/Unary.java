package dev.flambeau.ops;

import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.UnaryOp;

/** Recorded pointwise ops of one tensor. */
final class Unary {
  private Unary() {}

  /** {@code op} of {@code x}. */
  static Tensor of(Tensor x, UnaryOp op, double p, double q) {
    Tensor y = Pointwise.unary(op, x, p, q);
    return GradMode.needsGrad(x) ? record(x, op, y, p, q) : y;
  }

  /** Writes down that {@code y}, which may be {@code x} itself, became {@code op} of it. */
  static Tensor record(Tensor x, UnaryOp op, Tensor y, double p, double q) {
    Recording r = Recording.of(op.node, y);
    if (op.saves == UnaryOp.Saves.NOTHING) {
      return r.input(x, (g, saved) -> op.slope(g, null, p, q)).result();
    }
    return r.saves(op.saves == UnaryOp.Saves.INPUT ? x : y)
        .input(
            x,
            (g, saved) -> Pointwise.unaryGrad(op, g, saved.get(0), p, q),
            (g, saved) -> op.slope(g, saved.get(0), p, q))
        .result();
  }
}
