package dev.flambeau.bench.djl;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.flambeau.bench.Net;
import dev.flambeau.bench.Op;
import dev.flambeau.bench.Task;
import java.util.function.Supplier;

/** Deep Java Library with its PyTorch engine; the number of threads is an option of the JVM. */
public final class DjlEngine implements dev.flambeau.bench.Engine {
  private NDManager manager;

  @Override
  public void start(int threads) {
    manager = NDManager.newBaseManager();
    if (JniUtils.getNumThreads() != threads) {
      throw new IllegalStateException("DJL runs " + JniUtils.getNumThreads() + " threads");
    }
  }

  @Override
  public String about() {
    return "DJL " + Engine.getDjlVersion() + ", PyTorch " + Engine.getInstance().getVersion();
  }

  private static SequentialBlock block(Net net) {
    SequentialBlock block = new SequentialBlock();
    for (int l = 0; l < net.layers(); l++) {
      block.add(Linear.builder().setUnits(net.widths()[l + 1]).build());
      if (l < net.layers() - 1) {
        block.add(Activation.reluBlock());
        if (net.dropout() > 0) {
          block.add(Dropout.builder().optRate(net.dropout()).build());
        }
      }
    }
    return block;
  }

  private static void setWeights(Block block, Net net) {
    int l = 0;
    for (var child : block.getChildren().values()) {
      if (child instanceof Linear) {
        for (var p : child.getParameters()) {
          boolean weight = p.getValue().getType() == Parameter.Type.WEIGHT;
          p.getValue().getArray().set(weight ? net.weight(l) : net.bias(l));
        }
        l++;
      }
    }
  }

  @Override
  public Task train(Net net, boolean release) {
    return new Training(net, release);
  }

  private static final class Training implements Task {
    private final Model model;
    private final Trainer trainer;
    private final NDArray x;
    private final NDArray y;
    private final boolean release;
    private float loss;

    Training(Net net, boolean release) {
      this.release = release;
      model = Model.newInstance(net.name());
      model.setBlock(block(net));
      Loss criterion = net.mse() ? new L2Loss("mse", 1) : Loss.softmaxCrossEntropyLoss();
      Optimizer sgd =
          Optimizer.sgd()
              .setLearningRateTracker(Tracker.fixed(Net.RATE))
              .optMomentum(Net.MOMENTUM)
              .build();
      trainer = model.newTrainer(new DefaultTrainingConfig(criterion).optOptimizer(sgd));
      Shape shape = new Shape(net.batch(), net.in());
      trainer.initialize(shape);
      setWeights(model.getBlock(), net);
      NDManager data = trainer.getManager();
      x = data.create(net.inputs(net.batch()), shape);
      y =
          net.mse()
              ? data.create(net.targets(), new Shape(net.batch(), net.out()))
              : data.create(net.classes(), new Shape(net.batch()));
    }

    @Override
    public void run() {
      if (release) {
        try (NDManager scope = trainer.getManager().newSubManager()) {
          x.tempAttach(scope);
          y.tempAttach(scope);
          step();
        }
      } else {
        step();
      }
    }

    private void step() {
      try (GradientCollector gradients = trainer.newGradientCollector()) {
        NDList out = trainer.forward(new NDList(x));
        NDArray l = trainer.getLoss().evaluate(new NDList(y), out);
        gradients.backward(l);
        loss = l.getFloat();
      }
      trainer.step();
    }

    @Override
    public float[] result() {
      return new float[] {loss};
    }

    @Override
    public void close() {
      trainer.close();
      model.close();
    }
  }

  @Override
  public Task infer(Net net, int rows) {
    NDManager owner = manager.newSubManager();
    SequentialBlock block = block(net);
    Shape shape = new Shape(rows, net.in());
    block.initialize(owner, DataType.FLOAT32, shape);
    setWeights(block, net);
    NDArray x = owner.create(net.inputs(rows), shape);
    ParameterStore parameters = new ParameterStore(owner, false);
    return new Task() {
      @Override
      public void run() {
        try (NDManager scope = owner.newSubManager()) {
          x.tempAttach(scope);
          block.forward(parameters, new NDList(x), false);
        }
      }

      @Override
      public float[] result() {
        return block.forward(parameters, new NDList(x), false).head().toFloatArray();
      }

      @Override
      public void close() {
        owner.close();
      }
    };
  }

  @Override
  public Task op(Op op) {
    NDManager owner = manager.newSubManager();
    if (op.kind() == Op.Kind.CREATE) {
      float[] values = op.a();
      return new Result(owner, () -> owner.create(values));
    }
    NDArray a = owner.create(op.a(), new Shape(op.shapeA()));
    NDArray b = op.shapeB() == null ? null : owner.create(op.b(), new Shape(op.shapeB()));
    int[] last = {-1};
    return new Result(
        owner,
        switch (op.kind()) {
          case ADD, ADD_ROW -> () -> a.add(b);
          case MUL -> () -> a.mul(b);
          case RELU -> () -> Activation.relu(a);
          case SIGMOID -> () -> Activation.sigmoid(a);
          case TANH -> a::tanh;
          case EXP -> a::exp;
          case GELU -> () -> Activation.gelu(a);
          case SUM -> a::sum;
          case MEAN -> a::mean;
          case SUM_LAST -> () -> a.sum(last);
          case MEAN_LAST -> () -> a.mean(last);
          case SOFTMAX -> () -> a.softmax(-1);
          case LOG_SOFTMAX -> () -> a.logSoftmax(-1);
          case LAYER_NORM -> {
            Shape columns = new Shape(op.dims()[1]);
            NDArray gamma = owner.ones(columns);
            NDArray beta = owner.zeros(columns);
            yield () -> LayerNorm.layerNorm(a, columns, gamma, beta, 1e-5f).head();
          }
          case TRANSPOSE_COPY ->
              () -> {
                // duplicate() keeps the strides; reshape has to copy.
                try (NDArray t = a.transpose()) {
                  return t.reshape(-1);
                }
              };
          case MATMUL -> () -> a.matMul(b);
          case MATMUL_NT -> {
            NDArray t = b.transpose();
            yield () -> a.matMul(t);
          }
          case MATMUL_TN -> {
            NDArray t = a.transpose();
            yield () -> t.matMul(b);
          }
          case CREATE -> throw new AssertionError();
        });
  }

  private record Result(NDManager owner, Supplier<NDArray> body) implements Task {
    @Override
    public void run() {
      body.get().close();
    }

    @Override
    public float[] result() {
      try (NDArray t = body.get()) {
        return t.toFloatArray();
      }
    }

    @Override
    public void close() {
      owner.close();
    }
  }
}
