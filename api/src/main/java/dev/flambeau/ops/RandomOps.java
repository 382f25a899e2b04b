package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.kernels.DTypes.digits;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.written;
import static dev.flambeau.internal.tensor.TensorImpl.emptyLike;
import static dev.flambeau.internal.tensor.TensorImpl.emptyRowMajor;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Rng;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.InPlace;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Generator;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.spi.Kernels;

/**
 * Random values, drawn from {@link Rng#current()}: on the CPU those that PyTorch's generator gives
 * for the same seed. Methods with names in {@code _} fill this tensor and return it.
 */
public sealed interface RandomOps permits Tensor {
  /** Fills this with uniform values in [from, to). Floating types. */
  default Tensor uniform_(double from, double to) {
    Tensor x = Require.isFloating("uniform_", (Tensor) this);
    if (!(from <= to)) {
      throw new IllegalArgumentException(
          "uniform_: from must not exceed to, got " + from + " and " + to);
    }
    double low = from;
    double high = to;
    if (x.dtype() == DType.FLOAT32) {
      // PyTorch rounds both ends to the dtype before it takes their distance.
      low = (float) from;
      high = low + ((float) to - (float) from);
    }
    return fill(
        "uniform_",
        Kernels.UNIFORM,
        Double.doubleToRawLongBits(low),
        Double.doubleToRawLongBits(high),
        x);
  }

  /** Fills this with uniform values in [0, 1). Floating types. */
  default Tensor uniform_() {
    return uniform_(0, 1);
  }

  /** Fills this with normal values of this mean and standard deviation. Floating types. */
  default Tensor normal_(double mean, double std) {
    Tensor x = Require.isFloating("normal_", (Tensor) this);
    if (!(std >= 0)) {
      throw new IllegalArgumentException("normal_: std must not be negative, got " + std);
    }
    // PyTorch draws one at a time for tensors that are not contiguous, and other numbers come of
    // it.
    int kind = x.isContiguous() ? Kernels.NORMAL : Kernels.NORMAL_SERIAL;
    return fill(
        "normal_", kind, Double.doubleToRawLongBits(mean), Double.doubleToRawLongBits(std), x);
  }

  /** Fills this with normal values of mean 0 and standard deviation 1. Floating types. */
  default Tensor normal_() {
    return normal_(0, 1);
  }

  /** Sets each element to 1 with probability {@code p}, else to 0. */
  default Tensor bernoulli_(double p) {
    Require.probability("bernoulli_", p);
    return fill("bernoulli_", Kernels.BERNOULLI, Double.doubleToRawLongBits(p), 0, (Tensor) this);
  }

  /**
   * A new tensor that is 1 with the probability that each element of this is, else 0. Floating
   * types.
   */
  default Tensor bernoulli() {
    Tensor p = Copy.contiguous(Require.isFloating("bernoulli", (Tensor) this));
    // On other devices the kernel checks: to read the result here would wait for the device.
    boolean checks = p.numel() > 0 && context(p).memory.isHost();
    if (checks && p.detach().ge(0).logicalAnd(p.detach().le(1)).all().item() == 0) {
      throw new IllegalArgumentException("bernoulli: all probabilities must be in [0, 1]");
    }
    Tensor y = emptyRowMajor(p, p.dtype());
    draw("bernoulli", Kernels.BERNOULLI_EACH, p, y, 0, 0);
    return Recording.of("BernoulliBackward0", y).input(p, (g, saved) -> g.zerosLike()).result();
  }

  /** Fills this with whole values, not negative, from all that the dtype holds exactly. */
  default Tensor random_() {
    Tensor x = (Tensor) this;
    long least = 1L << digits(x.dtype()); // of int64 2^63, unsigned
    long range = x.dtype().isFloating() ? least + 1 : least;
    return integers(x, 0, range);
  }

  /** Fills this with whole values in [from, to). */
  default Tensor random_(long from, long to) {
    if (from >= to) {
      throw new IllegalArgumentException(
          "random_: from must be less than to, got " + from + " and " + to);
    }
    return integers((Tensor) this, from, to - from);
  }

  private static Tensor integers(Tensor x, long from, long range) {
    return x.dtype() == DType.BOOL
        ? InPlace.copy("random_", x, integers(emptyRowMajor(x, DType.UINT8), from, range))
        : fill("random_", Kernels.INTEGERS, from, range, x);
  }

  /**
   * Dropout (Srivastava et al. 2014): in training a new tensor with each element zeroed with
   * probability {@code p}, the rest divided by {@code 1 - p} (floating types); otherwise this
   * tensor itself.
   */
  default Tensor dropout(double p, boolean training) {
    Tensor x = (Tensor) this;
    Require.probability("dropout", p);
    if (!training || p == 0) {
      return x;
    }
    Require.isFloating("dropout", x);
    if (p == 1) {
      return x.mul(x.detach().zerosLike());
    }
    DeviceContext c = context(x);
    if (c.kernels.countedRandom()) {
      return drop(x, layout(x).fresh(), Generator.current().draw(c), p);
    }
    Tensor mask = emptyRowMajor(x, x.dtype());
    try (var off = Autograd.noGrad()) {
      mask.bernoulli_(1 - p).div_(1 - p);
    }
    return x.mul(mask);
  }

  /**
   * {@code x} times the mask of a draw, which follows the memory order of {@code order}. The mask
   * is not kept: backward draws it again.
   */
  private static Tensor drop(Tensor x, Layout order, Generator.Draw draw, double p) {
    Tensor d = Copy.inOrderOf(order, x);
    Tensor y = emptyLike(d, d.dtype());
    if (y.numel() > 0) {
      DeviceContext c = context(y);
      int type = code(d.dtype());
      int status =
          c.kernels.dropout(
              type, y.numel(), address(d), outputAddress(y), draw.seed(), draw.offset(), p);
      c.check("dropout", status, d, y);
    }
    return Recording.of("MulBackward0", y).input(x, (g, saved) -> drop(g, order, draw, p)).result();
  }

  private static Tensor fill(String op, int kind, long p, long q, Tensor self) {
    return InPlace.write(
        op,
        self,
        false,
        x -> {
          // In the order of memory, as PyTorch fills a transposed tensor.
          boolean dense = layout(x).isDense();
          boolean direct = x == self && dense;
          Tensor y = direct ? x : dense ? emptyLike(x, x.dtype()) : emptyRowMajor(x, x.dtype());
          draw(op, kind, null, y, p, q);
          if (direct) {
            written(x, op);
            return x;
          }
          return Recording.of(op, y).input(x, (g, saved) -> g.zerosLike()).result();
        });
  }

  private static void draw(String op, int kind, Tensor probabilities, Tensor y, long p, long q) {
    Generator.current().fill(op, kind, probabilities, y, p, q);
  }
}
