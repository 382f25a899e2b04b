package dev.flambeau.bench;

import dev.flambeau.Autograd;
import dev.flambeau.Backends;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Reduction;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.Adam;
import dev.flambeau.optim.SGD;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Flambeau on a GPU behind the protocol of {@code gpu.py}: a line "KIND DTYPE DIMS", answered by "@
 * NS", the median time of one run. With the argument {@code first}: the first training step of a
 * fresh JVM.
 */
final class GpuWorker {
  private static final Device GPU = Device.cuda();
  private static final int BATCHES = 15;
  private static final int ENQUEUED = 200;

  private GpuWorker() {}

  public static void main(String[] args) throws IOException {
    Flambeau.manualSeed(0);
    if (args.length > 0) {
      prepare("step", "float32", new long[] {64, 784, 128, 64, 10}).run();
      GPU.synchronize();
      System.out.println("@ done");
      return;
    }
    Tensor x = Tensor.ones(64, 64).to(GPU);
    x.matmul(x).sum().item(); // cuBLAS is looked for
    System.out.println("@ " + Backends.report().strip().replaceAll("\\s*\n\\s*", "; "));
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer;
      try {
        String[] words = line.split(" ");
        long[] dims = Arrays.stream(words[2].split(",")).mapToLong(Long::parseLong).toArray();
        try (var scope = Scope.open()) {
          Runnable run = prepare(words[0], words[1], dims);
          answer = Double.toString(words[0].equals("enqueue") ? enqueue(run) : measure(run));
        }
        Backends.releaseUnused(GPU);
      } catch (RuntimeException e) {
        answer = "failed " + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
      }
      System.out.println("@ " + answer);
    }
  }

  // ---- time

  /** Median ns of a run, where many are queued and waited for together. */
  private static double measure(Runnable run) {
    int count = 1;
    long end = System.nanoTime() + 500_000_000L;
    do {
      if (batch(run, count) * count < 1e7 && count < 1 << 14) {
        count *= 2;
      }
    } while (System.nanoTime() < end);
    double[] ns = new double[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
      ns[i] = batch(run, count);
    }
    return Figures.median(ns);
  }

  private static double batch(Runnable run, int count) {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      run.run();
    }
    GPU.synchronize();
    return (System.nanoTime() - start) / (double) count;
  }

  /** Median ns until a run is queued: nobody waits for the device meanwhile. */
  private static double enqueue(Runnable run) {
    double[] ns = new double[10 * BATCHES];
    for (int i = -20 * BATCHES; i < ns.length; i++) {
      long start = System.nanoTime();
      for (int k = 0; k < ENQUEUED; k++) {
        run.run();
      }
      long done = System.nanoTime();
      GPU.synchronize();
      ns[Math.max(i, 0)] = (done - start) / (double) ENQUEUED;
    }
    return Figures.median(ns);
  }

  // ---- work

  private static Tensor filled(double low, double high, long... dims) {
    return Tensor.zeros(1).to(GPU).expand(dims).contiguous().uniform_(low, high);
  }

  private static Tensor classes(long n, long bound) {
    return filled(0, 1, n).mul(bound).floor().toLong().clamp(0, bound - 1);
  }

  /** The body in a scope, which frees its results at once. */
  private static Runnable scoped(Runnable body) {
    return () -> {
      try (var scope = Scope.open()) {
        body.run();
      }
    };
  }

  private static Runnable gradient(Tensor y, Tensor... inputs) {
    Tensor g = y.dim() == 0 ? Tensor.ones().to(GPU) : filled(-1, 1, y.shape().toArray());
    return scoped(() -> Autograd.grad(List.of(y), List.of(inputs), List.of(g), true, false));
  }

  private static Runnable prepare(String kind, String dtype, long[] dims) {
    switch (kind) {
      case "step":
        return step(dims);
      case "latency":
        return latency(dims);
      case "matmul":
        return matmul(dtype, dims[0]);
      case "upload":
        Tensor here = Tensor.zeros(dims);
        return scoped(() -> here.to(GPU));
      case "adam":
        return adam(dims[0]);
      case "gather", "scatter-add":
        return rows(kind, dims);
      default:
        return onElements(kind, filled(-2, 2, dims), dims);
    }
  }

  private static Runnable onElements(String kind, Tensor x, long[] dims) {
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
      case "enqueue" -> () -> x.relu().close();
      case "exp" -> scoped(x::exp);
      case "gelu" -> scoped(x::gelu);
      case "sum" -> scoped(x::sum);
      case "sum-columns" -> scoped(() -> x.sum(0));
      case "transpose" -> scoped(() -> x.t().contiguous());
      case "uniform" -> () -> x.uniform_(0, 1);
      case "normal" -> () -> x.normal_(0, 1);
      case "download" -> {
        Device cpu = Device.cpu();
        yield scoped(() -> x.to(cpu));
      }
      case "softmax" -> scoped(() -> x.softmax(-1));
      case "softmax-backward" -> gradient(x.requiresGrad_().softmax(-1), x);
      case "cross-entropy" -> {
        Tensor y = classes(dims[0], columns);
        yield scoped(() -> crossEntropy(x, y));
      }
      case "cross-entropy-backward" ->
          gradient(crossEntropy(x.requiresGrad_(), classes(dims[0], columns)), x);
      case "layer-norm" -> {
        Tensor w = filled(0, 1, columns);
        yield scoped(() -> x.layerNorm(last, w, w, 1e-5));
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

  private static Runnable rows(String kind, long[] dims) {
    Tensor table = filled(-2, 2, dims[0], dims[1]);
    Tensor index = classes(dims[2], dims[0]);
    if (kind.equals("gather")) {
      return scoped(() -> table.indexSelect(0, index));
    }
    Tensor added = filled(-2, 2, dims[2], dims[1]);
    return scoped(() -> table.indexAdd(0, index, added));
  }

  private static Runnable matmul(String dtype, long n) {
    DType type = dtype.equals("bfloat16") ? DType.BFLOAT16 : DType.FLOAT32;
    Tensor a = filled(-1, 1, n, n).to(type);
    Tensor b = filled(-1, 1, n, n).to(type);
    return scoped(() -> a.matmul(b));
  }

  private static Runnable adam(long n) {
    Tensor p = filled(-1, 1, n).requiresGrad_();
    p.setGrad(filled(-1, 1, n));
    Adam adam = new Adam(List.of(p), 1e-3);
    return adam::step;
  }

  private static Sequential model(long[] dims) {
    Sequential model = new Sequential();
    for (int i = 1; i + 1 < dims.length; i++) {
      model.add(new Linear(dims[i], dims[i + 1]));
      if (i + 2 < dims.length) {
        model.add(new ReLU());
      }
    }
    model.to(GPU);
    return model;
  }

  /** A training step whose loss nobody reads. */
  private static Runnable step(long[] dims) {
    Sequential model = model(dims);
    SGD optimizer = new SGD(model.parameters(), 0.01).momentum(0.9);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    Tensor x = filled(0, 1, dims[0], dims[1]);
    Tensor y = classes(dims[0], dims[dims.length - 1]);
    return scoped(
        () -> {
          optimizer.zeroGrad();
          criterion.call(model.call(x), y).backward();
          optimizer.step();
        });
  }

  /** One row in, and one number of the result read. */
  private static Runnable latency(long[] dims) {
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
