package dev.flambeau;

import dev.flambeau.spi.Kernels;
import java.util.Arrays;

/**
 * How pointwise kernels are called: types meet, shapes broadcast, layouts are brought to a normal
 * form. No autograd.
 */
final class Pointwise {
  private Pointwise() {}

  /** {@code op(a, b)} into new memory. */
  static Tensor binary(BinaryOp op, Tensor a, Tensor b) {
    if (isNumberFor(a, b)) {
      DType type = op.computeType(types(op, b, a));
      return binaryScalar(op, a, encoded(b, type), type, false);
    }
    if (isNumberFor(b, a)) {
      DType type = op.computeType(types(op, a, b));
      return binaryScalar(op, b, encoded(a, type), type, true);
    }
    DType compute = op.computeType(meet(op, a, b));
    return launch(op, as(a, compute), as(b, compute), compute, null);
  }

  /**
   * {@code a = op(a, b)}, if {@code a}'s type and shape can take the result; null when they cannot.
   */
  static Tensor binaryInto(BinaryOp op, Tensor a, Tensor b) {
    if (isNumberFor(a, b)) {
      DType type = op.computeType(types(op, a, b));
      if (op.resultType(type) != a.dtype() || type != a.dtype() || !a.layout().isDense()) {
        return null;
      }
      scalarInto(op, a, encoded(b, type), false, a);
      a.written(op.title + "_");
      return a;
    }
    DType compute = op.computeType(meet(op, a, b));
    if (op.resultType(compute) != a.dtype()
        || compute != a.dtype()
        || a.isSameStorage(b) && !a.layout().sameOrder(b.layout())
        || !Arrays.equals(Dims.broadcast(op.title, a.sizes(), b.sizes()), a.sizes())) {
      return null;
    }
    launch(op, a, as(b, compute), compute, a);
    a.written(op.title + "_");
    return a;
  }

  private static Tensor launch(BinaryOp op, Tensor a, Tensor b, DType type, Tensor out) {
    DeviceContext c = a.context();
    Kernels k = c.kernels;
    DType result = op.resultType(type);
    if (a.layout().sameOrder(b.layout()) && a.layout().isDense()) {
      Tensor y = out != null ? out : a.freshLike(result);
      if (y.numel() > 0) {
        c.check(
            op.title,
            k.binary(op.code, type.code(), y.numel(), a.address(), b.address(), y.address()),
            a,
            b,
            y);
      }
      return y;
    }
    long[] sizes = Dims.broadcast(op.title, a.sizes(), b.sizes());
    Tensor y = out != null ? out : a.fresh(result, sizes);
    if (y.numel() == 0) {
      return y;
    }
    Geometry g =
        new Geometry(
            sizes,
            y.layout().strides,
            a.layout().broadcastStrides(sizes),
            b.layout().broadcastStrides(sizes));
    long pa = a.address();
    long pb = b.address();
    long py = y.address();
    int width = type.bytes();
    int status =
        g.call(
            c.memory,
            (table, off) ->
                k.binaryStrided(
                    op.code,
                    type.code(),
                    table,
                    pa + off[1] * width,
                    pb + off[2] * width,
                    py + off[0] * result.bytes()));
    c.check(op.title, status, a, b, y);
    return y;
  }

  /** {@code op(a, scalar)}, or {@code op(scalar, a)}, in a type already settled. */
  static Tensor binaryScalar(BinaryOp op, Tensor a, long encoded, DType compute, boolean reversed) {
    Tensor x = Copy.dense(as(op == BinaryOp.SUB ? Require.notBool(op.title, a) : a, compute));
    Tensor y = x.freshLike(op.resultType(compute));
    scalarInto(op, x, encoded, reversed, y);
    return y;
  }

  static void scalarInto(BinaryOp op, Tensor x, long encoded, boolean reversed, Tensor y) {
    if (x.numel() > 0) {
      DeviceContext c = x.context();
      int status =
          c.kernels.binaryScalar(
              op.code,
              x.dtype().code(),
              x.numel(),
              x.address(),
              y.address(),
              encoded,
              reversed ? 1 : 0);
      c.check(op.title, status, x, y);
    }
  }

  /** {@code op(x)} for a dense result; {@code x} already has the type to compute in. */
  static Tensor unary(UnaryOp op, Tensor x, double p, double q) {
    Tensor d = Copy.dense(x);
    Tensor y = d.freshLike(op.givesBool ? DType.BOOL : d.dtype());
    unaryInto(op, d, y, p, q);
    return y;
  }

  static void unaryInto(UnaryOp op, Tensor x, Tensor y, double p, double q) {
    if (x.numel() > 0) {
      DeviceContext c = x.context();
      c.check(
          op.title,
          c.kernels.unary(op.code, x.dtype().code(), x.numel(), x.address(), y.address(), p, q),
          x,
          y);
    }
  }

