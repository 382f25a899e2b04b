package dev.flambeau.fuzz;

import dev.flambeau.Activation;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Index;
import dev.flambeau.Reduction;
import dev.flambeau.Shape;
import dev.flambeau.Tensor;
import java.lang.reflect.Array;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Values for parameters of every type that the library's methods have. */
final class Arguments {
  private final Program p;
  private final long[] sizes; // of the tensor that is called, or null
  private final boolean integers; // where an index is wanted

  Arguments(Program p, Tensor receiver, boolean integers) {
    this.p = p;
    this.sizes = receiver == null || receiver.isReleased() ? null : receiver.shape().toArray();
    this.integers = integers;
  }

  private Dice d() {
    return p.dice;
  }

  Arg of(Type type) {
    if (type == boolean.class) {
      boolean b = d().chance(0.5);
      return new Arg("" + b, b);
    }
    if (type == int.class) {
      int i = Numbers.anyInt(d(), p.tame);
      return new Arg("" + i, i);
    }
    if (type == long.class) {
      long l = aLong();
      return new Arg(Numbers.text(l), l);
    }
    if (type == double.class) {
      double x = Numbers.anyDouble(d(), p.tame);
      return new Arg(Numbers.text(x), x);
    }
    if (type == float.class) {
      float x = (float) Numbers.anyDouble(d(), p.tame);
      return new Arg("(float) " + Numbers.text(x), x);
    }
    if (type == Tensor.class) {
      return d().chance(p.tame ? 0 : 0.02) ? Arg.NULL : tensor();
    }
    if (type == Tensor[].class || isListOfTensors(type)) {
      return tensors(type != Tensor[].class);
    }
    if (type == Object[].class) {
      return indices();
    }
    if (type == Object.class) {
      return Nested.any(d());
    }
    if (type instanceof Class<?> c) {
      if (c.isArray()) {
        return array(c.getComponentType());
      }
      return object(c);
    }
    if (type.getTypeName().startsWith(UnaryOperator.class.getName())) {
      return Guests.hook(p, null);
    }
    throw new IllegalStateException("Arguments makes no value for a parameter of type " + type);
  }

  private static boolean isListOfTensors(Type type) {
    return type instanceof ParameterizedType t
        && t.getRawType() == List.class
        && t.getActualTypeArguments()[0] == Tensor.class;
  }

  private long aLong() {
    if (sizes != null && sizes.length > 0 && d().chance(0.3)) {
      return sizes[d().below(sizes.length)] + d().between(-1, 1);
    }
    return Numbers.anyLong(d(), p.tame);
  }

  private Arg object(Class<?> c) {
    if (c == DType.class) {
      DType t = d().of(DType.values());
      return new Arg("DType." + t.name(), t);
    }
    if (c == Device.class) {
      return new Arg("Device.cpu()", Device.cpu());
    }
    if (c == Shape.class) {
      long[] shape = Numbers.shape(d(), sizes, p.tame);
      try {
        return new Arg("Shape.of(" + Numbers.text(shape) + ")", Shape.of(shape));
      } catch (IllegalArgumentException e) {
        return new Arg("Shape.of(2)", Shape.of(2));
      }
    }
    if (c == Reduction.class || c == Activation.class) {
      Object[] all = c.getEnumConstants();
      Object one = all[d().below(all.length)];
      return new Arg(c.getSimpleName() + "." + ((Enum<?>) one).name(), one);
    }
    if (c == String.class) {
      String s = d().of("none", "tanh", "tanh", "", "mean");
      return new Arg('"' + s + '"', s);
    }
    if (c == ByteBuffer.class) {
      return Buffers.any(p);
    }
    if (c == UnaryOperator.class) {
      return Guests.hook(p, null);
    }
    throw new IllegalStateException("Arguments makes no value for a parameter of type " + c);
  }

  private Arg array(Class<?> of) {
    if (of == long.class) {
      long[] shape = Numbers.shape(d(), sizes, p.tame);
      return new Arg("new long[] " + Numbers.text(shape), shape);
    }
    if (of == int.class) {
      int[] dims = dims();
      return new Arg(
          "new int[] "
              + Arrays.stream(dims)
                  .mapToObj(Integer::toString)
                  .collect(Collectors.joining(", ", "{", "}")),
          dims);
    }
    int n = d().below(5);
    Object values = Array.newInstance(of, n);
    String text =
        IntStream.range(0, n)
            .mapToObj(
                i -> {
                  Arg a = of(of);
                  Array.set(values, i, a.value());
                  return a.text();
                })
            .collect(Collectors.joining(", ", "new " + of + "[] {", "}"));
    return new Arg(text, values);
  }

