package dev.flambeau.bench.libtorch;

import dev.flambeau.bench.Engine;
import dev.flambeau.bench.Net;
import dev.flambeau.bench.Op;
import dev.flambeau.bench.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** libtorch through JavaCPP's presets, with the BLAS that the JVM's options choose. */
public final class LibtorchEngine implements Engine {
  @Override
  public void start(int threads) {
    torch.set_num_threads(threads);
  }

  @Override
  public String about() {
    String jar = Tensor.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceAll(".*/|\\.jar$", "")
        + ", "
        + torch.get_cpu_capability().getString()
        + ", BLAS "
        + Loader.load(openblas.class).replaceAll(".*/", "");
  }

  private static final class Model extends Module {
    private final List<LinearImpl> linear = new ArrayList<>();
    private final DropoutImpl dropout;

    Model(Net net) {
      for (int l = 0; l < net.layers(); l++) {
        int in = net.widths()[l];
        int out = net.widths()[l + 1];
        LinearImpl layer = register_module("fc" + l, new LinearImpl(in, out));
        linear.add(layer);
        try (PointerScope scope = new PointerScope();
            NoGradGuard guard = new NoGradGuard()) {
          layer.weight().copy_(Tensor.create(net.weight(l), out, in));
          layer.bias().copy_(Tensor.create(net.bias(l), out));
        }
      }
      boolean drops = net.dropout() > 0;
      dropout = drops ? register_module("dropout", new DropoutImpl(net.dropout())) : null;
    }

    Tensor forward(Tensor input) {
      Tensor x = input;
      for (LinearImpl layer : linear.subList(0, linear.size() - 1)) {
        x = layer.forward(x).relu();
        if (dropout != null) {
          x = dropout.forward(x);
        }
      }
      return linear.get(linear.size() - 1).forward(x);
    }
  }

  @Override
  public Task train(Net net, boolean release) {
    return new Training(net, release);
  }

  private static final class Training implements Task {
    private final Model model;
    private final SGD optimizer;
    private final Tensor x;
    private final Tensor y;
    private final boolean mse;
    private final boolean release;
    private float loss;

    Training(Net net, boolean release) {
      this.release = release;
      mse = net.mse();
      model = new Model(net);
      SGDOptions options = new SGDOptions(Net.RATE);
      options.momentum().put(Net.MOMENTUM);
      optimizer = new SGD(model.parameters(), options);
      x = Tensor.create(net.inputs(net.batch()), net.batch(), net.in());
      y =
          mse
              ? Tensor.create(net.targets(), net.batch(), net.out())
              : Tensor.create(net.classes(), net.batch());
    }

    @Override
    public void run() {
      if (release) {
        try (PointerScope scope = new PointerScope()) {
          step();
        }
      } else {
        step();
      }
    }

    private void step() {
      optimizer.zero_grad();
      Tensor out = model.forward(x);
      Tensor l = mse ? torch.mse_loss(out, y) : torch.cross_entropy(out, y);
      l.backward();
      optimizer.step();
      loss = l.item_float();
    }

    @Override
    public float[] result() {
      return new float[] {loss};
    }
  }

  @Override
  public Task infer(Net net, int rows) {
    Model model = new Model(net);
    model.eval();
    Tensor x = Tensor.create(net.inputs(rows), rows, net.in());
    return new Task() {
      @Override
      public void run() {
        try (PointerScope scope = new PointerScope();
            NoGradGuard guard = new NoGradGuard()) {
          model.forward(x);
        }
      }

      @Override
      public float[] result() {
        try (PointerScope scope = new PointerScope();
            NoGradGuard guard = new NoGradGuard()) {
          return floats(model.forward(x));
        }
      }
    };
  }

  @Override
  public Task op(Op op) {
    if (op.kind() == Op.Kind.CREATE) {
      float[] values = op.a();
      return new Result(() -> Tensor.create(values, op.dims()[0]));
    }
    Tensor a = Tensor.create(op.a(), op.shapeA());
    Tensor b = op.shapeB() == null ? null : Tensor.create(op.b(), op.shapeB());
    long[] last = {-1};
    return new Result(
        switch (op.kind()) {
          case ADD, ADD_ROW -> () -> a.add(b);
          case MUL -> () -> a.mul(b);
          case RELU -> a::relu;
          case SIGMOID -> a::sigmoid;
          case TANH -> a::tanh;
          case EXP -> a::exp;
          case GELU -> () -> torch.gelu(a);
          case SUM -> a::sum;
          case MEAN -> a::mean;
          case SUM_LAST -> () -> a.sum(last);
          case MEAN_LAST -> () -> a.mean(last);
          case SOFTMAX -> () -> a.softmax(-1);
          case LOG_SOFTMAX -> () -> a.log_softmax(-1);
          case LAYER_NORM -> () -> torch.layer_norm(a, op.dims()[1]);
          case TRANSPOSE_COPY ->
              () -> {
                try (Tensor t = a.t()) {
                  return t.contiguous();
                }
              };
          case MATMUL -> () -> torch.matmul(a, b);
          case MATMUL_NT -> {
            Tensor t = b.t();
            yield () -> torch.matmul(a, t);
          }
          case MATMUL_TN -> {
            Tensor t = a.t();
            yield () -> torch.matmul(t, b);
          }
          case CREATE -> throw new AssertionError();
        });
  }

  private record Result(Supplier<Tensor> body) implements Task {
    @Override
    public void run() {
      body.get().close();
    }

    @Override
    public float[] result() {
      try (Tensor t = body.get()) {
        return floats(t);
      }
    }
  }

  private static float[] floats(Tensor t) {
    float[] x = new float[(int) t.numel()];
    t.data_ptr_float().get(x);
    return x;
  }
}
