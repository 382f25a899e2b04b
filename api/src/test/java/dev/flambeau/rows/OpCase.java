package dev.flambeau.rows;

import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.Dims;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * A row of {@link OpCases}: an op, the inputs to try it on, and what is promised of it. Its name
 * begins with the op's; what the row is about is the op that its lambda calls last.
 */
public final class OpCase {
  /** The op on float tensors; what it gives back is compared and differentiated. */
  public interface Fn {
    Tensor apply(Tensor[] in);
  }

  /**
   * What the op is, in plain Java. Shapes, masks and dtypes are the library's Java alone to decide,
   * so they cannot be compared with the same op on other kernels.
   */
  interface Reference {
    PlainTensor of(PlainTensor[] in);
  }

  /** The same of an op with several outputs. */
  public interface References {
    PlainTensor[] of(PlainTensor[] in);
  }

  /** An op with several outputs. */
  public interface Several {
    Tensor[] apply(Tensor[] in);
  }

  public final String name;
  public final Fn fn; // of several outputs the first
  private final Several all;
  public References reference; // null: only libtorch's cases are compared
  public String parity; // the op of libtorch's tables; null: there is none
  String whyNoParity;
  public final List<long[][]> shapes = new ArrayList<>();
  double low = -2;
  double high = 2;
  double[] kinks = {};
  public boolean differentiable = true;
  public boolean twice = true;
  public boolean integers;
  public double ulps = 1;
  public int constant = -1; // input that has no gradient; -1 none
  int distinct = -1; // input whose values must differ, as ties have no derivative; -1 none
  public boolean broadcasts; // two inputs of any shapes that broadcast
  public boolean ofItsLayout; // some memory layouts are refused
  public boolean acrossDevices; // the inputs may lie on several

  private OpCase(String name, Fn fn, Several all) {
    this.name = name;
    this.fn = fn;
    this.all = all;
    this.parity = op();
  }

  /** The op's name. */
  public String op() {
    return name.split(" ")[0];
  }

  static OpCase op(String name, Fn fn) {
    return new OpCase(name, fn, in -> new Tensor[] {fn.apply(in)});
  }

  /** An op with several outputs: gradients come from each subset of them. */
  public static OpCase several(String name, Several all) {
    return new OpCase(name, in -> all.apply(in)[0], all);
  }

  /** All that the op gives. */
  public Tensor[] outputs(Tensor[] in) {
    return all.apply(in);
  }

  /**
   * Which outputs have a gradient, in every way that one at least has; those that are not floating
   * never.
   */
  public static List<boolean[]> subsets(Tensor[] outputs) {
    List<boolean[]> subsets = new ArrayList<>();
    for (int bits = 1; bits < 1 << outputs.length; bits++) {
      boolean[] with = new boolean[outputs.length];
      boolean possible = true;
      for (int i = 0; i < outputs.length; i++) {
        with[i] = (bits >> i & 1) == 1;
        possible &= !with[i] || outputs[i].dtype().isFloating();
      }
      if (possible) {
        subsets.add(with);
      }
    }
    return subsets;
  }

  /** Sizes of one input. */
  static long[] s(long... sizes) {
    return sizes;
  }

  @SafeVarargs
  static List<OpCase> join(List<OpCase>... lists) {
    return Arrays.stream(lists).flatMap(List::stream).toList();
  }

  /** An op of one tensor, tried on the usual shapes. */
  static OpCase unary(String name, java.util.function.UnaryOperator<Tensor> f) {
    return op(name, in -> f.apply(in[0]))
        .shapes(new long[] {3, 5})
        .shapes(new long[] {2, 3, 4})
        .shapes(new long[] {})
        .shapes(new long[] {0, 3})
        .shapes(new long[] {37});
  }

  /** The same, of each element by itself. */
  static OpCase unary(
      String name, java.util.function.UnaryOperator<Tensor> f, DoubleUnaryOperator like) {
    return unary(name, f).like(in -> in[0].each(like));
  }

