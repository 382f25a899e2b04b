package dev.flambeau.optim;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.util.List;

/** Two small float64 parameters and a loss that couples them. */
final class OptimizerProblem {
  final Tensor p = leaf(1, -2, 3);
  final Tensor q = leaf(0.5, 0.25).detach().view(1, 2).requiresGrad_();
  private final Tensor goal = Tensor.of(DType.FLOAT64, new double[] {0.5, 0.3, -0.2});
  private final Tensor weight = Tensor.of(DType.FLOAT64, new double[] {1, 3, 0.1});

  List<Tensor> params() {
    return List.of(p, q);
  }

  Tensor loss() {
    Tensor near = p.sub(goal).square().mul(weight).sum();
    return near.add(q.pow(4).sum()).add(p.select(0, 0).mul(q).sum().sin());
  }

  double[] values() {
    return Tensor.cat(List.of(p.detach(), q.detach().flatten()), 0).toDoubleArray();
  }

  void steps(Optimizer optimizer, int n, boolean negative) {
    for (int i = 0; i < n; i++) {
      optimizer.zeroGrad();
      (negative ? loss().neg() : loss()).backward();
      optimizer.step();
    }
  }

  static Tensor leaf(double... values) {
    return Tensor.of(DType.FLOAT64, values).requiresGrad_();
  }
}
