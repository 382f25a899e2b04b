package dev.flambeau.fuzz;

import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.Objects;

/** Values for {@code Tensor.of(Object)}: nested arrays, also ragged ones, and what is no array. */
final class Nested {
  private Nested() {}

  static Arg any(Dice d) {
    switch (d.below(8)) {
      case 0:
        return new Arg("\"text\"", "text");
      case 1:
        Object number = d.of((Object) 7, 7L, 0.5f, 0.5, true, (byte) 3, (short) 4, 'c');
        return new Arg("(Object) " + number, number);
      case 2:
        return new Arg("new Object()", new Object());
      default:
        return array(d);
    }
  }

  private static Arg array(Dice d) {
    int rows = d.below(4);
    int columns = d.below(4);
    boolean deep = d.chance(0.3);
    float[][] rectangle = new float[rows][];
    for (int i = 0; i < rows; i++) {
      rectangle[i] = new float[d.chance(0.12) ? d.below(4) : columns];
      if (d.chance(0.04)) {
        rectangle[i] = null;
      }
    }
    if (!deep) {
      return new Arg(text(rectangle), rectangle);
    }
    float[][][] cube = new float[d.below(3) + 1][][];
    Arrays.setAll(cube, i -> d.chance(0.1) ? new float[d.below(3)][0] : rectangle);
    return new Arg(text(cube), cube);
  }

  private static String text(Object array) {
    String type = array instanceof float[][] ? "float[][] " : "float[][][] ";
    String all = Arrays.deepToString((Object[]) array);
    return "new " + type + all.replace('[', '{').replace(']', '}');
  }

  /** Whether a rectangle is not: such an array has no shape. */
  static boolean isRagged(Object nested) {
    return nested instanceof Object[] && sizes(nested) == null;
  }

  /** The shape, or null: for ragged arrays, and null rows. */
  private static String sizes(Object nested) {
    if (nested instanceof float[] row) {
      return "," + row.length;
    }
    if (!(nested instanceof Object[] rows)) {
      return nested == null ? null : "";
    }
    String first = rows.length == 0 ? "" : sizes(rows[0]);
    for (Object row : rows) {
      if (row == null || !Objects.equals(sizes(row), first)) {
        return null;
      }
    }
    return first == null ? null : "," + rows.length + first;
  }

  /** Refuses a tensor that was made of a ragged array. */
  static void check(Object nested, Tensor made) {
    if (isRagged(nested)) {
      throw new Fault("a ragged array gave a tensor of shape " + made.shape());
    }
  }
}
