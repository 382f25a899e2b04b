package dev.flambeau.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * No library: loops over arrays that the JIT vectorizes, in buffers used again. What a tiny model
 * costs at least; on one thread, without autograd.
 */
public final class PlainJava implements Engine {
  private static final double MOST_FLOPS = 2.0 * 256 * 256 * 256;

  @Override
  public void start(int threads) {
    if (threads != 1) {
      throw new UnsupportedOperationException("one thread only");
    }
  }

  @Override
  public String about() {
    return "Java " + Runtime.version() + ", loops over arrays";
  }

  @Override
  public Task train(Net net, boolean release) {
    if (net.stepFlops() > 10 * MOST_FLOPS) {
      throw new UnsupportedOperationException("not for products of this size");
    }
    Loops loops = new Loops(net, net.batch());
    return new Task() {
      private float loss;

      @Override
      public void run() {
        loss = loops.step();
      }

      @Override
      public float[] result() {
        return new float[] {loss};
      }
    };
  }

  @Override
  public Task infer(Net net, int rows) {
    if (net.forwardFlops(rows) > 10 * MOST_FLOPS) {
      throw new UnsupportedOperationException("not for products of this size");
    }
    Loops loops = new Loops(net, rows);
    return new Result(() -> loops.forward(false));
  }

  /** A net whose weights lie as (in, out): all inner loops run along the outputs. */
  private static final class Loops {
    private final Net net;
    private final int rows;
    private final float[][] w;
    private final float[][] b;
    private final float[][] vw;
    private final float[][] vb;
    private final float[][] gw;
    private final float[][] gb;
    private final float[][] act;
    private final float[][] grad;
    private final float[] target;
    private final SplittableRandom random = new SplittableRandom(1);

    Loops(Net net, int rows) {
      this.net = net;
      this.rows = rows;
      int n = net.layers();
      w = new float[n][];
      b = new float[n][];
      vw = new float[n][];
      vb = new float[n][];
      gw = new float[n][];
      gb = new float[n][];
      act = new float[n + 1][];
      grad = new float[n + 1][];
      act[0] = net.inputs(rows);
      for (int l = 0; l < n; l++) {
        int out = net.widths()[l + 1];
        w[l] = transposed(net.weight(l), out, net.widths()[l]);
        b[l] = net.bias(l);
        vw[l] = new float[w[l].length];
        gw[l] = new float[w[l].length];
        vb[l] = new float[out];
        gb[l] = new float[out];
        act[l + 1] = new float[rows * out];
        grad[l + 1] = new float[rows * out];
      }
      target = net.targets();
    }

    float[] forward(boolean training) {
      for (int l = 0; l < w.length; l++) {
        int out = net.widths()[l + 1];
        float[] y = act[l + 1];
        for (int r = 0; r < rows; r++) {
          System.arraycopy(b[l], 0, y, r * out, out);
        }
        addProduct(act[l], w[l], y, rows, net.widths()[l], out);
        if (l < w.length - 1) {
          for (int i = 0; i < y.length; i++) {
            y[i] = Math.max(0, y[i]);
          }
          if (training && net.dropout() > 0) {
            drop(y);
          }
        }
      }
      return act[w.length];
    }

    private void drop(float[] y) {
      float scale = 1 / (1 - net.dropout());
      for (int i = 0; i < y.length; i++) {
        y[i] = random.nextDouble() < net.dropout() ? 0 : y[i] * scale;
      }
    }

    float step() {
      float[] y = forward(true);
      float[] g = grad[w.length];
      float loss = net.mse() ? squares(y, g) : crossEntropy(y, g);
      for (int l = w.length - 1; l >= 0; l--) {
        backward(l);
        update(w[l], vw[l], gw[l]);
        update(b[l], vb[l], gb[l]);
      }
      return loss;
    }

    private float squares(float[] y, float[] g) {
      float loss = 0;
      for (int i = 0; i < y.length; i++) {
        float d = y[i] - target[i];
        loss += d * d / y.length;
        g[i] = 2 * d / y.length;
      }
      return loss;
    }

