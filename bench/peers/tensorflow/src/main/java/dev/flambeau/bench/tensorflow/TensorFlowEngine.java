package dev.flambeau.bench.tensorflow;

import dev.flambeau.bench.Engine;
import dev.flambeau.bench.Net;
import dev.flambeau.bench.Op;
import dev.flambeau.bench.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.tensorflow.EagerSession;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.math.Mean;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** TensorFlow-Java: operations are eager; models are graphs, as eager mode has no gradients. */
public final class TensorFlowEngine implements Engine {
  private ConfigProto config;
  private Ops tf;

  @Override
  public void start(int threads) {
    config =
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(threads)
            .setInterOpParallelismThreads(threads)
            .build();
    tf = Ops.create(EagerSession.options().config(config).build());
  }

  @Override
  public String about() {
    return "TensorFlow " + TensorFlow.version();
  }

  private static TFloat32 tensor(float[] values, long... shape) {
    return TFloat32.tensorOf(Shape.of(shape), DataBuffers.of(values, true, false));
  }

  private static float[] floats(TFloat32 t) {
    float[] x = new float[(int) t.size()];
    t.copyTo(NdArrays.wrap(t.shape(), DataBuffers.of(x, false, false)));
    return x;
  }

  @Override
  public Task train(Net net, boolean release) {
    return new Training(net, release, config);
  }

  private static final class Training implements Task {
    private final Graph graph = new Graph();
    private final Ops g = Ops.create(graph);
    private final List<Variable<TFloat32>> variables = new ArrayList<>();
    private final List<org.tensorflow.op.Op> initial = new ArrayList<>();
    private final List<org.tensorflow.op.Op> updates = new ArrayList<>();
    private final Placeholder<TFloat32> x = g.placeholder(TFloat32.class);
    private final Placeholder<TFloat32> y = g.placeholder(TFloat32.class);
    private final Operand<TFloat32> loss;
    private final Session session;
    private final TFloat32 inputs;
    private final TFloat32 targets;
    private final boolean release;
    private float value;

    Training(Net net, boolean release, ConfigProto config) {
      this.release = release;
      Operand<TFloat32> out = output(net);
      loss =
          net.mse()
              ? g.math.mean(g.math.squaredDifference(out, y), g.constant(new int[] {0, 1}))
              : g.math.mean(g.nn.softmaxCrossEntropyWithLogits(out, y).loss(), g.constant(0));
      var gradients = g.gradients(loss, variables);
      // No weight may change before the last gradient that reads it is done.
      Ops after = g.withControlDependencies(new ArrayList<>(gradients.dy()));
      var rate = g.constant(Net.RATE);
      var momentum = g.constant(Net.MOMENTUM);
      for (int i = 0; i < variables.size(); i++) {
        Variable<TFloat32> v = variables.get(i);
        Variable<TFloat32> speed = g.variable(v.shape(), TFloat32.class);
        var zeros = g.zeros(g.constant(v.shape().asArray()), TFloat32.class);
        initial.add(g.assign(speed, zeros));
        updates.add(after.train.applyMomentum(v, speed, rate, gradients.dy(i), momentum));
      }
      session = new Session(graph, config);
      Session.Runner runner = session.runner();
      initial.forEach(runner::addTarget);
      runner.run().close();
      inputs = tensor(net.inputs(net.batch()), net.batch(), net.in());
      targets = tensor(net.targets(), net.batch(), net.out());
    }

    private Operand<TFloat32> output(Net net) {
      Operand<TFloat32> h = x;
      for (int l = 0; l < net.layers(); l++) {
        int out = net.widths()[l + 1];
        Variable<TFloat32> w = variable(net.weight(l), out, net.widths()[l]);
        h = g.linalg.matMul(h, w, MatMul.transposeB(true));
        h = g.nn.biasAdd(h, variable(net.bias(l), out));
        if (l < net.layers() - 1) {
          h = g.nn.relu(h);
          h = net.dropout() > 0 ? dropout(h, net.dropout()) : h;
        }
      }
      return h;
    }

    private Operand<TFloat32> dropout(Operand<TFloat32> h, float p) {
      var u = g.random.randomUniform(g.shape(h), TFloat32.class);
      var keep = g.dtypes.cast(g.math.greaterEqual(u, g.constant(p)), TFloat32.class);
      return g.math.mul(g.math.mul(h, keep), g.constant(1 / (1 - p)));
    }

    private Variable<TFloat32> variable(float[] values, long... shape) {
      Variable<TFloat32> v = g.variable(Shape.of(shape), TFloat32.class);
      initial.add(g.assign(v, g.constantOf(tensor(values, shape))));
      variables.add(v);
      return v;
    }

    @Override
    public void run() {
      Session.Runner runner = session.runner().feed(x, inputs).feed(y, targets).fetch(loss);
      updates.forEach(runner::addTarget);
      Result result = runner.run();
      value = ((TFloat32) result.get(0)).getFloat();
      if (release) {
        result.close();
      }
    }

