package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.partlyOverlap;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.storage;
import static dev.flambeau.internal.tensor.TensorHandle.written;
import static dev.flambeau.internal.tensor.TensorImpl.emptyLike;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.internal.tensor.TensorImpl;
import dev.flambeau.spi.Kernels;
import java.util.Arrays;

/**
 * How pointwise kernels are called: dtypes are promoted, shapes broadcast, layouts brought to a
 * normal form. No autograd.
 */
public final class Pointwise {
  private Pointwise() {}

  /** {@code op(a, b)} into new memory. */
  public static Tensor binary(BinaryOp op, Tensor a, Tensor b) {
    Require.given(op.title, "other", b);
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
   * {@code a = op(a, b)}, if {@code a}'s type and shape can take the result and its memory is not
   * partly {@code b}'s; null when they cannot.
   */
  public static Tensor binaryInto(BinaryOp op, Tensor a, Tensor b) {
    if (isNumberFor(a, b)) {
      DType type = op.computeType(types(op, a, b));
      if (op.resultType(type) != a.dtype() || type != a.dtype() || !layout(a).isDense()) {
        return null;
      }
      scalarInto(op, a, encoded(b, type), false, a);
      written(a, op.inPlace);
      return a;
    }
    DType compute = op.computeType(meet(op, a, b));
    if (op.resultType(compute) != a.dtype()
        || compute != a.dtype()
        || partlyOverlap(a, b)
        || !Arrays.equals(Dims.broadcast(op.inPlace, sizes(a), sizes(b)), sizes(a))) {
      return null;
    }
    launch(op, a, as(b, compute), compute, a);
    written(a, op.inPlace);
    return a;
  }

  private static Tensor launch(BinaryOp op, Tensor a, Tensor b, DType type, Tensor out) {
    DeviceContext c = context(a);
    Kernels k = c.kernels;
    DType result = op.resultType(type);
    if (layout(a).sameOrder(layout(b)) && layout(a).isDense()) {
      Tensor y = out != null ? out : emptyLike(a, result);
      if (y.numel() > 0) {
        c.check(
            op.title,
            k.binary(op.code, code(type), y.numel(), address(a), address(b), outputAddress(y)),
            a,
            b,
            y);
      }
      return y;
    }
    long[] sizes = Dims.broadcast(op.title, sizes(a), sizes(b));
    Tensor y =
        out != null
            ? out
            : TensorImpl.empty(c, result, Layout.of(op.title, sizes, layout(a), layout(b)));
    if (y.numel() == 0) {
      return y;
    }
    Geometry g =
        Geometry.inOrderOfOutput(
            sizes,
            layout(y).strides,
            layout(a).broadcastStrides(sizes),
            layout(b).broadcastStrides(sizes));
    long pa = address(a);
    long pb = address(b);
    long py = outputAddress(y);
    int width = type.bytes();
    int status =
        g.call(
            c.memory,
            (table, off) ->
                k.binaryStrided(
                    op.code,
                    code(type),
                    table,
                    pa + off[1] * width,
                    pb + off[2] * width,
                    py + off[0] * result.bytes()));
    c.check(op.title, status, a, b, y);
    return y;
  }

  /** {@code op(a, scalar)}, or {@code op(scalar, a)}, in a type already settled. */
  public static Tensor binaryScalar(
      BinaryOp op, Tensor a, long encoded, DType compute, boolean reversed) {
    Tensor x = Copy.dense(as(op == BinaryOp.SUB ? Require.notBool(op.title, a) : a, compute));
    Tensor y = emptyLike(x, op.resultType(compute));
    scalarInto(op, x, encoded, reversed, y);
    return y;
  }

  public static void scalarInto(BinaryOp op, Tensor x, long encoded, boolean reversed, Tensor y) {
    if (x.numel() > 0) {
      DeviceContext c = context(x);
      int status =
          c.kernels.binaryScalar(
              op.code,
              code(x.dtype()),
              x.numel(),
              address(x),
              outputAddress(y),
              encoded,
              reversed ? 1 : 0);
      c.check(op.title, status, x, y);
    }
  }

  /** {@code op(x)} for a dense result; {@code x} already has the type to compute in. */
  public static Tensor unary(UnaryOp op, Tensor x, double p, double q) {
    Tensor d = Copy.dense(x);
    Tensor y = emptyLike(d, op.givesBool ? DType.BOOL : d.dtype());
    unaryInto(op, d, y, p, q);
    return y;
  }

  static void unaryInto(UnaryOp op, Tensor x, Tensor y, double p, double q) {
    if (x.numel() > 0) {
      DeviceContext c = context(x);
      c.check(
          op.title,
          c.kernels.unary(op.code, code(x.dtype()), x.numel(), address(x), outputAddress(y), p, q),
          x,
          y);
    }
  }

  /** The kernel's {@code g * op'(x)}; {@code saved} is what {@link UnaryOp#saves} says. */
  public static Tensor unaryGrad(UnaryOp op, Tensor g, Tensor saved, double p, double q) {
    Tensor s = Copy.dense(saved);
    Tensor gd = Copy.inOrderOf(s, g);
    Tensor gx = emptyLike(s, s.dtype());
    if (gx.numel() > 0) {
      DeviceContext c = context(s);
      long in = op.saves == UnaryOp.Saves.INPUT ? address(s) : 0;
      long out = op.saves == UnaryOp.Saves.OUTPUT ? address(s) : 0;
      int status =
          c.kernels.unaryGrad(
              op.code, code(s.dtype()), gx.numel(), address(gd), in, out, outputAddress(gx), p, q);
      c.check(op.backward, status, gd, s, gx);
    }
    return gx;
  }

  /** {@code condition ? a : b} in {@code type}. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b, DType type) {
    long[] sizes =
        Dims.broadcast("where", sizes(condition), Dims.broadcast("where", sizes(a), sizes(b)));
    return where(
        condition, a, b, type, Layout.of("where", sizes, layout(condition), layout(a), layout(b)));
  }

  /** The same into new memory of that layout. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b, DType type, Layout layout) {
    long[] sizes = layout.sizes;
    Tensor x = as(a, type);
    Tensor z = as(b, type);
    Tensor y = TensorImpl.empty(context(x), type, layout);
    if (y.numel() == 0) {
      return y;
    }
    Geometry g =
        Geometry.inOrderOfOutput(
            sizes,
            layout(y).strides,
            layout(condition).broadcastStrides(sizes),
            layout(x).broadcastStrides(sizes),
            layout(z).broadcastStrides(sizes));
    DeviceContext c = context(y);
    long pc = address(condition);
    long px = address(x);
    long pz = address(z);
    long py = outputAddress(y);
    int width = type.bytes();
    int status =
        g.call(
            c.memory,
            (table, off) ->
                c.kernels.where(
                    code(type),
                    table,
                    pc + off[1],
                    px + off[2] * width,
                    pz + off[3] * width,
                    py + off[0] * width));
    c.check("where", status, condition, x, z, y);
    return y;
  }

  public static void fill(Tensor dense, long encoded) {
    if (dense.numel() > 0) {
      DeviceContext c = context(dense);
      c.check(
          "fill_",
          c.kernels.fill(code(dense.dtype()), dense.numel(), outputAddress(dense), encoded),
          dense);
    }
  }

  /**
   * A sequence of all of {@code dense}'s numbers; {@code kind}, {@code start}, {@code by}: the
   * kernel's.
   */
  public static void sequence(String op, int kind, Tensor dense, long start, long by) {
    if (dense.numel() > 0) {
      DeviceContext c = context(dense);
      int type = code(dense.dtype());
      c.check(
          op,
          c.kernels.sequence(kind, type, dense.numel(), outputAddress(dense), start, by),
          dense);
    }
  }

  /**
   * A 1 of that dtype, 0-d, made once for a device: every {@code backward} starts from one. No
   * program is given its memory.
   */
  public static Tensor one(DeviceContext c, DType type) {
    Tensor known = c.ones.get(type.ordinal());
    if (known == null) {
      known = TensorImpl.empty(c, type, Layout.SCALAR).escape();
      fill(known, encode(type, 1L));
      storage(known).markConstant();
      c.ones.set(type.ordinal(), known);
    }
    return known;
  }

  /** The tensor in another type, outside the graph; itself if it has that type. */
  public static Tensor as(Tensor x, DType type) {
    return x.dtype() == type ? x : Copy.convert(x, type);
  }

  /**
   * Whether {@code n} is a 0-d tensor on the CPU and {@code x} on another device: its value is then
   * an argument of the kernel.
   */
  public static boolean isNumberFor(Tensor x, Tensor n) {
    return context(x) != context(n)
        && n.dim() == 0
        && context(n).memory.isHost()
        && !context(x).memory.isHost();
  }

  private static long encoded(Tensor number, DType type) {
    return type.isFloating() ? encode(type, number.item()) : encode(type, number.itemLong());
  }

  /** Moves 0-d tensors from the CPU to the device of the others. */
  public static Tensor[] together(Tensor... tensors) {
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

  /** The dtype that two tensors are promoted to. They must be on one device. */
  public static DType meet(String op, Tensor a, Tensor b) {
    sameDevice(op, a, b);
    return types(a, b);
  }

  private static DType types(Tensor a, Tensor b) {
    if (a.dtype() == b.dtype()) {
      return a.dtype();
    }
    if (a.dim() == 0 != (b.dim() == 0)) {
      return a.dim() == 0
          ? DTypes.promoteWeak(b.dtype(), a.dtype())
          : DTypes.promoteWeak(a.dtype(), b.dtype());
    }
    return DType.promote(a.dtype(), b.dtype());
  }

  public static void sameDevice(String op, Tensor a, Tensor b) {
    if (context(a) != context(b)) {
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
