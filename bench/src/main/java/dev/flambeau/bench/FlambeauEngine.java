package dev.flambeau.bench;

import dev.flambeau.Autograd;
import dev.flambeau.Backends;
import dev.flambeau.Flambeau;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.Loss;
import dev.flambeau.nn.MSELoss;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import java.util.function.Supplier;

/** Flambeau itself. */
public final class FlambeauEngine implements Engine {
  @Override
  public void start(int threads) {
    Flambeau.setNumThreads(threads);
  }

  @Override
  public String about() {
    return "Flambeau " + Flambeau.version() + "; " + Backends.report().strip().replace('\n', ' ');
  }

  private static Sequential model(Net net) {
    Sequential model = new Sequential();
    for (int l = 0; l < net.layers(); l++) {
      Linear linear = new Linear(net.widths()[l], net.widths()[l + 1]);
      try (var ng = Autograd.noGrad()) {
        linear.weight.copy_(matrix(net.weight(l), linear.weight.shape().toArray()));
        linear.bias.copy_(Tensor.of(net.bias(l)));
      }
      model.add(linear);
      if (l < net.layers() - 1) {
        model.add(new ReLU());
        if (net.dropout() > 0) {
          model.add(new Dropout(net.dropout()));
        }
      }
    }
    return model;
  }

  private static Tensor matrix(float[] values, long... shape) {
    return Tensor.of(values).reshape(shape);
  }

  @Override
  public Task train(Net net, boolean release) {
    return new Training(net, release);
  }

  private static final class Training implements Task {
    private final Sequential model;
    private final Loss criterion;
    private final SGD optimizer;
    private final Tensor x;
    private final Tensor y;
    private final boolean release;
    private double loss;

    Training(Net net, boolean release) {
      this.release = release;
      model = model(net);
      criterion = net.mse() ? new MSELoss() : new CrossEntropyLoss();
      optimizer = new SGD(model.parameters(), Net.RATE).momentum(Net.MOMENTUM);
      x = matrix(net.inputs(net.batch()), net.batch(), net.in());
      y = net.mse() ? matrix(net.targets(), net.batch(), net.out()) : Tensor.of(net.classes());
    }

    @Override
    public void run() {
      if (release) {
        try (var s = Scope.open()) {
          step();
        }
      } else {
        step();
      }
    }

    private void step() {
      optimizer.zeroGrad();
      Tensor l = criterion.call(model.call(x), y);
      l.backward();
      optimizer.step();
      loss = l.item();
    }

    @Override
    public float[] result() {
      return new float[] {(float) loss};
    }
  }

  @Override
  public Task infer(Net net, int rows) {
    Sequential model = model(net);
    model.eval();
    Tensor x = matrix(net.inputs(rows), rows, net.in());
    return new Result(
        () -> {
          try (var ng = Autograd.noGrad()) {
            return model.call(x);
          }
        });
  }

  @Override
  public Task op(Op op) {
    if (op.kind() == Op.Kind.CREATE) {
      float[] values = op.a();
      return new Result(() -> Tensor.of(values));
    }
    Tensor a = matrix(op.a(), op.shapeA());
    Tensor b = op.shapeB() == null ? null : matrix(op.b(), op.shapeB());
    return new Result(
        switch (op.kind()) {
          case ADD, ADD_ROW -> () -> a.add(b);
          case MUL -> () -> a.mul(b);
          case RELU -> a::relu;
          case SIGMOID -> a::sigmoid;
          case TANH -> a::tanh;
          case EXP -> a::exp;
          case GELU -> a::gelu;
          case SUM -> a::sum;
          case MEAN -> a::mean;
          case SUM_LAST -> () -> a.sum(-1);
          case MEAN_LAST -> () -> a.mean(-1);
          case SOFTMAX -> () -> a.softmax(-1);
          case LOG_SOFTMAX -> () -> a.logSoftmax(-1);
          case LAYER_NORM -> {
            long[] last = {op.dims()[1]};
            yield () -> a.layerNorm(last, null, null, 1e-5);
          }
          case TRANSPOSE_COPY ->
              () -> {
                Tensor t = a.t();
                Tensor y = t.contiguous();
                t.close();
                return y;
              };
          case MATMUL -> () -> a.matmul(b);
          case MATMUL_NT -> {
            Tensor t = b.t();
            yield () -> a.matmul(t);
          }
          case MATMUL_TN -> {
            Tensor t = a.t();
            yield () -> t.matmul(b);
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
      Tensor t = body.get();
      float[] values = t.toFloatArray();
      t.close();
      return values;
    }
  }
}