    private float crossEntropy(float[] y, float[] g) {
      int k = net.out();
      float loss = 0;
      for (int from = 0; from < y.length; from += k) {
        float z = 0;
        for (int i = from; i < from + k; i++) {
          g[i] = (float) Math.exp(y[i]);
          z += g[i];
        }
        float logZ = (float) Math.log(z);
        for (int i = from; i < from + k; i++) {
          loss += target[i] * (logZ - y[i]) / rows;
          g[i] = (g[i] / z - target[i]) / rows;
        }
      }
      return loss;
    }

    private void backward(int l) {
      int in = net.widths()[l];
      int out = net.widths()[l + 1];
      float[] g = grad[l + 1];
      Arrays.fill(gw[l], 0);
      Arrays.fill(gb[l], 0);
      for (int r = 0; r < rows; r++) {
        for (int k = 0; k < in; k++) {
          float x = act[l][r * in + k];
          for (int o = 0; o < out; o++) {
            gw[l][k * out + o] += x * g[r * out + o];
          }
        }
        for (int o = 0; o < out; o++) {
          gb[l][o] += g[r * out + o];
        }
      }
      float scale = net.dropout() > 0 ? 1 / (1 - net.dropout()) : 1;
      for (int i = 0; l > 0 && i < rows * in; i++) {
        float s = 0;
        if (act[l][i] > 0) {
          for (int o = 0; o < out; o++) {
            s += w[l][i % in * out + o] * g[i / in * out + o];
          }
        }
        grad[l][i] = s * scale;
      }
    }

    private static void update(float[] p, float[] v, float[] g) {
      for (int i = 0; i < p.length; i++) {
        v[i] = Net.MOMENTUM * v[i] + g[i];
        p[i] -= Net.RATE * v[i];
      }
    }
  }

  /** c += a b. */
  private static void addProduct(float[] a, float[] b, float[] c, int m, int k, int n) {
    for (int r = 0; r < m; r++) {
      for (int i = 0; i < k; i++) {
        float x = a[r * k + i];
        for (int j = 0; j < n; j++) {
          c[r * n + j] += x * b[i * n + j];
        }
      }
    }
  }

  private static float[] transposed(float[] a, int rows, int columns) {
    float[] t = new float[a.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        t[c * rows + r] = a[r * columns + c];
      }
    }
    return t;
  }

  @Override
  public Task op(Op op) {
    if (op.flops() > MOST_FLOPS) {
      throw new UnsupportedOperationException("not for products of this size");
    }
    float[] a = op.a();
    float[] b = op.b();
    int[] d = op.dims();
    return new Result(
        switch (op.kind()) {
          case ADD ->
              () -> {
                float[] y = new float[a.length];
                for (int i = 0; i < y.length; i++) {
                  y[i] = a[i] + b[i];
                }
                return y;
              };
          case MUL ->
              () -> {
                float[] y = new float[a.length];
                for (int i = 0; i < y.length; i++) {
                  y[i] = a[i] * b[i];
                }
                return y;
              };
          case RELU ->
              () -> {
                float[] y = new float[a.length];
                for (int i = 0; i < y.length; i++) {
                  y[i] = Math.max(0, a[i]);
                }
                return y;
              };
          case EXP ->
              () -> {
                float[] y = new float[a.length];
                for (int i = 0; i < y.length; i++) {
                  y[i] = (float) Math.exp(a[i]);
                }
                return y;
              };
          case ADD_ROW ->
              () -> {
                float[] y = new float[a.length];
                for (int from = 0; from < y.length; from += d[1]) {
                  for (int j = 0; j < d[1]; j++) {
                    y[from + j] = a[from + j] + b[j];
                  }
                }
                return y;
              };
          case TRANSPOSE_COPY -> () -> transposed(a, d[0], d[1]);
          case MATMUL ->
              () -> {
                float[] y = new float[d[0] * d[2]];
                addProduct(a, b, y, d[0], d[1], d[2]);
                return y;
              };
          case CREATE -> a::clone;
          default -> throw new UnsupportedOperationException("a library's work, not a loop's");
        });
  }

  private static final class Result implements Task {
    private final Supplier<float[]> body;
    private float[] last;

    Result(Supplier<float[]> body) {
      this.body = body;
    }

    @Override
    public void run() {
      last = body.get();
    }

    @Override
    public float[] result() {
      return last;
    }
  }
}
