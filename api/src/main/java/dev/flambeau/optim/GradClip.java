package dev.flambeau.optim;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.OptimizerSteps;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Limits gradients between {@code backward()} and {@code step()}. */
public final class GradClip {
  private GradClip() {}

  /** As {@link #norm_(Collection, double, double)} with the 2-norm. */
  public static Tensor norm_(Collection<Tensor> params, double maxNorm) {
    return norm_(params, maxNorm, 2);
  }

  /**
   * Scales all gradients by {@code min(1, maxNorm / (norm + 1e-6))}, where {@code norm} is that of
   * all of them as one vector: torch.nn.utils.clip_grad_norm_. Parameters without a gradient do not
   * count.
   *
   * @param normType 2, 1, infinity, or another positive number
   * @return the norm before, 0-d; 0 when there is no gradient
   * @throws IllegalArgumentException if the norm's type is not positive
   */
  public static Tensor norm_(Collection<Tensor> params, double maxNorm, double normType) {
    if (!(normType > 0)) {
      throw new IllegalArgumentException(
          "GradClip.norm_: the norm's type must be positive, got " + normType);
    }
    List<Tensor> gradients = gradients(params);
    if (gradients.isEmpty()) {
      return Tensor.of(0.0);
    }
    try (var ng = Autograd.noGrad()) {
      List<Tensor> norms = new ArrayList<>();
      for (Tensor g : gradients) {
        norms.add(norm(g, normType).to(gradients.get(0).device()));
      }
      Tensor total = norm(Tensor.stack(norms, 0), normType);
      Tensor scale = total.add(1e-6).rdiv(maxNorm).clampMax(1);
      for (Tensor g : gradients) {
        g.mul_(scale.to(g.device()));
      }
      return total;
    }
  }

  /**
   * Clamps each element of the gradients to [-clipValue, clipValue]:
   * torch.nn.utils.clip_grad_value_.
   *
   * @throws IllegalArgumentException if {@code clipValue} is negative
   */
  public static void value_(Collection<Tensor> params, double clipValue) {
    if (!(clipValue >= 0)) {
      throw new IllegalArgumentException(
          "GradClip.value_: the value must be at least 0, got " + clipValue);
    }
    try (var ng = Autograd.noGrad()) {
      gradients(params).forEach(g -> g.clamp_(-clipValue, clipValue));
    }
  }

  private static List<Tensor> gradients(Collection<Tensor> params) {
    List<Tensor> out = new ArrayList<>();
    for (Tensor p : params) {
      Tensor g = OptimizerSteps.gradientOf(p);
      if (g != null) {
        out.add(g);
      }
    }
    return out;
  }

  private static Tensor norm(Tensor x, double p) {
    if (p == 2) {
      return x.norm();
    }
    if (Double.isInfinite(p)) {
      return x.numel() == 0 ? Tensor.zeros(x.dtype()).to(x.device()) : x.abs().max();
    }
    return p == 1 ? x.abs().sum() : x.abs().pow(p).sum().pow(1 / p);
  }
}