    @Override
    public float[] result() {
      return new float[] {value};
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  @Override
  public Task infer(Net net, int rows) {
    Graph graph = new Graph();
    Ops g = Ops.create(graph);
    Placeholder<TFloat32> x = g.placeholder(TFloat32.class);
    Operand<TFloat32> h = x;
    for (int l = 0; l < net.layers(); l++) {
      int out = net.widths()[l + 1];
      var w = g.constantOf(tensor(net.weight(l), out, net.widths()[l]));
      h = g.linalg.matMul(h, w, MatMul.transposeB(true));
      h = g.nn.biasAdd(h, g.constantOf(tensor(net.bias(l), out)));
      h = l < net.layers() - 1 ? g.nn.relu(h) : h;
    }
    Operand<TFloat32> y = h;
    Session session = new Session(graph, config);
    TFloat32 inputs = tensor(net.inputs(rows), rows, net.in());
    return new Task() {
      @Override
      public void run() {
        session.runner().feed(x, inputs).fetch(y).run().close();
      }

      @Override
      public float[] result() {
        try (Result result = session.runner().feed(x, inputs).fetch(y).run()) {
          return floats((TFloat32) result.get(0));
        }
      }

      @Override
      public void close() {
        session.close();
        graph.close();
      }
    };
  }

  @Override
  public Task op(Op op) {
    if (op.kind() == Op.Kind.CREATE) {
      return creation(op.a());
    }
    Operand<TFloat32> a = tf.constantOf(tensor(op.a(), op.shapeA()));
    Operand<TFloat32> b = op.shapeB() == null ? null : tf.constantOf(tensor(op.b(), op.shapeB()));
    var all = tf.constant(op.dims().length == 1 ? new int[] {0} : new int[] {0, 1});
    var last = tf.constant(-1);
    return new Eager(
        switch (op.kind()) {
          case ADD, ADD_ROW -> () -> tf.math.add(a, b);
          case MUL -> () -> tf.math.mul(a, b);
          case RELU -> () -> tf.nn.relu(a);
          case SIGMOID -> () -> tf.math.sigmoid(a);
          case TANH -> () -> tf.math.tanh(a);
          case EXP -> () -> tf.math.exp(a);
          case GELU -> gelu(a);
          case SUM -> () -> tf.sum(a, all);
          case MEAN -> () -> tf.math.mean(a, all);
          case SUM_LAST -> () -> tf.sum(a, last);
          case MEAN_LAST -> () -> tf.math.mean(a, last);
          case SOFTMAX -> () -> tf.nn.softmax(a);
          case LOG_SOFTMAX -> () -> tf.nn.logSoftmax(a);
          case LAYER_NORM -> layerNorm(a);
          case TRANSPOSE_COPY -> {
            var order = tf.constant(new int[] {1, 0});
            yield () -> tf.linalg.transpose(a, order);
          }
          case MATMUL -> () -> tf.linalg.matMul(a, b);
          case MATMUL_NT -> () -> tf.linalg.matMul(a, b, MatMul.transposeB(true));
          case MATMUL_TN -> () -> tf.linalg.matMul(a, b, MatMul.transposeA(true));
          case CREATE -> throw new AssertionError();
        });
  }

  private static Task creation(float[] values) {
    return new Task() {
      @Override
      public void run() {
        TFloat32.vectorOf(values).close();
      }

      @Override
      public float[] result() {
        return values;
      }
    };
  }

  private Supplier<Operand<TFloat32>> gelu(Operand<TFloat32> a) {
    var half = tf.constant(0.5f);
    var one = tf.constant(1f);
    var root = tf.constant((float) Math.sqrt(0.5));
    return () ->
        tf.math.mul(tf.math.mul(a, half), tf.math.add(tf.math.erf(tf.math.mul(a, root)), one));
  }

  private Supplier<Operand<TFloat32>> layerNorm(Operand<TFloat32> a) {
    var last = tf.constant(-1);
    var epsilon = tf.constant(1e-5f);
    var keep = Mean.keepDims(true);
    return () -> {
      var mean = tf.math.mean(a, last, keep);
      var variance = tf.math.mean(tf.math.squaredDifference(a, mean), last, keep);
      return tf.math.mul(tf.math.sub(a, mean), tf.math.rsqrt(tf.math.add(variance, epsilon)));
    };
  }

  private record Eager(Supplier<Operand<TFloat32>> body) implements Task {
    @Override
    public void run() {
      body.get();
    }

    @Override
    public float[] result() {
      return floats(body.get().asTensor());
    }

    /** An eager result cannot be closed: it goes when the JVM collects its Java object. */
    @Override
    public void rest() {
      System.gc();
    }
  }
}
