package dev.flambeau.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One tensor operation, float32.
 *
 * @param dims n for pointwise kinds; rows and columns; m, k and n of a product
 */
public record Op(Kind kind, int... dims) {

  /** What is computed. NT takes the second factor transposed in memory, TN the first. */
  public enum Kind {
    ADD,
    MUL,
    RELU,
    SIGMOID,
    TANH,
    EXP,
    GELU,
    SUM,
    MEAN,
    SUM_LAST,
    MEAN_LAST,
    SOFTMAX,
    LOG_SOFTMAX,
    LAYER_NORM,
    ADD_ROW,
    TRANSPOSE_COPY,
    MATMUL,
    MATMUL_NT,
    MATMUL_TN,
    CREATE;

    boolean isProduct() {
      return this == MATMUL || this == MATMUL_NT || this == MATMUL_TN;
    }
  }

  static List<Op> all() {
    List<Op> ops = new ArrayList<>();
    for (Kind kind : List.of(Kind.ADD, Kind.MUL, Kind.RELU, Kind.SIGMOID, Kind.TANH, Kind.EXP)) {
      pointwise(ops, kind);
    }
    pointwise(ops, Kind.GELU);
    for (Kind kind : List.of(Kind.SUM, Kind.MEAN, Kind.SUM_LAST, Kind.MEAN_LAST, Kind.SOFTMAX)) {
      ops.add(new Op(kind, 4096, 1024));
    }
    for (Kind kind : List.of(Kind.LOG_SOFTMAX, Kind.LAYER_NORM, Kind.ADD_ROW)) {
      ops.add(new Op(kind, 4096, 1024));
    }
    ops.add(new Op(Kind.TRANSPOSE_COPY, 4096, 1024));
    ops.add(new Op(Kind.SOFTMAX, 64, 10));
    for (Kind kind : List.of(Kind.MATMUL, Kind.MATMUL_NT, Kind.MATMUL_TN)) {
      for (int n : new int[] {16, 64, 256, 1024, 2048}) {
        ops.add(new Op(kind, n, n, n));
      }
      ops.add(new Op(kind, 64, 784, 128));
    }
    ops.add(new Op(Kind.RELU, 4));
    ops.add(new Op(Kind.CREATE, 4));
    return ops;
  }

  private static void pointwise(List<Op> ops, Kind kind) {
    for (int n : new int[] {1 << 10, 1 << 16, 1 << 20, 1 << 24}) {
      ops.add(new Op(kind, n));
    }
  }

  String name() {
    String shape;
    if (kind.isProduct() && dims[0] == dims[1]) {
      shape = Integer.toString(dims[0]);
    } else if (dims.length > 1) {
      shape = dims[0] + "x" + dims[1] + (dims.length > 2 ? "x" + dims[2] : "");
    } else if (dims[0] >= 1 << 20) {
      shape = (dims[0] >> 20) + "M";
    } else {
      shape = dims[0] >= 1 << 10 ? (dims[0] >> 10) + "K" : Integer.toString(dims[0]);
    }
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-') + "." + shape;
  }

  /** Shape of the first operand, as it lies in memory. */
  public long[] shapeA() {
    return switch (kind) {
      case MATMUL, MATMUL_NT -> new long[] {dims[0], dims[1]};
      case MATMUL_TN -> new long[] {dims[1], dims[0]};
      default -> dims.length == 1 ? new long[] {dims[0]} : new long[] {dims[0], dims[1]};
    };
  }

  /** Shape of the second operand, as it lies in memory; null where there is none. */
  public long[] shapeB() {
    return switch (kind) {
      case ADD, MUL -> shapeA();
      case ADD_ROW -> new long[] {dims[1]};
      case MATMUL, MATMUL_TN -> new long[] {dims[1], dims[2]};
      case MATMUL_NT -> new long[] {dims[2], dims[1]};
      default -> null;
    };
  }

  /** Elements of the first operand. */
  public float[] a() {
    return Numbers.uniform(1, count(shapeA()), -2, 2);
  }

  /** Elements of the second operand; null where there is none. */
  public float[] b() {
    return shapeB() == null ? null : Numbers.uniform(2, count(shapeB()), -2, 2);
  }

  int resultSize() {
    return switch (kind) {
      case SUM, MEAN -> 1;
      case SUM_LAST, MEAN_LAST -> dims[0];
      case MATMUL, MATMUL_NT, MATMUL_TN -> dims[0] * dims[2];
      default -> count(shapeA());
    };
  }

  double flops() {
    return kind.isProduct() ? 2.0 * dims[0] * dims[1] * dims[2] : 0;
  }

  /** Bytes that must cross: each operand once, the result once. */
  double bytes() {
    long[] b = shapeB();
    return 4.0 * (count(shapeA()) + (b == null ? 0 : count(b)) + resultSize());
  }

  private static int count(long[] shape) {
    long n = 1;
    for (long d : shape) {
      n *= d;
    }
    return Math.toIntExact(n);
  }
}
