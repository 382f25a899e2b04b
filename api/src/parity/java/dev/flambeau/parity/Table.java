package dev.flambeau.parity;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One table: a line that says who wrote it, then a line per case, fields apart by tabs:
 *
 * <pre>op, arguments, inputs, outputs, node names, upstream gradient, gradients of the inputs</pre>
 *
 * Arguments and tensors are apart by spaces. Where several outputs have a gradient, or one beside
 * the first, there is an upstream gradient or {@code n} for each output. An argument is a letter
 * and its value: {@code i3} a long, {@code d0.5} a double, {@code btrue}, {@code stanh}, {@code
 * l1,2} a list of longs, {@code n} none. A tensor is written as {@link TableTensor} says, {@code n}
 * is a missing one. Where libtorch refused the case, the outputs are the one word {@code error}.
 */
final class Table {

  /** One case in libtorch. */
  interface Op {
    List<Tensor> apply(Tensor[] in);
  }

  /** Elements of a second-order case. */
  private static final int LARGEST = 24;

  private static final List<DType> FIRST =
      List.of(DType.F32, DType.F64, DType.I64, DType.I32, DType.U8, DType.B1);

  private final String name;
  private final List<String> lines;
  private final boolean secondOrder;
  final Values values;

  /** What cases of every dtype are of. */
  final List<DType> dtypes;

  Table(String name, long seed) {
    this(name, seed, false, new ArrayList<>(), FIRST);
  }

  private Table(
      String name, long seed, boolean secondOrder, List<String> lines, List<DType> dtypes) {
    this.name = name;
    this.values = new Values(seed);
    this.secondOrder = secondOrder;
    this.lines = lines;
    this.dtypes = dtypes;
  }

  /** Whether this is about derivatives of derivatives. */
  boolean isSecondOrder() {
    return secondOrder;
  }

  /**
   * This table with random numbers of its own: cases that join it later are written here, and leave
   * those of the others as they were.
   */
  Table joined(long seed) {
    return new Table(name, seed, secondOrder, lines, dtypes);
  }

  /** The same for dtypes that join later. */
  Table joined(long seed, DType... dtypes) {
    return new Table(name, seed, secondOrder, lines, List.of(dtypes));
  }

  /** Pairs of dtypes, of which at least one is among {@link #dtypes}, and none joins later. */
  List<DType[]> pairs() {
    int known = dtypes.stream().mapToInt(DType::ordinal).max().orElseThrow();
    List<DType[]> pairs = new ArrayList<>();
    for (DType a : DType.values()) {
      for (DType b : DType.values()) {
        boolean old = a.ordinal() <= known && b.ordinal() <= known;
        if (old && (dtypes.contains(a) || dtypes.contains(b))) {
          pairs.add(new DType[] {a, b});
        }
      }
    }
    return pairs;
  }

  /**
   * A table of second derivatives, of the float64 cases alone: the outputs are the gradients of the
   * inputs, and the gradients are those of the sum of all these.
   */
  static Table ofSecondOrder(String name, long seed) {
    return new Table(name, seed, true, new ArrayList<>(), FIRST);
  }

  /** Writes a case of an op that answers one tensor. */
  void one(String op, Object[] args, List<TableTensor> inputs, Function<Tensor[], Tensor> f) {
    all(op, args, inputs, in -> List.of(f.apply(in)));
  }

  /** Writes a case, in which the first output has a gradient. */
  void all(String op, Object[] args, List<TableTensor> inputs, Op f) {
    write(op, args, inputs, f, false, 1);
  }

  /**
   * Writes a case that libtorch may refuse; if not, one for each subset of outputs with a gradient.
   */
  void subsets(String op, Object[] args, List<TableTensor> inputs, int outputs, Op f) {
    for (int with = 1; with < 1 << outputs; with++) {
      if (!write(op, args, inputs, f, true, with)) {
        return;
      }
    }
  }

  /** Writes a case that libtorch may refuse. */
  void maybe(String op, Object[] args, List<TableTensor> inputs, Function<Tensor[], Tensor> f) {
    write(op, args, inputs, in -> List.of(f.apply(in)), true, 1);
  }

