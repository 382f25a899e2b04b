package dev.flambeau.bench.smile;

import dev.flambeau.bench.Engine;
import dev.flambeau.bench.Net;
import dev.flambeau.bench.Op;
import dev.flambeau.bench.Task;
import java.util.ArrayList;
import java.util.List;
import smile.base.mlp.Layer;
import smile.base.mlp.LayerBuilder;
import smile.base.mlp.MultilayerPerceptron;
import smile.base.mlp.OutputFunction;
import smile.math.TimeFunction;

/**
 * Smile's perceptron: 64 bits, one thread, a row after the other. It draws its own weights and
 * tells no loss, so its results cannot be compared.
 */
public final class SmileEngine implements Engine {
  private static final int LARGEST = 64;

  @Override
  public void start(int threads) {
    if (threads != 1) {
      throw new UnsupportedOperationException("one thread only");
    }
  }

  @Override
  public String about() {
    String jar =
        MultilayerPerceptron.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceAll(".*/|\\.jar$", "") + ", 64 bits, results not compared";
  }

  @Override
  public Task train(Net net, boolean release) {
    if (net.in() > LARGEST) {
      throw new UnsupportedOperationException("for tiny models only");
    }
    double[][] x = rows(net.inputs(net.batch()), net.batch());
    if (net.mse()) {
      var model = new smile.regression.MLP(layers(net));
      configure(model);
      double[][] y = rows(net.targets(), net.batch());
      double[] targets = new double[y.length];
      for (int i = 0; i < y.length; i++) {
        targets[i] = y[i][0];
      }
      return new Step(() -> model.update(x, targets));
    }
    var model = new smile.classification.MLP(layers(net));
    configure(model);
    int[] classes = new int[net.batch()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (int) net.classes()[i];
    }
    return new Step(() -> model.update(x, classes));
  }

  private static void configure(MultilayerPerceptron model) {
    model.setLearningRate(TimeFunction.constant(Net.RATE));
    model.setMomentum(TimeFunction.constant(Net.MOMENTUM));
  }

  private static LayerBuilder[] layers(Net net) {
    List<LayerBuilder> layers = new ArrayList<>(List.of(Layer.input(net.in())));
    for (int l = 1; l < net.layers(); l++) {
      layers.add(Layer.rectifier(net.widths()[l], net.dropout()));
    }
    layers.add(
        net.mse()
            ? Layer.mse(net.out(), OutputFunction.LINEAR)
            : Layer.mle(net.out(), OutputFunction.SOFTMAX));
    return layers.toArray(LayerBuilder[]::new);
  }

  private static double[][] rows(float[] values, int count) {
    double[][] rows = new double[count][values.length / count];
    for (int i = 0; i < values.length; i++) {
      rows[i / rows[0].length][i % rows[0].length] = values[i];
    }
    return rows;
  }

  private record Step(Runnable body) implements Task {
    @Override
    public void run() {
      body.run();
    }

    @Override
    public float[] result() {
      return null;
    }
  }

  @Override
  public Task infer(Net net, int rows) {
    throw new UnsupportedOperationException("training only");
  }

  @Override
  public Task op(Op op) {
    throw new UnsupportedOperationException("no tensors");
  }
}
