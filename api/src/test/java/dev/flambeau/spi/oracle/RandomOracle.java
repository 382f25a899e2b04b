package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;
import java.util.function.Consumer;

/**
 * Random fills, rule for rule PyTorch's on the CPU. A counter-based generator, as other devices
 * have, is seeded anew for each fill, from seed and offset.
 */
final class RandomOracle {
  private static final int BLOCK = 16;

  private final JavaMemory memory;
  private final boolean counterBased;

  RandomOracle(JavaMemory memory, boolean counterBased) {
    this.memory = memory;
    this.counterBased = counterBased;
  }

  void seed(long state, long seed) {
    if (counterBased) {
      Elements numbers = memory.elements(Kernels.INT64, state);
      numbers.setLong(0, seed);
      numbers.setLong(1, 0);
    } else {
      new MersenneTwister(memory, state).seed(seed);
    }
  }

  void dropout(int dtype, long n, long x, long y, long seed, long offset, double p) {
    if (!DtypeInfo.isFloating(dtype) || !counterBased) {
      throw Refusal.unsupported("dropout", dtype);
    }
    Elements from = memory.elements(dtype, x);
    Elements to = memory.elements(dtype, y);
    draw(
        seed,
        offset,
        twister -> {
          for (long i = 0; i < n; i++) {
            to.set(i, twister.uniformDouble() < p ? 0 : from.get(i) / (1 - p));
          }
        });
  }

  private void draw(long seed, long offset, Consumer<MersenneTwister> use) {
    long state = memory.allocate(Kernels.RANDOM_STATE_BYTES);
    MersenneTwister twister = new MersenneTwister(memory, state);
    twister.seed(31 * seed + offset);
    use.accept(twister);
    memory.free(state, Kernels.RANDOM_STATE_BYTES);
  }

  void fill(int kind, int dtype, long n, long state, long x, long yAddress, long p, long q) {
    if (counterBased) {
      Elements numbers = memory.elements(Kernels.INT64, state);
      long offset = numbers.getLong(1);
      draw(numbers.getLong(0), offset, t -> fill(t, kind, dtype, n, x, yAddress, p, q));
      numbers.setLong(1, offset + 1);
    } else {
      fill(new MersenneTwister(memory, state), kind, dtype, n, x, yAddress, p, q);
    }
  }

  private void fill(
      MersenneTwister twister, int kind, int dtype, long n, long x, long yAddress, long p, long q) {
    Elements y = memory.elements(dtype, yAddress);
    double from = Double.longBitsToDouble(p);
    double to = Double.longBitsToDouble(q);
    boolean floats = DtypeInfo.isFloating(dtype);
    boolean exists =
        switch (kind) {
          case Kernels.UNIFORM, Kernels.NORMAL, Kernels.NORMAL_SERIAL, Kernels.BERNOULLI_EACH ->
              floats;
          case Kernels.BERNOULLI -> true;
          case Kernels.INTEGERS -> dtype != Kernels.BOOL;
          case Kernels.PERMUTATION -> dtype == Kernels.INT64;
          default -> false;
        };
    if (!exists) {
      throw Refusal.unsupported(HeaderEnum.RANDOM.name(kind), dtype);
    }
    switch (kind) {
      case Kernels.UNIFORM -> uniform(twister, dtype, n, y, from, to);
      case Kernels.NORMAL -> normal(twister, dtype, n, y, from, to);
      case Kernels.NORMAL_SERIAL -> normalSerial(twister, n, y, from, to);
      case Kernels.BERNOULLI -> bernoulli(twister, n, y, from);
      case Kernels.BERNOULLI_EACH -> bernoulliEach(twister, dtype, n, memory.elements(dtype, x), y);
      case Kernels.INTEGERS -> integers(twister, n, y, p, q);
      default -> permutation(twister, n, y);
    }
  }

