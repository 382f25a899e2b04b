package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** What each binary op is, one pair at a time. Null: the op does not exist there. */
public final class BinaryFormulas {
  private BinaryFormulas() {}

  interface DoubleBiPredicate {
    boolean test(double a, double b);
  }

  interface LongBiPredicate {
    boolean test(long a, long b);
  }

  /** Whether the op's result is bool. */
  public static boolean isPredicate(int op) {
    return floatingPredicate(op) != null;
  }

  /** Comparisons and logic of floating types. */
  static DoubleBiPredicate floatingPredicate(int op) {
    return switch (op) {
      case Kernels.EQ -> (a, b) -> a == b;
      case Kernels.NE -> (a, b) -> a != b;
      case Kernels.LT -> (a, b) -> a < b;
      case Kernels.LE -> (a, b) -> a <= b;
      case Kernels.GT -> (a, b) -> a > b;
      case Kernels.GE -> (a, b) -> a >= b;
      case Kernels.AND -> (a, b) -> a != 0 && b != 0;
      case Kernels.OR -> (a, b) -> a != 0 || b != 0;
      case Kernels.XOR -> (a, b) -> a != 0 ^ b != 0;
      default -> null;
    };
  }

  /** Comparisons and logic of integers and bool. */
  static LongBiPredicate integerPredicate(int op) {
    return switch (op) {
      case Kernels.EQ -> (a, b) -> a == b;
      case Kernels.NE -> (a, b) -> a != b;
      case Kernels.LT -> (a, b) -> a < b;
      case Kernels.LE -> (a, b) -> a <= b;
      case Kernels.GT -> (a, b) -> a > b;
      case Kernels.GE -> (a, b) -> a >= b;
      case Kernels.AND -> (a, b) -> a != 0 && b != 0;
      case Kernels.OR -> (a, b) -> a != 0 || b != 0;
      case Kernels.XOR -> (a, b) -> a != 0 ^ b != 0;
      default -> null;
    };
  }

  static DoubleBinaryOperator floating(int op) {
    return switch (op) {
      case Kernels.ADD -> (a, b) -> a + b;
      case Kernels.SUB -> (a, b) -> a - b;
      case Kernels.MUL -> (a, b) -> a * b;
      case Kernels.DIV -> (a, b) -> a / b;
      case Kernels.BINARY_POW -> BinaryFormulas::power;
      case Kernels.REMAINDER -> BinaryFormulas::remainder;
      case Kernels.MINIMUM -> Math::min;
      case Kernels.MAXIMUM -> Math::max;
      default -> null;
    };
  }

  static LongBinaryOperator integer(int op, int dtype) {
    boolean bool = dtype == Kernels.BOOL;
    return switch (op) {
      case Kernels.ADD -> (a, b) -> a + b;
      case Kernels.SUB -> bool ? null : (a, b) -> a - b;
      case Kernels.MUL -> (a, b) -> a * b;
      case Kernels.BINARY_POW -> bool ? null : BinaryFormulas::power;
      case Kernels.REMAINDER -> bool ? null : Math::floorMod;
      case Kernels.MINIMUM -> Math::min;
      case Kernels.MAXIMUM -> Math::max;
      default -> null;
    };
  }

  /**
   * The rest of the division, with the sign of the divisor, as in Python; computed as PyTorch does.
   */
  private static double remainder(double a, double b) {
    double rest = a % b;
    return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
  }

  /** C's pow: unlike Java's, 1 to any power is 1, and (-1) to an infinite power too. */
  static double power(double a, double b) {
    return a == 1 || a == -1 && Double.isInfinite(b) ? 1 : Math.pow(a, b);
  }

  /** By squaring, wrapping; a negative exponent leaves what is left of 1 / a^-b as an integer. */
  private static long power(long a, long b) {
    if (b < 0) {
      return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
    }
    long result = 1;
    for (long base = a, rest = b; rest > 0; rest >>= 1, base *= base) {
      result *= (rest & 1) == 1 ? base : 1;
    }
    return result;
  }
}