  /** An op of two tensors, tried on the usual broadcasts. */
  static OpCase binary(
      String name, java.util.function.BinaryOperator<Tensor> f, DoubleBinaryOperator like) {
    OpCase row = op(name, in -> f.apply(in[0], in[1])).like(in -> in[0].with(in[1], like));
    row.broadcasts = true;
    return row.shapes(new long[] {3, 5}, new long[] {3, 5})
        .shapes(new long[] {3, 5}, new long[] {5})
        .shapes(new long[] {3, 1}, new long[] {1, 5})
        .shapes(new long[] {2, 3, 4}, new long[] {3, 1})
        .shapes(new long[] {}, new long[] {4})
        .shapes(new long[] {}, new long[] {})
        .shapes(new long[] {0, 3}, new long[] {3});
  }

  public OpCase shapes(long[]... one) {
    shapes.add(one);
    return this;
  }

  /** Only these shapes: those given so far go. */
  OpCase only(long[]... one) {
    shapes.clear();
    return shapes(one);
  }

  /** What the op is, on plain arrays. */
  OpCase like(Reference plain) {
    return likeAll(in -> new PlainTensor[] {plain.of(in)});
  }

  /** What an op with several outputs is. */
  OpCase likeAll(References plain) {
    reference = plain;
    return this;
  }

  /** The dtype of what the reference gives, where it is not that of the first input. */
  OpCase gives(DType type) {
    References values = reference;
    return like(in -> values.of(in)[0].as(type));
  }

  /** The name of the op in libtorch's tables, where it is not the op's. */
  OpCase parity(String table) {
    parity = table;
    return this;
  }

  /** The tables of libtorch have no such op, and why. */
  OpCase noParity(String reason) {
    parity = null;
    whyNoParity = reason;
    return this;
  }

  /** A view: some memory layouts are refused, and the error says what would do. */
  OpCase ofItsLayout() {
    ofItsLayout = true;
    return this;
  }

  /** The inputs may lie on different devices; the result lies on the first one's. */
  OpCase acrossDevices() {
    acrossDevices = true;
    return this;
  }

  /** Values lie in [low, high). */
  OpCase in(double from, double to) {
    low = from;
    high = to;
    return this;
  }

  /** Values keep away from these points, where the slope jumps. */
  OpCase kinksAt(double... points) {
    kinks = points;
    return this;
  }

  /** All values of an input differ clearly. */
  OpCase distinct(int input) {
    distinct = input;
    return this;
  }

  /** The op has no gradient for this input. */
  OpCase constant(int input) {
    constant = input;
    return this;
  }

  OpCase noGradient() {
    differentiable = false;
    twice = false;
    return this;
  }

  /** The second derivative is zero or not defined. */
  public OpCase onceOnly() {
    twice = false;
    return this;
  }

  /** Integers are tried too. */
  OpCase integers() {
    integers = true;
    return this;
  }

  /** Tolerance in multiples of the usual one. */
  OpCase within(double factor) {
    ulps = factor;
    return this;
  }

  /** Random inputs for one of the shapes, the same ones each time. */
  public Tensor[] inputs(int which, DType type, Device device) {
    long[][] wanted = shapes.get(which);
    java.util.Random random = new java.util.Random(31L * name.hashCode() + which);
    Tensor[] in = new Tensor[wanted.length];
    for (int i = 0; i < in.length; i++) {
      int n = (int) Dims.numel(name, wanted[i]);
      double[] values = new double[n];
      for (int k = 0; k < n; k++) {
        values[k] = type.isFloating() ? value(random) : random.nextInt(7) - (low < 0 ? 3 : -1);
      }
      if (i == distinct) {
        spread(values, random);
      }
      in[i] = Tensor.of(type, values).reshape(wanted[i]).to(device);
    }
    return in;
  }

  private double value(java.util.Random random) {
    while (true) {
      double v = low + (high - low) * random.nextDouble();
      if (Arrays.stream(kinks).noneMatch(k -> Math.abs(v - k) < 0.05)) {
        return v;
      }
    }
  }

  private void spread(double[] values, java.util.Random random) {
    List<Double> steps = new ArrayList<>();
    for (int k = 0; k < values.length; k++) {
      steps.add(low + (high - low) * (k + 0.5) / values.length);
    }
    java.util.Collections.shuffle(steps, random);
    Arrays.setAll(values, steps::get);
  }

  @Override
  public String toString() {
    return name;
  }
}
