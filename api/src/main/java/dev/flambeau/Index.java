package dev.flambeau;

import dev.flambeau.internal.kernels.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * One step of an index expression, as in NumPy: {@code x.get(Index.at(0), Index.all(),
 * Index.slice(null, null, 2))} is {@code x[0, :, ::2]}, and so is {@code x.get("0, :, ::2")}.
 */
public sealed interface Index {
  /**
   * One element of a dim, which the result no longer has.
   *
   * @param index its position; negative ones count from the end
   */
  record At(long index) implements Index {}

  /**
   * The elements {@code start}, {@code start + step}, ... before {@code end}; negative positions
   * count from the end.
   *
   * @param start the first; null: from the beginning
   * @param end before which it ends; null: to the end
   * @param step at least 1
   */
  record Slice(Long start, Long end, long step) implements Index {}

  /** As many whole dims as are not named. */
  record Ellipsis() implements Index {}

  /** A new dim of size 1. */
  record NewAxis() implements Index {}

  /**
   * The elements that a tensor names.
   *
   * @param indices positions along one dim (int64), or a mask over as many dims as it has (bool)
   */
  record Of(Tensor indices) implements Index {
    /** An index by a tensor, which is not null. */
    public Of {
      Require.given("of", "indices", indices);
    }
  }

  /**
   * One element of a dim, which the result no longer has; negative positions count from the end.
   */
  static Index at(long index) {
    return new At(index);
  }

  /**
   * The elements from {@code start} (null: the first) to before {@code end} (null: after the last).
   */
  static Index slice(Long start, Long end) {
    return new Slice(start, end, 1);
  }

  /**
   * Every {@code step}-th element from {@code start} (null: the first) to before {@code end} (null:
   * after the last).
   */
  static Index slice(Long start, Long end, long step) {
    return new Slice(start, end, step);
  }

  /**
   * The elements from {@code start} to before {@code end}; negative positions count from the end.
   */
  static Index slice(long start, long end) {
    return new Slice(start, end, 1);
  }

  /** Every {@code step}-th element from {@code start} to before {@code end}. */
  static Index slice(long start, long end, long step) {
    return new Slice(start, end, step);
  }

  /** A whole dim: {@code :}. */
  static Index all() {
    return new Slice(null, null, 1);
  }

  /** As many whole dims as are not named: {@code ...}. */
  static Index ellipsis() {
    return new Ellipsis();
  }

  /** A new dim of size 1: {@code None}. */
  static Index newAxis() {
    return new NewAxis();
  }

  /** The elements at the positions in an int64 tensor, or where a bool tensor holds. */
  static Index of(Tensor indices) {
    return new Of(indices);
  }

  /** Parses NumPy's notation: {@code "0, :, ::2"}, {@code "..., -1"}, {@code "None, 2:5"}. */
  static List<Index> parse(String text) {
    List<Index> out = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      out.add(parseOne(part.trim(), text));
    }
    return out;
  }

  private static Index parseOne(String part, String whole) {
    try {
      if (part.equals("...")) {
        return new Ellipsis();
      }
      if (part.equalsIgnoreCase("None") || part.equalsIgnoreCase("newaxis")) {
        return new NewAxis();
      }
      String[] ends = part.split(":", -1);
      if (ends.length == 1) {
        return new At(Long.parseLong(part));
      }
      if (ends.length <= 3) {
        Long step = ends.length == 3 ? end(ends[2]) : null;
        return new Slice(end(ends[0]), end(ends[1]), step == null ? 1 : step);
      }
    } catch (NumberFormatException e) {
      // Said below, with the whole expression.
    }
    throw new IllegalArgumentException(
        "index: cannot read \""
            + part
            + "\" in \""
            + whole
            + "\"; use numbers, a:b:step, ... and None");
  }

  private static Long end(String s) {
    return s.isBlank() ? null : Long.valueOf(s.trim());
  }

  /**
   * What a program passed: an Index, a whole number, a tensor, a string, or null for a new axis.
   */
  static List<Index> list(Object... parts) {
    List<Index> out = new ArrayList<>();
    for (Object p : parts) {
      if (p instanceof Index i) {
        out.add(i);
      } else if (p instanceof Integer
          || p instanceof Long
          || p instanceof Short
          || p instanceof Byte) {
        out.add(new At(((Number) p).longValue()));
      } else if (p instanceof Tensor t) {
        out.add(new Of(t));
      } else if (p instanceof String s) {
        out.addAll(parse(s));
      } else if (p == null) {
        out.add(new NewAxis());
      } else {
        throw new IllegalArgumentException(
            "index: "
                + p.getClass().getSimpleName()
                + " is no index; use a whole number, Index, int64 or bool Tensor, or a"
                + " string like \"0, :, ::2\"");
      }
    }
    return out;
  }
}
