package dev.flambeau.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is right, in plain Java and 64 bits: the measure of every peer's results. */
final class Reference {
  private final Map<String, List<double[]>> known = new HashMap<>();

  /**
   * The loss of the second step: with momentum as PyTorch has it, and as Nesterov has it, the only
   * one that DL4J offers.
   */
  List<double[]> losses(Net net) {
    return known.computeIfAbsent(
        "losses of " + net.name(),
        key -> {
          List<double[]> losses = new ArrayList<>();
          for (boolean nesterov : new boolean[] {false, true}) {
            Perceptron p = new Perceptron(net, net.batch());
            p.step(nesterov);
            losses.add(new double[] {p.step(nesterov)});
          }
          return losses;
        });
  }

  /** The output of a forward pass. */
  List<double[]> output(Net net, int rows) {
    return known.computeIfAbsent(
        "output of " + net.name() + " for " + rows,
        key -> {
          double[] y = new Perceptron(net, rows).forward();
          double[] probes = new double[Math.min(64, y.length)];
          Arrays.setAll(probes, i -> y[Work.probe(i, y.length)]);
          return List.of(probes);
        });
  }

  /** The result of an operation. */
  List<double[]> op(Op op) {
    return known.computeIfAbsent(
        op.name(),
        key -> {
          float[] a = op.a();
          float[] b = op.b();
          int size = op.resultSize();
          double[] probes = new double[Math.min(64, size)];
          Arrays.setAll(probes, i -> element(op, a, b, Work.probe(i, size)));
          return List.of(probes);
        });
  }

  /** Element {@code i} of the row-major result. */
  private static double element(Op op, float[] a, float[] b, int i) {
    int[] d = op.dims();
    int columns = d.length > 1 ? d[1] : 1;
    int row = i / columns * columns;
    return switch (op.kind()) {
      case ADD -> a[i] + (double) b[i];
      case MUL -> a[i] * (double) b[i];
      case RELU -> Math.max(0, a[i]);
      case SIGMOID -> 1 / (1 + Math.exp(-a[i]));
      case TANH -> Math.tanh(a[i]);
      case EXP -> Math.exp(a[i]);
      case GELU -> 0.5 * a[i] * (1 + erf(a[i] / Math.sqrt(2)));
      case SUM -> sum(a, 0, a.length);
      case MEAN -> sum(a, 0, a.length) / a.length;
      case SUM_LAST -> sum(a, i * columns, columns);
      case MEAN_LAST -> sum(a, i * columns, columns) / columns;
      case ADD_ROW -> a[i] + (double) b[i % columns];
      case TRANSPOSE_COPY -> a[i % d[0] * columns + i / d[0]];
      case SOFTMAX -> Math.exp(a[i]) / sumOfExp(a, row, columns);
      case LOG_SOFTMAX -> a[i] - Math.log(sumOfExp(a, row, columns));
      case LAYER_NORM -> normalized(a, row, columns, i);
      case MATMUL, MATMUL_NT, MATMUL_TN -> product(op, a, b, i / d[2], i % d[2]);
      case CREATE -> a[i];
    };
  }

  private static double product(Op op, float[] a, float[] b, int row, int column) {
    int m = op.dims()[0];
    int k = op.dims()[1];
    int n = op.dims()[2];
    double s = 0;
    for (int j = 0; j < k; j++) {
      double x = op.kind() == Op.Kind.MATMUL_TN ? a[j * m + row] : a[row * k + j];
      s += x * (op.kind() == Op.Kind.MATMUL_NT ? b[column * k + j] : b[j * n + column]);
    }
    return s;
  }

  private static double normalized(float[] a, int row, int columns, int i) {
    double mean = sum(a, row, columns) / columns;
    double squares = 0;
    for (int j = row; j < row + columns; j++) {
      squares += (a[j] - mean) * (a[j] - mean);
    }
    return (a[i] - mean) / Math.sqrt(squares / columns + 1e-5);
  }

  private static double sum(float[] x, int from, int n) {
    double s = 0;
    for (int i = from; i < from + n; i++) {
      s += x[i];
    }
    return s;
  }

  private static double sumOfExp(float[] x, int from, int n) {
    double s = 0;
    for (int i = from; i < from + n; i++) {
      s += Math.exp(x[i]);
    }
    return s;
  }

