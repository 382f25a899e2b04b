package dev.flambeau.bench.gpu;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Reduction;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.Adam;
import dev.flambeau.optim.SGD;
import java.util.List;

/** The work of {@link GpuLine}s on a device. A run queues its kernels, and waits for nothing. */
final class GpuWork {
  private final Device device;

  GpuWork(Device device) {
    this.device = device;
  }

  /**
   * Makes a line's work ready: its tensors live as long as the innermost scope, or as the result.
   *
   * @throws IllegalArgumentException for a kind that nobody knows
   */
  Runnable prepare(String kind, String dtype, long... dims) {
    return switch (kind) {
      case "step" -> step(dims);
      case "latency" -> latency(dims);
      case "matmul" -> matmul(dtype, dims[0]);
      case "upload", "upload-pageable" -> {
        Tensor here = Tensor.zeros(dims);
        yield scoped(() -> here.to(device));
      }
      case "adam" -> adam(dims[0]);
      case "gather-rows", "add-rows" -> rows(kind, dims);
      case "gather", "scatter-add" -> elements(kind, dims);
      default -> onElements(kind, filled(-2, 2, dims), dims);
    };
  }

  private Tensor filled(double low, double high, long... dims) {
    return Tensor.zeros(1).to(device).expand(dims).contiguous().uniform_(low, high);
  }

  private Tensor classes(long bound, long... dims) {
    return filled(0, 1, dims).mul(bound).floor().toLong().clamp(0, bound - 1);
  }

  /** The body in a scope, which frees its results at once. */
  private static Runnable scoped(Runnable body) {
    return () -> {
      try (var scope = Scope.open()) {
        body.run();
      }
    };
  }

  private Runnable gradient(Tensor y, Tensor... inputs) {
    Tensor g = y.dim() == 0 ? Tensor.ones().to(device) : filled(-1, 1, y.shape().toArray());
    return scoped(() -> Autograd.grad(List.of(y), List.of(inputs), List.of(g), true, false));
  }

  private Runnable onElements(String kind, Tensor x, long[] dims) {
    long columns = dims[dims.length - 1];
    long[] last = {columns};
    return switch (kind) {
      case "copy" -> {
        Tensor y = x.copy();
        yield () -> y.copy_(x);
      }
      case "add" -> {
        Tensor y = x.copy();
        yield scoped(() -> x.add(y));
      }
      case "relu" -> scoped(x::relu);
      case "enqueue-relu" -> () -> x.relu().close();
      case "enqueue-add" -> {
        Tensor y = x.copy();
        yield () -> x.add(y).close();
      }
      case "create" -> () -> x.emptyLike().close();
      case "exp" -> scoped(x::exp);
      case "gelu" -> scoped(x::gelu);
      case "sum" -> scoped(x::sum);
      case "sum-columns" -> scoped(() -> x.sum(0));
      case "transpose" -> scoped(() -> x.t().contiguous());
      case "uniform" -> () -> x.uniform_(0, 1);
      case "normal" -> () -> x.normal_(0, 1);
      case "bernoulli" -> () -> x.bernoulli_(0.5);
      case "download", "download-pageable" -> {
        Device cpu = Device.cpu();
        yield scoped(() -> x.to(cpu));
      }
      case "softmax" -> scoped(() -> x.softmax(-1));
      case "softmax-backward" -> gradient(x.requiresGrad_().softmax(-1), x);
      case "cross-entropy" -> {
        Tensor y = classes(columns, dims[0]);
        yield scoped(() -> crossEntropy(x, y));
      }
      case "cross-entropy-backward" ->
          gradient(crossEntropy(x.requiresGrad_(), classes(columns, dims[0])), x);
      case "layer-norm" -> {
        Tensor w = filled(0, 1, columns);
        Tensor b = filled(0, 1, columns);
        yield scoped(() -> x.layerNorm(last, w, b, 1e-5));
      }
      case "layer-norm-backward" -> {
        Tensor w = filled(0, 1, columns).requiresGrad_();
        Tensor b = filled(0, 1, columns).requiresGrad_();
        yield gradient(x.requiresGrad_().layerNorm(last, w, b, 1e-5), x, w, b);
      }
      default -> throw new IllegalArgumentException("no work is named " + kind);
    };
  }

  private static Tensor crossEntropy(Tensor x, Tensor classes) {
    return x.crossEntropy(classes, null, -100, Reduction.MEAN, 0);
  }

  /** Whole rows, picked from a table or added to it. */
  private Runnable rows(String kind, long[] dims) {
    Tensor table = filled(-2, 2, dims[0], dims[1]);
    Tensor index = classes(dims[0], dims[2]);
    if (kind.equals("gather-rows")) {
      return scoped(() -> table.indexSelect(0, index));
    }
    Tensor added = filled(-2, 2, dims[2], dims[1]);
    return scoped(() -> table.indexAdd(0, index, added));
  }

  /** Single elements, from anywhere in their row. */
  private Runnable elements(String kind, long[] dims) {
    Tensor x = filled(-2, 2, dims);
    Tensor index = classes(dims[1], dims);
    if (kind.equals("gather")) {
      return scoped(() -> x.gather(1, index));
    }
    Tensor added = filled(-2, 2, dims);
    return scoped(() -> x.scatterAdd(1, index, added));
  }

  private Runnable matmul(String dtype, long n) {
    DType type = dtype.equals("bfloat16") ? DType.BFLOAT16 : DType.FLOAT32;
    Tensor a = filled(-1, 1, n, n).to(type);
    Tensor b = filled(-1, 1, n, n).to(type);
    return scoped(() -> a.matmul(b));
  }

  private Runnable adam(long n) {
    Tensor p = filled(-1, 1, n).requiresGrad_();
    p.setGrad(filled(-1, 1, n));
    Adam adam = new Adam(List.of(p), 1e-3);
    return adam::step;
  }

  private Sequential model(long[] dims) {
    Sequential model = new Sequential();
    for (int i = 1; i + 1 < dims.length; i++) {
      model.add(new Linear(dims[i], dims[i + 1]));
      if (i + 2 < dims.length) {
        model.add(new ReLU());
      }
    }
    model.to(device);
    return model;
  }

  /** A training step whose loss nobody reads. */
  private Runnable step(long[] dims) {
    Sequential model = model(dims);
    SGD optimizer = new SGD(model.parameters(), 0.01).momentum(0.9);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    Tensor x = filled(0, 1, dims[0], dims[1]);
    Tensor y = classes(dims[dims.length - 1], dims[0]);
    return scoped(
        () -> {
          optimizer.zeroGrad();
          criterion.call(model.call(x), y).backward();
          optimizer.step();
        });
  }

  /** One row in, and one number of the result read: this one waits. */
  private Runnable latency(long[] dims) {
    Sequential model = model(dims);
    model.eval();
    Tensor x = filled(0, 1, dims[0], dims[1]);
    return scoped(
        () -> {
          try (var ng = Autograd.noGrad()) {
            model.call(x).get(0, 0).item();
          }
        });
  }
}