  /**
   * {@code with}: the outputs that have a gradient, by bits. False where libtorch refused, or no
   * gradient was wanted: then there is one case.
   */
  private boolean write(
      String op, Object[] args, List<TableTensor> inputs, Op f, boolean mayFail, int with) {
    Tensor[] in = inputs.stream().map(i -> i == null ? null : i.tensor()).toArray(Tensor[]::new);
    List<Tensor> out;
    try {
      out = f.apply(in);
    } catch (RuntimeException e) {
      if (!mayFail) {
        throw new IllegalStateException(op + Arrays.deepToString(args) + inputs, e);
      }
      if (!secondOrder) {
        line(op, args, inputs, "error", "-", "-", "-");
      }
      return false;
    }
    List<Tensor> some = new ArrayList<>();
    for (int i = 0; i < out.size(); i++) {
      if ((with >> i & 1) == 1) {
        some.add(out.get(i));
      }
    }
    if (secondOrder) {
      return second(op, args, inputs, in, some, with);
    }
    String names = out.stream().map(Aten::nodeName).collect(Collectors.joining(","));
    String outputs = join(out.stream().map(TableTensor::from).toList());
    if (!some.get(0).requires_grad()) {
      line(op, args, inputs, outputs, names, "-", "-");
      return false;
    }
    List<TableTensor> upstream = upstream(some);
    torch.backward(
        vector(some), gradients(upstream), new BoolOptional(), false, new TensorVector());
    List<TableTensor> grads = new ArrayList<>();
    for (Tensor t : in) {
      boolean has = t != null && t.requires_grad() && t.grad().defined();
      grads.add(has ? TableTensor.from(t.grad()) : null);
    }
    line(op, args, inputs, outputs, names, spread(upstream, with), join(grads));
    return true;
  }

  private List<TableTensor> upstream(List<Tensor> outputs) {
    return outputs.stream()
        .map(TableTensor::from)
        .map(like -> values.normal(like.dtype(), like.shape()))
        .toList();
  }

  private static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(tensors.toArray(Tensor[]::new));
  }

  private static TensorVector gradients(List<TableTensor> upstream) {
    return vector(upstream.stream().map(TableTensor::tensor).toList());
  }

  /** The gradients, each at the place of its output. */
  private static String spread(List<TableTensor> upstream, int with) {
    List<TableTensor> all = new ArrayList<>();
    for (int i = 0, next = 0; with >> i != 0; i++) {
      all.add((with >> i & 1) == 1 ? upstream.get(next++) : null);
    }
    return join(all);
  }

  private boolean second(
      String op, Object[] args, List<TableTensor> inputs, Tensor[] in, List<Tensor> out, int with) {
    TensorVector wanted = new TensorVector();
    for (Tensor t : in) {
      if (t != null && t.requires_grad()) {
        wanted.push_back(t);
      }
    }
    Tensor some = out.get(0);
    boolean small = some.numel() > 0 && some.numel() <= LARGEST;
    if (!small || !some.requires_grad() || DType.of(some.scalar_type().value) != DType.F64) {
      return false;
    }
    List<TableTensor> upstream = upstream(out);
    TensorVector first =
        torch.grad(vector(out), wanted, gradients(upstream), new BoolOptional(), true, true);
    Tensor total = null;
    List<TableTensor> gradients = new ArrayList<>();
    for (long i = 0; i < first.size(); i++) {
      Tensor g = first.get(i);
      gradients.add(g.defined() ? TableTensor.from(g) : null);
      if (g.defined() && g.requires_grad()) {
        Tensor sum = Aten.call("sum", g);
        total = total == null ? sum : Aten.call("add.Tensor", total, sum);
      }
    }
    if (total == null) {
      return true;
    }
    total.backward();
    List<TableTensor> seconds = new ArrayList<>();
    for (Tensor t : in) {
      boolean has = t != null && t.requires_grad() && t.grad().defined();
      seconds.add(has ? TableTensor.from(t.grad()) : null);
    }
    line(op, args, inputs, join(gradients), "-", spread(upstream, with), join(seconds));
    return true;
  }

  private void line(String op, Object[] args, List<TableTensor> inputs, String... rest) {
    String given = Arrays.stream(args).map(Table::argument).collect(Collectors.joining(" "));
    lines.add(op + '\t' + given + '\t' + join(inputs) + '\t' + String.join("\t", rest));
  }

  private static String join(List<TableTensor> tensors) {
    return tensors.stream()
        .map(t -> t == null ? "n" : t.toString())
        .collect(Collectors.joining(" "));
  }

  private static String argument(Object a) {
    if (a == null) {
      return "n";
    } else if (a instanceof long[] list) {
      return 'l' + Arrays.stream(list).mapToObj(Long::toString).collect(Collectors.joining(","));
    } else if (a instanceof Double || a instanceof Boolean) {
      return a.getClass().getSimpleName().substring(0, 1).toLowerCase(Locale.ROOT) + a;
    } else if (a instanceof String s) {
      return 's' + s.replace(" ", "");
    }
    return "i" + ((Number) a).longValue();
  }

  /** Writes the table into {@code folder}; the same cases give the same bytes. */
  void write(Path folder) throws IOException {
    Path file = folder.resolve(name + ".gz");
    try (Writer w =
        new OutputStreamWriter(
            new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.US_ASCII)) {
      w.write("# libtorch 2.13.0\n");
      for (String line : lines) {
        w.write(line);
        w.write('\n');
      }
    }
    System.out.printf("%s: %d cases, %d bytes%n", file, lines.size(), Files.size(file));
  }
}
