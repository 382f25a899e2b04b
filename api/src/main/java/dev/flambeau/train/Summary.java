package dev.flambeau.train;

import dev.flambeau.Autograd;
import dev.flambeau.Device;
import dev.flambeau.Hook;
import dev.flambeau.Shape;
import dev.flambeau.Tensor;
import dev.flambeau.nn.Layer;
import dev.flambeau.nn.Module;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a model is made of: each layer's output shape and number of parameters, in the order in
 * which the layers run. Prints as a table.
 */
public final class Summary {
  /**
   * A layer.
   *
   * @param name its dotted name
   * @param type its class
   * @param output shape of what it gave
   * @param parameters how many numbers it owns, those of its children not counted
   */
  public record Row(String name, String type, Shape output, long parameters) {}

  private final List<Row> rows;
  private final long total;
  private final long trainable;

  private Summary(List<Row> rows, long total, long trainable) {
    this.rows = rows;
    this.total = total;
    this.trainable = trainable;
  }

  /**
   * Runs the model once on zeros of this shape (float32) on its parameters' device, without
   * recording and in evaluation.
   */
  public static Summary of(Layer model, long... inputShape) {
    List<Tensor> parameters = model.parameters();
    Device device = parameters.isEmpty() ? Device.cpu() : parameters.get(0).device();
    return of(model, Tensor.zeros(inputShape).to(device));
  }

  /** Runs the model once on this input, without recording and in evaluation. */
  public static Summary of(Layer model, Tensor input) {
    Map<Module, Boolean> modes = new LinkedHashMap<>();
    Map<Module, String> names = new IdentityHashMap<>();
    List<Row> rows = new ArrayList<>();
    List<Hook> hooks = new ArrayList<>();
    model
        .namedModules()
        .forEach(
            (name, m) -> {
              modes.put(m, m.isTraining());
              names.put(m, name);
              if (m instanceof Layer layer && m.children().isEmpty()) {
                hooks.add(layer.onForward((l, in, out) -> rows.add(row(names.get(l), l, out))));
              }
            });
    try (var off = Autograd.noGrad()) {
      model.eval();
      model.call(input);
    } finally {
      hooks.forEach(Hook::close);
      // Parents first: each sets all below it, which then set themselves where they differ.
      modes.forEach(
          (m, mode) -> {
            if (m.isTraining() != mode) {
              m.train(mode);
            }
          });
    }
    return new Summary(List.copyOf(rows), parameterCount(model), trainableCount(model));
  }

  private static Row row(String name, Layer layer, Tensor output) {
    return new Row(name, layer.getClass().getSimpleName(), output.shape(), parameterCount(layer));
  }

  /** How many numbers the parameters of a module are. */
  public static long parameterCount(Module module) {
    return module.parameters().stream().mapToLong(Tensor::numel).sum();
  }

  /** How many of these are trained. */
  public static long trainableCount(Module module) {
    return module.parameters().stream().filter(Tensor::requiresGrad).mapToLong(Tensor::numel).sum();
  }

  /** The layers that have no layers inside, in the order of their calls. */
  public List<Row> rows() {
    return rows;
  }

  /** Numbers in all parameters. */
  public long total() {
    return total;
  }

  /** Numbers in the parameters that are trained. */
  public long trainable() {
    return trainable;
  }

  @Override
  public String toString() {
    int first = "Layer".length();
    int second = "Output shape".length();
    for (Row r : rows) {
      first = Math.max(first, title(r).length());
      second = Math.max(second, shape(r.output).length());
    }
    String format = "%-" + (first + 2) + "s%-" + (second + 2) + "s%12s%n";
    StringBuilder s = new StringBuilder();
    s.append(line(format, "Layer", "Output shape", "Parameters"));
    s.append("-".repeat(first + second + 16)).append('\n');
    for (Row r : rows) {
      s.append(
          line(format, title(r), shape(r.output), String.format(Locale.ROOT, "%,d", r.parameters)));
    }
    s.append("-".repeat(first + second + 16)).append('\n');
    s.append(
        String.format(
            Locale.ROOT,
            "Parameters: %,d, of which %,d are trained (%s in float32)",
            total,
            trainable,
            bytes(4 * total)));
    return s.toString();
  }

  private static String line(String format, String a, String b, String c) {
    return String.format(Locale.ROOT, format, a, b, c).replace(System.lineSeparator(), "\n");
  }

  private static String title(Row r) {
    return r.name.isEmpty() ? r.type : r.name + " (" + r.type + ")";
  }

  private static String shape(Shape s) {
    String text = s.toString();
    return text.substring("torch.Size(".length(), text.length() - 1);
  }

  private static String bytes(long n) {
    return n < 1 << 20
        ? String.format(Locale.ROOT, "%.1f KB", n / 1024.0)
        : String.format(Locale.ROOT, "%.1f MB", n / 1048576.0);
  }
}
