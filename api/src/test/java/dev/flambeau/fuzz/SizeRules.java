package dev.flambeau.fuzz;

import dev.flambeau.Tensor;
import java.lang.reflect.Method;
import java.math.BigInteger;
import java.util.Arrays;

/** What sizes a result must have, by exact arithmetic, where the arguments say it. */
final class SizeRules {
  private SizeRules() {}

  private static BigInteger big(long v) {
    return BigInteger.valueOf(v);
  }

  private static BigInteger product(long[] sizes) {
    BigInteger n = BigInteger.ONE;
    for (long s : sizes) {
      n = n.multiply(big(s));
    }
    return n;
  }

  /** {@code sizes}: the receiver's, null for a static method. */
  static void check(Method m, long[] sizes, Object[] args, Object result) {
    if (!(result instanceof Tensor y) || y.isReleased()) {
      return;
    }
    long[] got = y.shape().toArray();
    switch (m.getName()) {
      case "zeros", "ones", "empty", "full", "rand", "randn", "randint", "uniform", "fromBuffer" ->
          same((long[]) args[args.length - 1], got);
      case "of" -> Nested.check(args[args.length - 1], y);
      case "arange" -> {
        if (args[0] instanceof Long) {
          count(arange(args), got);
        }
      }
      case "linspace" -> count(big((int) args[2]), got);
      case "randperm" -> count(big((long) args[0]), got);
      case "eye" -> same(new long[] {(long) args[0], (long) args[args.length - 1]}, got);
      case "narrow" -> same(along(sizes, (int) args[0], big((long) args[2])), got);
      case "slice" -> same(along(sizes, (int) args[0], slice(sizes, args)), got);
      case "view", "reshape" -> {
        if (args[0] instanceof long[] wanted) {
          resolved(product(sizes), wanted, got);
        }
      }
      case "expand" -> {
        long[] wanted = ((long[]) args[0]).clone();
        int more = wanted.length - sizes.length;
        for (int i = 0; i < wanted.length; i++) {
          wanted[i] = wanted[i] == -1 && i >= more ? sizes[i - more] : wanted[i];
        }
        same(wanted, got);
      }
      case "repeat" -> repeated(sizes, (long[]) args[0], got);
      case "oneHot" -> {
        if (sizes != null && args.length == 1 && (long) args[0] >= 0) {
          long[] wanted = Arrays.copyOf(sizes, sizes.length + 1);
          wanted[sizes.length] = (long) args[0];
          same(wanted, got);
        }
      }
      default -> {}
    }
  }

  private static BigInteger arange(Object[] args) {
    BigInteger start = args.length == 1 ? BigInteger.ZERO : big((long) args[0]);
    BigInteger end = big((long) args[args.length == 1 ? 0 : 1]);
    BigInteger step = args.length == 3 ? big((long) args[2]) : BigInteger.ONE;
    BigInteger[] n = end.subtract(start).divideAndRemainder(step);
    return n[1].signum() == 0 ? n[0] : n[0].add(BigInteger.ONE);
  }

  private static BigInteger slice(long[] sizes, Object[] args) {
    if (sizes.length == 0) {
      return BigInteger.ONE.negate();
    }
    BigInteger size = big(sizes[dim(sizes, (int) args[0])]);
    BigInteger from = position((long) args[1], size);
    BigInteger to = position((long) args[2], size);
    BigInteger step = big((long) args[3]);
    BigInteger span = to.subtract(from).max(BigInteger.ZERO);
    return span.add(step).subtract(BigInteger.ONE).divide(step);
  }

  private static BigInteger position(long at, BigInteger size) {
    BigInteger p = at < 0 ? big(at).add(size) : big(at);
    return p.max(BigInteger.ZERO).min(size);
  }

  private static int dim(long[] sizes, int dim) {
    return dim < 0 ? dim + sizes.length : dim;
  }

  private static long[] along(long[] sizes, int dim, BigInteger size) {
    if (sizes.length == 0 || size.signum() < 0) {
      throw new Fault("nothing was refused, and there is no such part");
    }
    long[] wanted = sizes.clone();
    wanted[dim(sizes, dim)] = size.longValueExact();
    return wanted;
  }

  private static void resolved(BigInteger numel, long[] wanted, long[] got) {
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] != got[i] && wanted[i] != -1) {
        same(wanted, got);
      }
    }
    if (wanted.length != got.length || !product(got).equals(numel)) {
      throw new Fault("another number of elements: " + Arrays.toString(got) + " of " + numel);
    }
  }

  private static void repeated(long[] sizes, long[] times, long[] got) {
    BigInteger wanted = product(sizes).multiply(product(times));
    if (!product(got).equals(wanted) || got.length != times.length) {
      throw new Fault("repeat gave " + Arrays.toString(got) + " for " + wanted + " elements");
    }
  }

  private static void count(BigInteger wanted, long[] got) {
    if (got.length != 1 || !big(got[0]).equals(wanted)) {
      throw new Fault("the size must be " + wanted + ", it is " + Arrays.toString(got));
    }
  }

  private static void same(long[] wanted, long[] got) {
    if (!Arrays.equals(wanted, got)) {
      throw new Fault(
          "the sizes must be " + Arrays.toString(wanted) + ", they are " + Arrays.toString(got));
    }
  }
}
