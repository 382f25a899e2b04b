package dev.flambeau.fuzz;

import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * The choices of one step of a program. Each step has its own, from the program's seed and the
 * step's number, and chooses among named things by their names: so a program keeps most of its
 * calls when a step is left out, or when the library has a new method.
 */
final class Dice {
  private final SplittableRandom random;

  Dice(long seed, long step) {
    random = new SplittableRandom(mix(seed * 1_000_003 + step));
  }

  int below(int n) {
    return random.nextInt(n);
  }

  /** Between {@code from} and {@code to}, both included. */
  long between(long from, long to) {
    return random.nextLong(from, to + 1);
  }

  boolean chance(double p) {
    return random.nextDouble() < p;
  }

  double real() {
    return random.nextDouble();
  }

  long any() {
    return random.nextLong();
  }

  <T> T of(List<T> all) {
    return all.get(below(all.size()));
  }

  @SafeVarargs
  final <T> T of(T... all) {
    return all[below(all.length)];
  }

  long ofLongs(long... all) {
    return all[below(all.length)];
  }

  double ofDoubles(double... all) {
    return all[below(all.length)];
  }

  /** One of {@code all}: that whose name has the greatest hash with a number drawn now. */
  <T> T pick(Collection<T> all, Function<T, String> name) {
    long draw = random.nextLong();
    T best = null;
    long most = Long.MIN_VALUE;
    for (T candidate : all) {
      long hash = mix(draw ^ mix(name.apply(candidate).hashCode()));
      if (best == null || hash > most) {
        best = candidate;
        most = hash;
      }
    }
    return best;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
