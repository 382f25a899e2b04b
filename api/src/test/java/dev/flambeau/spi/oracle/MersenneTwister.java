package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;

/**
 * MT19937 (Matsumoto and Nishimura, 1998) in the bytes of a generator's state: 624 words, the
 * position of the next word, whether a normal sample is kept, and that sample.
 */
final class MersenneTwister {
  private static final int WORDS = 624;
  private static final int SHIFT = 397;

  private final Elements words;
  private final Elements sample;

  MersenneTwister(JavaMemory memory, long state) {
    words = memory.elements(Kernels.INT32, state);
    sample = memory.elements(Kernels.FLOAT64, state + 4 * (WORDS + 2));
  }

  void seed(long seed) {
    int word = (int) seed;
    words.setLong(0, word);
    for (int j = 1; j < WORDS; j++) {
      word = 1812433253 * (word ^ word >>> 30) + j;
      words.setLong(j, word);
    }
    words.setLong(WORDS, WORDS);
    words.setLong(WORDS + 1, 0);
    sample.set(0, 0);
  }

  /** The next 32 bits. */
  int next() {
    int position = (int) words.getLong(WORDS);
    if (position == WORDS) {
      renew();
      position = 0;
    }
    words.setLong(WORDS, position + 1);
    int y = (int) words.getLong(position);
    y ^= y >>> 11;
    y ^= y << 7 & 0x9D2C5680;
    y ^= y << 15 & 0xEFC60000;
    return y ^ y >>> 18;
  }

  /** The next 64 bits, the high half first. */
  long nextLong() {
    long high = next();
    return high << 32 | next() & 0xFFFFFFFFL;
  }

  /** In [0, 1), with 24 bits. */
  float uniformFloat() {
    return (next() & 0xFFFFFF) * 0x1p-24f;
  }

  /** In [0, 1), with 53 bits. */
  double uniformDouble() {
    return (nextLong() & (1L << 53) - 1) * 0x1p-53;
  }

  /**
   * A standard normal sample by Box and Muller; every second call gives the sine that the first one
   * kept.
   */
  double normal() {
    if (words.getLong(WORDS + 1) != 0) {
      words.setLong(WORDS + 1, 0);
      return sample.get(0);
    }
    double u1 = uniformDouble();
    double u2 = uniformDouble();
    double radius = Math.sqrt(-2 * Math.log(1 - u2));
    double angle = 2 * Math.PI * u1;
    words.setLong(WORDS + 1, 1);
    sample.set(0, radius * Math.sin(angle));
    return radius * Math.cos(angle);
  }

  private void renew() {
    for (int j = 0; j < WORDS; j++) {
      int upper = (int) words.getLong(j) & 0x80000000;
      int lower = (int) words.getLong((j + 1) % WORDS) & 0x7FFFFFFF;
      int mixed = upper | lower;
      int twist = mixed >>> 1 ^ ((mixed & 1) == 0 ? 0 : 0x9908B0DF);
      words.setLong(j, words.getLong((j + SHIFT) % WORDS) ^ twist);
    }
  }
}