  private static void uniform(
      MersenneTwister twister, int dtype, long n, Elements y, double from, double to) {
    float low = (float) from;
    float range = (float) to - low;
    for (long i = 0; i < n; i++) {
      if (dtype == Kernels.FLOAT32) {
        y.set(i, Math.fma(twister.uniformFloat(), range, low));
      } else {
        y.set(i, Math.fma(twister.uniformDouble(), to - from, from));
      }
    }
  }

  /**
   * Few samples come one at a time; many as blocks of 16 uniform ones transformed together, the
   * last block anew.
   */
  private static void normal(
      MersenneTwister twister, int dtype, long n, Elements y, double mean, double deviation) {
    if (n < BLOCK) {
      normalSerial(twister, n, y, mean, deviation);
      return;
    }
    for (long i = 0; i < n; i++) {
      y.set(i, uniform(twister, dtype));
    }
    for (long i = 0; i + BLOCK <= n; i += BLOCK) {
      transform(dtype, y, i, mean, deviation);
    }
    if (n % BLOCK != 0) {
      for (long i = n - BLOCK; i < n; i++) {
        y.set(i, uniform(twister, dtype));
      }
      transform(dtype, y, n - BLOCK, mean, deviation);
    }
  }

  private static double uniform(MersenneTwister twister, int dtype) {
    return dtype == Kernels.FLOAT32 ? twister.uniformFloat() : twister.uniformDouble();
  }

  private static void transform(int dtype, Elements y, long first, double mean, double deviation) {
    if (dtype == Kernels.FLOAT32) {
      float[] block = new float[BLOCK];
      for (int j = 0; j < BLOCK; j++) {
        block[j] = (float) y.get(first + j);
      }
      NormalFloats.transform(block, (float) mean, (float) deviation);
      for (int j = 0; j < BLOCK; j++) {
        y.set(first + j, block[j]);
      }
      return;
    }
    for (long j = first; j < first + BLOCK / 2; j++) {
      double radius = Math.sqrt(-2 * Math.log(1 - y.get(j)));
      double angle = 2 * Math.PI * y.get(j + BLOCK / 2);
      y.set(j, Math.fma(radius * Math.cos(angle), deviation, mean));
      y.set(j + BLOCK / 2, Math.fma(radius * Math.sin(angle), deviation, mean));
    }
  }

  private static void normalSerial(
      MersenneTwister twister, long n, Elements y, double mean, double deviation) {
    for (long i = 0; i < n; i++) {
      y.set(i, Math.fma(twister.normal(), deviation, mean));
    }
  }

  private static void bernoulli(MersenneTwister twister, long n, Elements y, double p) {
    for (long i = 0; i < n; i++) {
      y.setLong(i, twister.uniformDouble() < p ? 1 : 0);
    }
  }

  private static void bernoulliEach(
      MersenneTwister twister, int dtype, long n, Elements x, Elements y) {
    for (long i = 0; i < n; i++) {
      y.setLong(i, uniform(twister, dtype) < x.get(i) ? 1 : 0);
    }
  }

  private static void integers(MersenneTwister twister, long n, Elements y, long from, long range) {
    boolean wide = Long.compareUnsigned(range, 1L << 32) >= 0;
    for (long i = 0; i < n; i++) {
      long bits = wide ? twister.nextLong() : twister.next() & 0xFFFFFFFFL;
      y.setLong(i, from + Long.remainderUnsigned(bits, range));
    }
  }

  /** Fisher and Yates from the front; small permutations take 32 bits a swap. */
  private static void permutation(MersenneTwister twister, long n, Elements y) {
    for (long i = 0; i < n; i++) {
      y.setLong(i, i);
    }
    boolean wide = n >= (1L << 32) / 20;
    for (long i = 0; i < n - 1; i++) {
      long bits = wide ? twister.nextLong() : twister.next() & 0xFFFFFFFFL;
      long other = i + Long.remainderUnsigned(bits, n - i);
      long kept = y.getLong(i);
      y.setLong(i, y.getLong(other));
      y.setLong(other, kept);
    }
  }
}