  /** The Taylor series: arguments here are within 1.5. */
  private static double erf(double x) {
    double term = x;
    double s = x;
    for (int n = 1; n < 40; n++) {
      term *= -x * x / n;
      s += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * s;
  }

  /** A net, trained by gradients written out by hand; dropout is left out. */
  private static final class Perceptron {
    private final Net net;
    private final int rows;
    private final double[][] weight;
    private final double[][] bias;
    private final double[][] weightSpeed;
    private final double[][] biasSpeed;
    private final double[][] act;

    Perceptron(Net net, int rows) {
      this.net = net;
      this.rows = rows;
      int n = net.layers();
      weight = new double[n][];
      bias = new double[n][];
      weightSpeed = new double[n][];
      biasSpeed = new double[n][];
      act = new double[n + 1][];
      for (int l = 0; l < n; l++) {
        weight[l] = doubles(net.weight(l));
        bias[l] = doubles(net.bias(l));
        weightSpeed[l] = new double[weight[l].length];
        biasSpeed[l] = new double[bias[l].length];
      }
      act[0] = doubles(net.inputs(rows));
    }

    double[] forward() {
      for (int l = 0; l < net.layers(); l++) {
        int in = net.widths()[l];
        int out = net.widths()[l + 1];
        double[] y = new double[rows * out];
        for (int i = 0; i < y.length; i++) {
          double s = bias[l][i % out] + dot(act[l], i / out * in, weight[l], i % out * in, in);
          y[i] = l < net.layers() - 1 ? Math.max(0, s) : s;
        }
        act[l + 1] = y;
      }
      return act[net.layers()];
    }

    /** Four sums side by side: the machine adds them at once. */
    private static double dot(double[] a, int ai, double[] b, int bi, int n) {
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int j = 0;
      for (; j + 3 < n; j += 4) {
        s0 += a[ai + j] * b[bi + j];
        s1 += a[ai + j + 1] * b[bi + j + 1];
        s2 += a[ai + j + 2] * b[bi + j + 2];
        s3 += a[ai + j + 3] * b[bi + j + 3];
      }
      for (; j < n; j++) {
        s0 += a[ai + j] * b[bi + j];
      }
      return s0 + s1 + s2 + s3;
    }

    double step(boolean nesterov) {
      double[] y = forward();
      double[] g = new double[y.length];
      double loss = lossAndGradient(y, g);
      for (int l = net.layers() - 1; l >= 0; l--) {
        g = backward(l, g, nesterov);
      }
      return loss;
    }

    private double lossAndGradient(double[] y, double[] g) {
      float[] target = net.targets();
      int k = net.out();
      double loss = 0;
      for (int r = 0; r < rows; r++) {
        double z = 0;
        for (int i = r * k; i < (r + 1) * k; i++) {
          z += Math.exp(y[i]);
        }
        for (int i = r * k; i < (r + 1) * k; i++) {
          double d = y[i] - target[i];
          loss += net.mse() ? d * d / y.length : target[i] * (Math.log(z) - y[i]) / rows;
          g[i] = net.mse() ? 2 * d / y.length : (Math.exp(y[i]) / z - target[i]) / rows;
        }
      }
      return loss;
    }

    private double[] backward(int l, double[] g, boolean nesterov) {
      int in = net.widths()[l];
      int out = net.widths()[l + 1];
      double[] w = weight[l];
      double[] x = act[l];
      double[] gw = new double[w.length];
      double[] gb = new double[out];
      double[] gx = new double[rows * in];
      for (int i = 0; i < g.length; i++) {
        if (l == net.layers() - 1 || act[l + 1][i] > 0) {
          int wi = i % out * in;
          int xi = i / out * in;
          double gi = g[i];
          gb[i % out] += gi;
          for (int j = 0; j < in; j++) {
            gw[wi + j] += gi * x[xi + j];
            gx[xi + j] += gi * w[wi + j];
          }
        }
      }
      update(w, weightSpeed[l], gw, nesterov);
      update(bias[l], biasSpeed[l], gb, nesterov);
      return gx;
    }

    private static void update(double[] p, double[] v, double[] g, boolean nesterov) {
      for (int i = 0; i < p.length; i++) {
        v[i] = Net.MOMENTUM * v[i] + g[i];
        p[i] -= Net.RATE * (nesterov ? Net.MOMENTUM * v[i] + g[i] : v[i]);
      }
    }

    private static double[] doubles(float[] x) {
      double[] d = new double[x.length];
      Arrays.setAll(d, i -> x[i]);
      return d;
    }
  }
}
