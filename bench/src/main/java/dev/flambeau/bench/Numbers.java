package dev.flambeau.bench;

/** Numbers that every peer starts from, in any language: a hash of (seed, index) in 24 bits. */
public final class Numbers {
  private Numbers() {}

  /** Of {@code n} elements in {@code low} to {@code high}: splitmix64's output function. */
  public static float[] uniform(long seed, int n, double low, double high) {
    float[] x = new float[n];
    float scale = (float) ((high - low) / (1 << 24));
    float from = (float) low;
    for (int i = 0; i < n; i++) {
      long z = (seed << 32) + (i + 1) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      x[i] = from + (z >>> 40) * scale;
    }
    return x;
  }
}