  /** The kernel's {@code g * op'(x)}; {@code saved} is what {@link UnaryOp#saves} says. */
  static Tensor unaryGrad(UnaryOp op, Tensor g, Tensor saved, double p, double q) {
    Tensor s = Copy.dense(saved);
    Tensor gd = Copy.inOrderOf(s, g);
    Tensor gx = s.freshLike(s.dtype());
    if (gx.numel() > 0) {
      DeviceContext c = s.context();
      long in = op.saves == UnaryOp.Saves.INPUT ? s.address() : 0;
      long out = op.saves == UnaryOp.Saves.OUTPUT ? s.address() : 0;
      int status =
          c.kernels.unaryGrad(
              op.code, s.dtype().code(), gx.numel(), gd.address(), in, out, gx.address(), p, q);
      c.check(op.backward, status, gd, s, gx);
    }
    return gx;
  }

  /** {@code condition ? a : b}; the types have met. */
  static Tensor where(Tensor condition, Tensor a, Tensor b, DType type) {
    long[] sizes =
        Dims.broadcast("where", condition.sizes(), Dims.broadcast("where", a.sizes(), b.sizes()));
    Tensor x = as(a, type);
    Tensor z = as(b, type);
    Tensor y = x.fresh(type, sizes);
    if (y.numel() == 0) {
      return y;
    }
    Geometry g =
        new Geometry(
            sizes,
            y.layout().strides,
            condition.layout().broadcastStrides(sizes),
            x.layout().broadcastStrides(sizes),
            z.layout().broadcastStrides(sizes));
    DeviceContext c = y.context();
    long pc = condition.address();
    long px = x.address();
    long pz = z.address();
    long py = y.address();
    int width = type.bytes();
    int status =
        g.call(
            c.memory,
            (table, off) ->
                c.kernels.where(
                    type.code(),
                    table,
                    pc + off[1],
                    px + off[2] * width,
                    pz + off[3] * width,
                    py + off[0] * width));
    c.check("where", status, condition, x, z, y);
    return y;
  }

  static void fill(Tensor dense, long encoded) {
    if (dense.numel() > 0) {
      DeviceContext c = dense.context();
      c.check(
          "fill_",
          c.kernels.fill(dense.dtype().code(), dense.numel(), dense.address(), encoded),
          dense);
    }
  }

  /** The tensor in another type, outside the graph; itself if it has that type. */
  static Tensor as(Tensor x, DType type) {
    return x.dtype() == type ? x : Copy.convert(x, type);
  }

  /**
   * Whether {@code n}, a 0-d tensor on the host, can be a number to {@code x}, which is on a device
   * beside it. Its value goes along with the kernel's arguments.
   */
  static boolean isNumberFor(Tensor x, Tensor n) {
    return x.context() != n.context()
        && n.dim() == 0
        && n.context().memory.isHost()
        && !x.context().memory.isHost();
  }

  private static long encoded(Tensor number, DType type) {
    return type.isFloating() ? type.encode(number.item()) : type.encode(number.itemLong());
  }

  /** 0-d tensors of the host are moved to the device on which any of the others lies. */
  static Tensor[] together(Tensor... tensors) {
    for (Tensor x : tensors) {
      for (int i = 0; i < tensors.length; i++) {
        if (isNumberFor(x, tensors[i])) {
          tensors[i] = tensors[i].to(x.device());
        }
      }
    }
    return tensors;
  }

  private static DType meet(BinaryOp op, Tensor a, Tensor b) {
    sameDevice(op.title, a, b);
    return types(op, a, b);
  }

  private static DType types(BinaryOp op, Tensor a, Tensor b) {
    if (op == BinaryOp.SUB) {
      Require.notBool(op.title, a);
      Require.notBool(op.title, b);
    }
    return types(a, b);
  }

  /** The type in which two tensors meet. They must be on one device. */
  static DType meet(String op, Tensor a, Tensor b) {
    sameDevice(op, a, b);
    return types(a, b);
  }

  private static DType types(Tensor a, Tensor b) {
    if (a.dtype() == b.dtype()) {
      return a.dtype();
    }
    if (a.dim() == 0 != (b.dim() == 0)) {
      return a.dim() == 0
          ? DType.promoteWeak(b.dtype(), a.dtype())
          : DType.promoteWeak(a.dtype(), b.dtype());
    }
    return DType.promote(a.dtype(), b.dtype());
  }

  static void sameDevice(String op, Tensor a, Tensor b) {
    if (a.context() != b.context()) {
      throw new IllegalArgumentException(
          op
              + ": one tensor is on "
              + a.device()
              + ", the other on "
              + b.device()
              + "; move one with to(device)");
    }
  }
}
