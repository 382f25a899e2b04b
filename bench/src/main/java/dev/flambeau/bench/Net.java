package dev.flambeau.bench;

import java.util.List;

/**
 * A perceptron with ReLU between its linear layers, and its data.
 *
 * @param name A1 to A4
 * @param widths from input to output
 * @param dropout probability behind each ReLU; 0 for no dropout layer
 * @param mse mean squared error; false for cross-entropy
 * @param batch rows of a training step
 */
public record Net(String name, int[] widths, float dropout, boolean mse, int batch) {
  public static final float RATE = 0.01f;
  public static final float MOMENTUM = 0.9f;

  static final List<Net> ALL =
      List.of(
          new Net("A1", new int[] {4, 2, 1}, 0, true, 4),
          new Net("A2", new int[] {8, 16, 3}, 0.2f, false, 32),
          new Net("A3", new int[] {784, 128, 64, 10}, 0, false, 64),
          new Net("A4", new int[] {784, 1024, 1024, 10}, 0, false, 256));

  static Net named(String name) {
    return ALL.stream().filter(n -> n.name.equals(name)).findFirst().orElseThrow();
  }

  /** Number of linear layers. */
  public int layers() {
    return widths.length - 1;
  }

  /** Features of an input. */
  public int in() {
    return widths[0];
  }

  /** Features of an output; the number of classes for cross-entropy. */
  public int out() {
    return widths[layers()];
  }

  /** Weight of a layer, row-major (out, in). */
  public float[] weight(int layer) {
    double bound = 1 / Math.sqrt(widths[layer]);
    return Numbers.uniform(100 + layer, widths[layer] * widths[layer + 1], -bound, bound);
  }

  /** Bias of a layer. */
  public float[] bias(int layer) {
    double bound = 1 / Math.sqrt(widths[layer]);
    return Numbers.uniform(200 + layer, widths[layer + 1], -bound, bound);
  }

  /** Inputs, row-major (rows, in). */
  public float[] inputs(int rows) {
    return Numbers.uniform(300, rows * in(), 0, 1);
  }

  /** The class of each row of the batch. */
  public long[] classes() {
    float[] u = Numbers.uniform(400, batch, 0, 1);
    long[] classes = new long[batch];
    for (int i = 0; i < batch; i++) {
      classes[i] = Math.min(out() - 1, (int) (u[i] * out()));
    }
    return classes;
  }

  /** The targets (batch, out): numbers for the squared error, one-hot rows for cross-entropy. */
  public float[] targets() {
    if (mse) {
      return Numbers.uniform(500, batch * out(), 0, 1);
    }
    float[] rows = new float[batch * out()];
    long[] classes = classes();
    for (int i = 0; i < batch; i++) {
      rows[i * out() + (int) classes[i]] = 1;
    }
    return rows;
  }

  /** Floating-point operations in the products of a forward pass. */
  double forwardFlops(int rows) {
    double flops = 0;
    for (int l = 0; l < layers(); l++) {
      flops += 2.0 * rows * widths[l] * widths[l + 1];
    }
    return flops;
  }

  /** The same of a training step: the first layer's input needs no gradient. */
  double stepFlops() {
    return 3 * forwardFlops(batch) - 2.0 * batch * widths[0] * widths[1];
  }
}