  /** Dims: an order of them all, some of them, or anything. */
  private int[] dims() {
    int rank = sizes == null ? 2 : sizes.length;
    double kind = d().real();
    if (kind > 0.85 && !p.tame) {
      return IntStream.range(0, d().below(4)).map(i -> Numbers.anyInt(d(), false)).toArray();
    }
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      all.add(d().below(i + 1), d().chance(0.3) ? i - rank : i);
    }
    int n = kind < 0.5 ? rank : d().below(rank + 1);
    return all.subList(0, n).stream().mapToInt(i -> i).toArray();
  }

  private Arg tensor() {
    Dice d = d();
    if (d.chance(integers ? 0.6 : 0.25)) {
      String name = p.newName("x");
      DType type =
          integers
              ? d.chance(0.85) ? DType.INT64 : d.of(DType.values())
              : d.of(DType.FLOAT32, DType.FLOAT32, DType.FLOAT64, DType.BOOL, d.of(DType.values()));
      long[] shape = sizes != null && d.chance(0.6) ? sizes.clone() : Numbers.smallShape(d);
      if (sizes != null && integers && shape.length > 0 && d.chance(0.5)) {
        shape[d.below(shape.length)] = d.of(0, 1, 2, 3);
      }
      return Fresh.make(p, name, type, shape, integers);
    }
    String same = null;
    if (sizes != null && d.chance(0.6)) {
      List<String> fitting =
          p.tensors.entrySet().stream()
              .filter(e -> Arrays.equals(e.getValue().shape().toArray(), sizes))
              .map(e -> e.getKey())
              .toList();
      same = d.pick(fitting, n -> n);
    }
    String name = same != null ? same : p.anyTensor();
    return name == null ? Fresh.make(p, p.newName("x")) : new Arg(name, p.tensors.get(name));
  }

  private Arg tensors(boolean list) {
    int n = d().below(4);
    List<Tensor> values = new ArrayList<>();
    String text =
        IntStream.range(0, n)
            .mapToObj(
                i -> {
                  Arg a = !p.tame && d().chance(0.02) ? Arg.NULL : tensor();
                  values.add((Tensor) a.value());
                  return a.text();
                })
            .collect(Collectors.joining(", "));
    if (list) {
      return new Arg("Arrays.asList(new Tensor[] {" + text + "})", values);
    }
    return new Arg("new Tensor[] {" + text + "}", values.toArray(Tensor[]::new));
  }

  /** What {@code get} and {@code set} take: a text, numbers, {@link Index} objects, tensors. */
  private Arg indices() {
    int n = d().chance(0.05) ? 5 : d().below(3) + 1;
    List<Object> values = new ArrayList<>();
    String text =
        IntStream.range(0, n)
            .mapToObj(
                i -> {
                  Arg a = index();
                  values.add(a.value());
                  return a.text();
                })
            .collect(Collectors.joining(", ", "new Object[] {", "}"));
    return new Arg(text, values.toArray());
  }

  private Arg index() {
    Dice d = d();
    switch (d.below(8)) {
      case 0:
        int i = Numbers.anyInt(d, p.tame);
        return new Arg("" + i, i);
      case 1:
        long l = Numbers.anyLong(d, p.tame);
        return new Arg(Numbers.text(l), l);
      case 2:
        Long from = d.chance(0.2) ? null : Long.valueOf(Numbers.anyLong(d, p.tame));
        Long to = d.chance(0.2) ? null : Long.valueOf(Numbers.anyLong(d, p.tame));
        long step = d.chance(0.5) ? 1 : Numbers.anyLong(d, p.tame);
        return new Arg(
            "Index.slice((Long) " + from + ", (Long) " + to + ", " + Numbers.text(step) + ")",
            Index.slice(from, to, step));
      case 3:
        return d.chance(0.5)
            ? new Arg("Index.ellipsis()", Index.ellipsis())
            : new Arg("Index.newAxis()", Index.newAxis());
      case 4:
        Arg t = new Arguments(p, null, true).tensor();
        return t.value() == null
            ? t
            : new Arg("Index.of(" + t.text() + ")", Index.of((Tensor) t.value()));
      case 5:
        return new Arguments(p, null, true).tensor();
      case 6:
        return p.tame
            ? new Arg("0", 0)
            : d.of(Arg.NULL, new Arg("0.5", 0.5), new Arg("true", true));
      default:
        String s = indexText();
        return new Arg('"' + s + '"', s);
    }
  }

  private String indexText() {
    Dice d = d();
    StringBuilder s = new StringBuilder();
    for (int i = d.below(3); i >= 0; i--) {
      switch (d.below(5)) {
        case 0 -> s.append(Numbers.anyLong(d, p.tame));
        case 1 -> s.append("...");
        case 2 -> s.append(d.of("None", ":", "::2", "1:", ":-1", "x", "", "9999999999999999999"));
        default ->
            s.append(d.chance(0.3) ? "" : "" + Numbers.anyLong(d, p.tame))
                .append(':')
                .append(d.chance(0.3) ? "" : "" + Numbers.anyLong(d, p.tame))
                .append(d.chance(0.5) ? "" : ":" + Numbers.anyLong(d, p.tame));
      }
      s.append(i > 0 ? ", " : "");
    }
    return s.toString();
  }
}
