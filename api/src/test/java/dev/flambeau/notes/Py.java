package dev.flambeau.notes;

import dev.flambeau.Shape;
import dev.flambeau.internal.text.PyFormat;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Python's own text of its lists, tuples and values, which the notes print too. */
final class Py {
  private Py() {}

  /** {@code (4, 2.5)}, and {@code (18,)} for one item. */
  record Tuple(List<Object> items) {
    @Override
    public String toString() {
      String only = items.size() == 1 ? "," : "";
      return items.stream().map(Py::repr).collect(Collectors.joining(", ", "(", only + ")"));
    }
  }

  /** Python's {@code (a, b)}. */
  static Tuple tuple(Object... items) {
    return new Tuple(Arrays.asList(items));
  }

  /** Python's {@code tuple(shape)}. */
  static Tuple tuple(Shape shape) {
    return tuple(Arrays.stream(shape.toArray()).boxed().toArray());
  }

  /** Python's {@code repr}, of a list too. */
  static String repr(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean b) {
      return b ? "True" : "False";
    }
    if (value instanceof Double || value instanceof Float) {
      return PyFormat.repr(((Number) value).doubleValue());
    }
    if (value instanceof String s) {
      return "'" + s + "'";
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Py::repr).collect(Collectors.joining(", ", "[", "]"));
    }
    return value.toString();
  }
}
