package dev.flambeau.bench.nd4j;

import dev.flambeau.bench.Engine;
import dev.flambeau.bench.Net;
import dev.flambeau.bench.Op;
import dev.flambeau.bench.Task;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.LayerNorm;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** ND4J for operations, Deeplearning4j for models; the only momentum there is Nesterov's. */
public final class Nd4jEngine implements Engine {
  private boolean collects;

  @Override
  public void start(int threads) {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
    var environment = Nd4j.getEnvironment();
    environment.setMaxThreads(threads);
    environment.setMaxMasterThreads(threads);
    // What is measured is closed, or in a workspace: no collections besides.
    collects = Nd4j.getMemoryManager().isPeriodicGcActive();
    Nd4j.getMemoryManager().togglePeriodicGc(false);
  }

  @Override
  public String about() {
    String jar = Nd4j.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceAll(".*/|\\.jar$", "")
        + ", "
        + System.getProperty("org.bytedeco.javacpp.platform.extension", "")
        + ", BLAS "
        + Nd4j.factory().blas().getBlasVendor();
  }

  private static MultiLayerNetwork network(Net net, boolean inference) {
    var list =
        new NeuralNetConfiguration.Builder()
            .updater(new Nesterovs(Net.RATE, Net.MOMENTUM))
            .dataType(DataType.FLOAT)
            .list();
    // Dropout here acts on a layer's input, and is told what to keep.
    double keep = net.dropout() > 0 ? 1 - net.dropout() : 0;
    int last = net.layers() - 1;
    for (int l = 0; l < last; l++) {
      list.layer(
          new DenseLayer.Builder()
              .nIn(net.widths()[l])
              .nOut(net.widths()[l + 1])
              .activation(Activation.RELU)
              .dropOut(l > 0 ? keep : 0)
              .build());
    }
    boolean identity = inference || net.mse();
    list.layer(
        new OutputLayer.Builder(identity ? LossFunction.MSE : LossFunction.MCXENT)
            .nIn(net.widths()[last])
            .nOut(net.out())
            .activation(identity ? Activation.IDENTITY : Activation.SOFTMAX)
            .dropOut(keep)
            .build());
    MultiLayerNetwork network = new MultiLayerNetwork(list.build());
    network.init();
    for (int l = 0; l <= last; l++) {
      int out = net.widths()[l + 1];
      network.setParam(l + "_W", array(net.weight(l), out, net.widths()[l]).transpose());
      network.setParam(l + "_b", array(net.bias(l), 1, out));
    }
    return network;
  }

  private static INDArray array(float[] values, long... shape) {
    return Nd4j.createFromArray(values).reshape(shape);
  }

  @Override
  public Task train(Net net, boolean release) {
    if (!release) {
      Nd4j.getMemoryManager().togglePeriodicGc(collects);
    }
    MultiLayerNetwork network = network(net, false);
    INDArray x = array(net.inputs(net.batch()), net.batch(), net.in());
    INDArray y = array(net.targets(), net.batch(), net.out());
    return new Task() {
      @Override
      public void run() {
        network.fit(x, y);
      }

      @Override
      public float[] result() {
        return new float[] {(float) network.score()};
      }
    };
  }

  @Override
  public Task infer(Net net, int rows) {
    MultiLayerNetwork network = network(net, true);
    INDArray x = array(net.inputs(rows), rows, net.in());
    return new Result(() -> network.output(x));
  }

  @Override
  public Task op(Op op) {
    if (op.kind() == Op.Kind.CREATE) {
      float[] values = op.a();
      return new Result(() -> Nd4j.createFromArray(values));
    }
    INDArray a = array(op.a(), op.shapeA());
    INDArray b = op.shapeB() == null ? null : array(op.b(), op.shapeB());
    return new Result(
        switch (op.kind()) {
          case ADD -> () -> a.add(b);
          case ADD_ROW -> () -> a.addRowVector(b);
          case MUL -> () -> a.mul(b);
          case RELU -> () -> Transforms.relu(a, true);
          case SIGMOID -> () -> Transforms.sigmoid(a, true);
          case TANH -> () -> Transforms.tanh(a, true);
          case EXP -> () -> Transforms.exp(a, true);
          case GELU -> () -> Nd4j.nn().gelu(a);
          case SUM -> a::sum;
          case MEAN -> a::mean;
          case SUM_LAST -> () -> a.sum(1);
          case MEAN_LAST -> () -> a.mean(1);
          case SOFTMAX -> () -> Nd4j.nn().softmax(a);
          case LOG_SOFTMAX -> () -> Nd4j.nn().logSoftmax(a);
          case LAYER_NORM -> {
            INDArray gain = Nd4j.ones(op.dims()[1]);
            INDArray bias = Nd4j.zeros(op.dims()[1]);
            // Nd4j.nn().layerNorm() takes the bias for the result, and throws.
            yield () -> {
              INDArray result = Nd4j.createUninitialized(op.shapeA());
              Nd4j.exec(new LayerNorm(a, gain, bias, result, true, 1));
              return result;
            };
          }
          case TRANSPOSE_COPY -> () -> a.transpose().dup('c');
          case MATMUL -> () -> a.mmul(b);
          case MATMUL_NT -> {
            INDArray t = b.transpose();
            yield () -> a.mmul(t);
          }
          case MATMUL_TN -> {
            INDArray t = a.transpose();
            yield () -> t.mmul(b);
          }
          case CREATE -> throw new AssertionError();
        });
  }

  private record Result(Supplier<INDArray> body) implements Task {
    @Override
    public void run() {
      body.get().close();
    }

    @Override
    public float[] result() {
      return body.get().dup('c').reshape(-1).toFloatVector();
    }
  }
}
