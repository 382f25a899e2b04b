package dev.flambeau.parity;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * One row of a parity table: an op, what it was given, and what libtorch answered.
 *
 * @param outputs null where libtorch refused
 * @param nodes the name of the node that made each output, "-" for none
 * @param upstream the gradient given for each output, null for none; outputs at the end that are
 *     given none are left out
 * @param grads the gradient of each input; null where there is none
 */
public record ParityCase(
    int row,
    String op,
    List<Object> args,
    List<ParityTensor> inputs,
    List<ParityTensor> outputs,
    List<String> nodes,
    List<ParityTensor> upstream,
    List<ParityTensor> grads) {

  /** The rows of {@code parity/NAME.gz}. */
  public static List<ParityCase> table(String name) {
    List<ParityCase> cases = new ArrayList<>();
    try (BufferedReader r =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(ParityCase.class.getResourceAsStream(name + ".gz")),
                StandardCharsets.US_ASCII))) {
      int row = 0;
      for (String line = r.readLine(); line != null; line = r.readLine()) {
        row++;
        if (!line.startsWith("#")) {
          cases.add(parse(row, line.split("\t", -1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cases;
  }

  private static ParityCase parse(int row, String[] f) {
    boolean refused = f[3].equals("error");
    return new ParityCase(
        row,
        f[0],
        Arrays.stream(f[1].split(" ")).filter(a -> !a.isEmpty()).map(ParityCase::argument).toList(),
        tensors(f[2]),
        refused ? null : tensors(f[3]),
        List.of(f[4].split(",")),
        f[5].equals("-") ? List.of() : tensors(f[5]),
        f[6].equals("-") ? List.of() : tensors(f[6]));
  }

  private static List<ParityTensor> tensors(String text) {
    List<ParityTensor> all = new ArrayList<>();
    for (String t : text.split(" ")) {
      if (!t.isEmpty()) {
        all.add(ParityTensor.parse(t));
      }
    }
    return all;
  }

  private static Object argument(String text) {
    String value = text.substring(1);
    return switch (text.charAt(0)) {
      case 'i' -> Long.valueOf(value);
      case 'd' -> Double.valueOf(value);
      case 'b' -> Boolean.valueOf(value);
      case 's' -> value;
      case 'l' ->
          value.isEmpty()
              ? new long[0]
              : Arrays.stream(value.split(",")).mapToLong(Long::parseLong).toArray();
      default -> throw new IllegalArgumentException(text);
    };
  }

  boolean has(int i) {
    return i < args.size();
  }

  long whole(int i) {
    return (Long) args.get(i);
  }

  int number(int i) {
    return Math.toIntExact(whole(i));
  }

  double real(int i) {
    return (Double) args.get(i);
  }

  boolean flag(int i) {
    return (Boolean) args.get(i);
  }

  String text(int i) {
    return (String) args.get(i);
  }

  long[] longs(int i) {
    return (long[]) args.get(i);
  }

  int[] ints(int i) {
    return Arrays.stream(longs(i)).mapToInt(Math::toIntExact).toArray();
  }

  /** The largest absolute value among inputs, upstream gradients and outputs. */
  double scale() {
    return Math.max(upstreamScale(), Math.max(scale(inputs), scale(outputs)));
  }

  /** The largest absolute value of the upstream gradients. */
  double upstreamScale() {
    return scale(upstream);
  }

  private static double scale(List<ParityTensor> tensors) {
    return tensors.stream()
        .filter(t -> t != null)
        .mapToDouble(ParityTensor::scale)
        .reduce(0, Math::max);
  }

  /** The largest of input, upstream gradient and their product at one element. */
  double scale(int element) {
    ParityTensor x = inputs.get(0);
    double a = element < x.numel() ? Math.abs(x.real(element)) : 0;
    ParityTensor first = upstream.isEmpty() ? null : upstream.get(0);
    boolean has = first != null && element < first.numel();
    double g = has ? Math.abs(first.real(element)) : 0;
    double most = Math.max(Math.max(a, g), a * g);
    return Double.isFinite(most) ? most : 0;
  }

  @Override
  public String toString() {
    List<Object> shown =
        args.stream().map(a -> a instanceof long[] l ? Arrays.toString(l) : a).toList();
    return "row " + row + ": " + op + shown + inputs;
  }
}
