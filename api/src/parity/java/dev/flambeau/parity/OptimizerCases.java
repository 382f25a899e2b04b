package dev.flambeau.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Optimizers over 1,000 steps on one parameter p, whose gradient is {@code a * p - cos(k * b)} in
 * step k = 1, 2, ..., written out with tensor ops of p's type, a, b and the cosine of the double
 * {@code k} times b rounded to it. Inputs: p at the start, a, b. Outputs: p after steps 1, 2, 10,
 * 100 and 1,000.
 *
 * <p>libtorch's C++ optimizers do not know {@code maximize}; it is the same step with the gradient
 * negated first.
 */
final class OptimizerCases {
  private static final List<Long> KEPT = List.of(1L, 2L, 10L, 100L, 1000L);
  private final Table table = new Table("optimizers", 109);

  private interface Maker {
    Optimizer of(TensorVector parameters);
  }

  static Table cases() {
    OptimizerCases c = new OptimizerCases();
    for (DType dtype : new DType[] {DType.F64, DType.F32}) {
      for (double[] o :
          new double[][] {
            // lr, momentum, dampening, weight decay, nesterov, maximize
            {0.01, 0, 0, 0, 0, 0},
            {0.01, 0.9, 0, 0, 0, 0},
            {0.01, 0.9, 0.3, 0, 0, 0},
            {0.01, 0.9, 0, 0, 1, 0},
            {0.02, 0, 0, 0.1, 0, 0},
            {0.005, 0.8, 0.1, 0.05, 0, 0},
            {0.005, 0.95, 0, 0.01, 1, 0},
            {0.001, 0, 0, 0, 0, 1},
            {0.001, 0.5, 0, 0.2, 1, 1},
            {0.0005, 0.5, 0.5, 0.2, 0, 1}
          }) {
        c.sgd(dtype, o[0], o[1], o[2], o[3], o[4] != 0, o[5] != 0);
      }
      for (double[] o :
          new double[][] {
            // lr, beta1, beta2, eps, weight decay, amsgrad, maximize
            {0.001, 0.9, 0.999, 1e-8, 0, 0, 0}, {0.01, 0.8, 0.99, 1e-6, 0, 1, 0},
            {0.003, 0.9, 0.999, 1e-8, 0.1, 0, 0}, {0.003, 0.9, 0.95, 1e-8, 0.1, 1, 0},
            {0.001, 0.9, 0.999, 1e-8, 0.2, 0, 1}, {0.002, 0.7, 0.9, 1e-5, 0, 1, 1}
          }) {
        c.adam(dtype, o, false);
        c.adam(dtype, o, true);
      }
    }
    c.clip();
    return c.table;
  }

  /** Gradients of two parameters, brought to a norm or between two bounds. */
  private void clip() {
    for (DType dtype : new DType[] {DType.F64, DType.F32}) {
      List<TableTensor> gradients =
          List.of(table.values.normal(dtype, 3, 4), table.values.normal(dtype, 5));
      for (double[] o :
          new double[][] {{1, 2}, {0.3, 1}, {2, Double.POSITIVE_INFINITY}, {100, 2}}) {
        table.all(
            "clipNorm",
            new Object[] {o[0], o[1]},
            gradients,
            in -> clipped(in, p -> torch.clip_grad_norm_(p, o[0], o[1], false)));
      }
      table.all(
          "clipValue",
          new Object[] {0.7},
          gradients,
          in -> clipped(in, p -> torch.clip_grad_value_(p, 0.7)));
    }
  }

  private static List<Tensor> clipped(Tensor[] gradients, Consumer<TensorVector> clip) {
    TensorVector parameters = new TensorVector();
    for (Tensor g : gradients) {
      Tensor p = Aten.call("zeros_like", g);
      p.requires_grad_();
      p.mutable_grad().put(Aten.call("clone", g));
      parameters.push_back(p);
    }
    clip.accept(parameters);
    List<Tensor> all = new ArrayList<>();
    for (long i = 0; i < parameters.size(); i++) {
      all.add(Aten.call("clone", parameters.get(i).grad()));
    }
    return all;
  }

  private void sgd(
      DType dtype,
      double lr,
      double momentum,
      double dampening,
      double decay,
      boolean nesterov,
      boolean maximize) {
    Object[] args = {lr, momentum, dampening, decay, nesterov, maximize};
    run(
        "sgd",
        args,
        dtype,
        maximize,
        p -> {
          SGDOptions options = new SGDOptions(lr);
          options.momentum().put(momentum);
          options.dampening().put(dampening);
          options.weight_decay().put(decay);
          options.nesterov().put(nesterov);
          return new SGD(p, options);
        });
  }

  private void adam(DType dtype, double[] o, boolean decoupled) {
    boolean amsgrad = o[5] != 0;
    boolean maximize = o[6] != 0;
    Object[] args = {o[0], o[1], o[2], o[3], o[4], amsgrad, maximize};
    run(
        decoupled ? "adamw" : "adam",
        args,
        dtype,
        maximize,
        p -> {
          if (decoupled) {
            AdamWOptions options = new AdamWOptions(o[0]);
            betas(options.betas(), o[1], o[2]);
            options.eps().put(o[3]);
            options.weight_decay().put(o[4]);
            options.amsgrad().put(amsgrad);
            return new AdamW(p, options);
          }
          AdamOptions options = new AdamOptions(o[0]);
          betas(options.betas(), o[1], o[2]);
          options.eps().put(o[3]);
          options.weight_decay().put(o[4]);
          options.amsgrad().put(amsgrad);
          return new Adam(p, options);
        });
  }

  /** The two are a std::tuple, which lies in memory last element first. */
  private static void betas(DoublePointer tuple, double first, double second) {
    tuple.put(second, first);
  }

  private void run(String op, Object[] args, DType dtype, boolean maximize, Maker maker) {
    // Where the objective grows, a negative slope keeps the numbers from running away.
    double sign = maximize ? -1 : 1;
    TableTensor start = table.values.normal(dtype, 7);
    TableTensor a =
        table.values.uniform(
            dtype, Math.min(0.2 * sign, 1.5 * sign), Math.max(0.2 * sign, 1.5 * sign), 7);
    TableTensor b = table.values.normal(dtype, 7);
    table.all(
        op,
        args,
        List.of(start, a, b),
        in -> {
          Tensor p = Aten.call("clone", in[0]);
          p.requires_grad_();
          Optimizer optimizer = maker.of(new TensorVector(p));
          List<Tensor> kept = new ArrayList<>();
          for (long k = 1; k <= 1000; k++) {
            Tensor value = Aten.call("detach", p);
            Tensor push = Aten.call("cos", Aten.call("mul.Scalar", in[2], (double) k));
            Tensor g = Aten.call("sub.Tensor", Aten.call("mul.Tensor", in[1], value), push);
            p.mutable_grad().put(maximize ? Aten.call("neg", g) : g);
            optimizer.step();
            if (KEPT.contains(k)) {
              kept.add(Aten.call("clone", Aten.call("detach", p)));
            }
          }
          return kept;
        });
  }
}
