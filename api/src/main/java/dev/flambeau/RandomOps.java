package dev.flambeau;

import dev.flambeau.spi.Kernels;

/**
 * Random values, drawn from {@link Rng#current()}: the values that PyTorch's CPU generator gives
 * for the same seed.
 */
public sealed interface RandomOps permits Tensor {
  /** Uniform values in [from, to). Floating types. */
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

  /** Uniform values in [0, 1). */
  default Tensor uniform_() {
    return uniform_(0, 1);
  }

  /** Normal values. Floating types. */
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

  /** Normal values with mean 0 and standard deviation 1. */
  default Tensor normal_() {
    return normal_(0, 1);
  }

  /** 1 with probability {@code p}, else 0. */
  default Tensor bernoulli_(double p) {
    Require.probability("bernoulli_", p);
    return fill("bernoulli_", Kernels.BERNOULLI, Double.doubleToRawLongBits(p), 0, (Tensor) this);
  }

  /** 1 with the probability that each element is, else 0. Floating types. */
  default Tensor bernoulli() {
    Tensor p = Copy.contiguous(Require.isFloating("bernoulli", (Tensor) this));
    // A device's kernel looks for itself, so that nobody waits here.
    boolean looks = p.numel() > 0 && p.context().memory.isHost();
    if (looks && p.detach().ge(0).logicalAnd(p.detach().le(1)).all().item() == 0) {
      throw new IllegalArgumentException("bernoulli: all probabilities must be in [0, 1]");
    }
    Tensor y = p.fresh(p.dtype(), p.sizes());
    draw("bernoulli", Kernels.BERNOULLI_EACH, p, y, 0, 0);
    return Autograd.record("BernoulliBackward0", y).input(p, (g, saved) -> g.zerosLike()).result();
  }

  /** Whole values from all that the dtype can hold exactly, not negative. */
  default Tensor random_() {
    Tensor x = (Tensor) this;
    long least = 1L << x.dtype().digits(); // of int64 2^63, unsigned
    long range = x.dtype().isFloating() ? least + 1 : least;
    return integers(x, 0, range);
  }

  /** Whole values in [from, to). */
  default Tensor random_(long from, long to) {
    if (from >= to) {
      throw new IllegalArgumentException(
          "random_: from must be less than to, got " + from + " and " + to);
    }
    return integers((Tensor) this, from, to - from);
  }

  private static Tensor integers(Tensor x, long from, long range) {
    return x.dtype() == DType.BOOL
        ? x.copy_(integers(x.fresh(DType.UINT8, x.sizes()), from, range))
        : fill("random_", Kernels.INTEGERS, from, range, x);
  }

  /**
   * Dropout (Srivastava et al. 2014): in training zeroes each element with probability {@code p}
   * and divides the rest by {@code 1 - p}; otherwise the tensor itself.
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
    DeviceContext c = x.context();
    if (c.kernels.countedRandom()) {
      return drop(x, x.layout().fresh(), Rng.current().draw(c), p);
    }
    Tensor mask = x.fresh(x.dtype(), x.sizes());
    try (var off = Autograd.noGrad()) {
      mask.bernoulli_(1 - p).div_(1 - p);
    }
    return x.mul(mask);
  }

  /**
   * {@code x} times the mask of a draw, which follows the memory order of {@code order}. The mask
   * is not kept: backward draws it again.
   */
  private static Tensor drop(Tensor x, Layout order, Rng.Draw draw, double p) {
    Tensor d = Copy.inOrderOf(order, x);
    Tensor y = d.freshLike(d.dtype());
    if (y.numel() > 0) {
      DeviceContext c = y.context();
      int type = d.dtype().code();
      int status =
          c.kernels.dropout(
              type, y.numel(), d.address(), y.address(), draw.seed(), draw.offset(), p);
      c.check("dropout", status, d, y);
    }
    return Autograd.record("MulBackward0", y)
        .input(x, (g, saved) -> drop(g, order, draw, p))
        .result();
  }

  private static Tensor fill(String op, int kind, long p, long q, Tensor self) {
    return Autograd.inPlace(
        op,
        self,
        false,
        x -> {
          // In the order of memory, as PyTorch fills a transposed tensor.
          boolean dense = x.layout().isDense();
          boolean direct = x == self && dense;
          Tensor y = direct ? x : dense ? x.freshLike(x.dtype()) : x.fresh(x.dtype(), x.sizes());
          draw(op, kind, null, y, p, q);
          if (direct) {
            x.written(op);
            return x;
          }
          return Autograd.record(op, y).input(x, (g, saved) -> g.zerosLike()).result();
        });
  }

  private static void draw(String op, int kind, Tensor probabilities, Tensor y, long p, long q) {
    Rng.current().fill(op, kind, probabilities, y, p, q);
  }
}
