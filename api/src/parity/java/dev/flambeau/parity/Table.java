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
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One table: a line that says who wrote it, then a line per case, fields apart by tabs:
 *
 * <pre>op, arguments, inputs, outputs, node names, upstream gradient, gradients of the inputs</pre>
 *
 * Arguments and tensors are apart by spaces. An argument is a letter and its value: {@code i3} a
 * long, {@code d0.5} a double, {@code btrue}, {@code stanh}, {@code l1,2} a list of longs, {@code
 * n} none. A tensor is written as {@link In} says, {@code n} is a missing one. Where libtorch
 * refused the case, the outputs are the one word {@code error}.
 */
final class Table {

  /** One case in libtorch. */
  interface Op {
    List<Tensor> apply(Tensor[] in);
  }

  /** Elements of a second-order case. */
  private static final int LARGEST = 24;

  private final String name;
  private final List<String> lines = new ArrayList<>();
  private final boolean secondOrder;
  final Values values;

  Table(String name, long seed) {
    this(name, seed, false);
  }

  private Table(String name, long seed, boolean secondOrder) {
    this.name = name;
    this.values = new Values(seed);
    this.secondOrder = secondOrder;
  }

  /**
   * A table of second derivatives, of the float64 cases alone: the outputs are the gradients of the
   * inputs, and the gradients are those of the sum of all these.
   */
  static Table ofSecondOrder(String name, long seed) {
    return new Table(name, seed, true);
  }

  /** Writes a case of an op that answers one tensor. */
  void one(String op, Object[] args, List<In> inputs, Function<Tensor[], Tensor> f) {
    all(op, args, inputs, in -> List.of(f.apply(in)));
  }

  /** Writes a case. */
  void all(String op, Object[] args, List<In> inputs, Op f) {
    write(op, args, inputs, f, false);
  }

  /** Writes a case that libtorch may refuse. */
  void maybe(String op, Object[] args, List<In> inputs, Function<Tensor[], Tensor> f) {
    write(op, args, inputs, in -> List.of(f.apply(in)), true);
  }

  private void write(String op, Object[] args, List<In> inputs, Op f, boolean mayFail) {
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
      return;
    }
    if (secondOrder) {
      second(op, args, inputs, in, out.get(0));
      return;
    }
    String names = out.stream().map(Aten::nodeName).collect(Collectors.joining(","));
    String outputs = join(out.stream().map(In::from).toList());
    Tensor first = out.get(0);
    if (!first.requires_grad()) {
      line(op, args, inputs, outputs, names, "-", "-");
      return;
    }
    In like = In.from(first);
    In upstream = values.normal(like.dtype(), like.shape());
    first.backward(upstream.tensor(), new BoolOptional(), false, new TensorArrayRefOptional());
    List<In> grads = new ArrayList<>();
    for (Tensor t : in) {
      boolean has = t != null && t.requires_grad() && t.grad().defined();
      grads.add(has ? In.from(t.grad()) : null);
    }
    line(op, args, inputs, outputs, names, upstream.toString(), join(grads));
  }

  private void second(String op, Object[] args, List<In> inputs, Tensor[] in, Tensor out) {
    TensorVector wanted = new TensorVector();
    for (Tensor t : in) {
      if (t != null && t.requires_grad()) {
        wanted.push_back(t);
      }
    }
    boolean small = out.numel() > 0 && out.numel() <= LARGEST;
    if (!small || !out.requires_grad() || DType.of(out.scalar_type().value) != DType.F64) {
      return;
    }
    In upstream = values.normal(DType.F64, In.from(out).shape());
    TensorVector first =
        torch.grad(
            new TensorVector(out),
            wanted,
            new TensorVector(upstream.tensor()),
            new BoolOptional(),
            true,
            true);
    Tensor total = null;
    List<In> gradients = new ArrayList<>();
    for (long i = 0; i < first.size(); i++) {
      Tensor g = first.get(i);
      gradients.add(g.defined() ? In.from(g) : null);
      if (g.defined() && g.requires_grad()) {
        Tensor sum = Aten.call("sum", g);
        total = total == null ? sum : Aten.call("add.Tensor", total, sum);
      }
    }
    if (total == null) {
      return;
    }
    total.backward();
    List<In> seconds = new ArrayList<>();
    for (Tensor t : in) {
      boolean has = t != null && t.requires_grad() && t.grad().defined();
      seconds.add(has ? In.from(t.grad()) : null);
    }
    line(op, args, inputs, join(gradients), "-", upstream.toString(), join(seconds));
  }

  private void line(String op, Object[] args, List<In> inputs, String... rest) {
    String given = Arrays.stream(args).map(Table::argument).collect(Collectors.joining(" "));
    lines.add(op + '\t' + given + '\t' + join(inputs) + '\t' + String.join("\t", rest));
  }

  private static String join(List<In> tensors) {
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
