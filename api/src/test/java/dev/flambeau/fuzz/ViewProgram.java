package dev.flambeau.fuzz;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.fuzz.Model.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A program of views, and of writes through them, in float64: its values must be those of {@link
 * Model}, its gradients those of central differences on it, and nothing may be refused that PyTorch
 * takes.
 */
final class ViewProgram {
  private static final int STEPS = 14;
  private static final double LARGEST = 50;

  private static final String FAULT = "FAULT: ";

  private final long seed;
  private final Set<Integer> without; // steps that are left out
  private final StringBuilder text = new StringBuilder();
  final Model model = new Model();
  final List<Tensor> tensors = new ArrayList<>();
  private final List<Consumer<Model>> steps = new ArrayList<>(); // that were taken
  private final List<Integer> leaves = new ArrayList<>();
  private final List<double[]> leafValues = new ArrayList<>();
  private final Map<Model.Cells, Set<Integer>> saved =
      new HashMap<>(); // versions that backward reads
  final Set<Integer> unwritable = new HashSet<>(); // PyTorch refuses to write to these in place
  final Set<Integer> unrecorded = new HashSet<>(); // views made under noGrad
  boolean inPlaceHook;
  boolean unused; // the last tensor, which the last step made
  Dice dice;

  private ViewProgram(long seed, Set<Integer> without) {
    this.seed = seed;
    this.without = without;
  }

  /** Runs the program; returns the text of a short form of it, with what is wrong, or null. */
  static String run(long seed) {
    Set<Integer> without = new HashSet<>();
    String fault = run(seed, without);
    for (int i = STEPS; fault != null && i > 0; i--) {
      without.add(i);
      String shorter = run(seed, without);
      if (shorter != null && kind(shorter).equals(kind(fault))) {
        fault = shorter;
      } else {
        without.remove(i);
      }
    }
    return fault;
  }

  private static String kind(String program) {
    return program.substring(program.indexOf(FAULT)).replaceAll("(?s)(-?\\d|\\[).*", "");
  }

  private static String run(long seed, Set<Integer> without) {
    ViewProgram p = new ViewProgram(seed, without);
    try {
      p.run();
      return null;
    } catch (Fault f) {
      Throwable cause = f.getCause();
      StringBuilder trace = new StringBuilder();
      for (int i = 0; cause != null && i < Math.min(cause.getStackTrace().length, 8); i++) {
        trace.append("\n  at ").append(cause.getStackTrace()[i]);
      }
      return p.text + FAULT + f.getMessage() + trace;
    }
  }

  private void run() {
    dice = new Dice(seed, 0);
    int n = 1 + dice.below(2);
    for (int i = 0; i < n; i++) {
      leaf();
    }
    for (int i = 1; i <= STEPS; i++) {
      if (!without.contains(i)) {
        dice = new Dice(seed, i);
        ViewSteps.any(this);
      }
    }
    dice = new Dice(seed, STEPS + 1);
    for (int i = 0; i < tensors.size(); i++) {
      same(i);
    }
    gradients();
  }

  void say(String line) {
    text.append(line).append('\n');
  }

  private void leaf() {
    long[] sizes =
        dice.of(
            new long[] {4, 3},
            new long[] {2, 6},
            new long[] {3, 2, 2},
            new long[] {12},
            new long[] {1, 4},
            new long[] {});
    long salt = dice.below(100);
    int number = tensors.size();
    double[] values = Fresh.values(DType.FLOAT64, salt, -9, 19, 0.25, sizes).toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      values[i] += 0.11 + 0.003 * i;
    }
    String array = Arrays.toString(values).replaceAll("[\\[\\]]", "");
    boolean other = dice.chance(0.3) && sizes.length > 1;
    Tensor t = Tensor.of(DType.FLOAT64, values).reshape(sizes);
    if (other) {
      t = t.transpose(0, -1).contiguous().transpose(0, -1);
    }
    say(
        "Tensor v"
            + number
            + " = Tensor.of(DType.FLOAT64, new double[] {"
            + array
            + "}).reshape("
            + Numbers.text(sizes).replaceAll("[{}]", "")
            + ")"
            + (other ? ".transpose(0, -1).contiguous().transpose(0, -1)" : "")
            + ".requiresGrad_();");
    tensors.add(t.detach().requiresGrad_());
    unwritable.add(number);
    leaves.add(number);
    leafValues.add(values);
    int leaf = leafValues.size() - 1;
    Consumer<Model> step = m -> m.slots.add(m.fresh(leafValues.get(leaf), sizes));
    step.accept(model);
    steps.add(step);
  }

  /** A tensor's number, mostly the last one's; not of one that was made unrecorded. */
  int any() {
    int i = dice.chance(0.5) ? tensors.size() - 1 : dice.below(tensors.size());
    while (unrecorded.contains(i)) {
      i--; // the first is a leaf
    }
    return i;
  }

  /** One to write to: also a view that was made unrecorded, which PyTorch refuses. */
  int target() {
    return dice.chance(0.6) ? tensors.size() - 1 : dice.below(tensors.size());
  }

  Slot slot(int i) {
    return model.slots.get(i);
  }

  /** A call of the library; it may be refused. */
  interface Call {
    Tensor run();
  }

  /**
   * Takes a step on both sides, or on none. {@code refusable}: that PyTorch refuses it too. Returns
   * whether it was taken.
   */
  boolean take(String line, boolean refusable, Consumer<Model> step, Call call) {
    Runnable back = model.mark();
    step.accept(model);
    if (model.most() > LARGEST) {
      back.run();
      return false;
    }
    Tensor result;
    try {
      result = call.run();
    } catch (IllegalArgumentException | IllegalStateException e) {
      back.run();
      say("// refused: " + line + "  // " + e.getMessage());
      if (!refusable) {
        throw new Fault("refused, where PyTorch goes on: " + e, e);
      }
      return false;
    } catch (RuntimeException | StackOverflowError e) {
      say(line);
      throw new Fault("no exception of those a program may expect: " + e, e);
    }
    say(line);
    steps.add(step);
    unused = model.slots.size() > tensors.size();
    if (unused) {
      tensors.add(result);
    }
    return true;
  }

  /** Backward reads what this memory holds now. */
  void saves(int i) {
    Model.Cells c = slot(i).cells();
    saved.computeIfAbsent(c, k -> new HashSet<>()).add(c.version);
  }

  private boolean savedIsChanged() {
    return saved.entrySet().stream()
        .anyMatch(e -> e.getValue().stream().anyMatch(v -> v != e.getKey().version));
  }

  void same(int i) {
    double[] wanted = model.raw(slot(i));
    Tensor t = tensors.get(i);
    if (!Arrays.equals(t.shape().toArray(), slot(i).sizes())) {
      throw new Fault(
          "v" + i + " has shape " + t.shape() + ", not " + Arrays.toString(slot(i).sizes()));
    }
    double[] got = t.detach().toDoubleArray();
    for (int k = 0; k < wanted.length; k++) {
      if (!(Math.abs(wanted[k] - got[k]) <= 1e-9 * (1 + Math.abs(wanted[k])))) {
        throw new Fault(
            "v" + i + " is\n" + Arrays.toString(got) + "\nand must be\n" + Arrays.toString(wanted));
      }
    }
  }

  private static double weight(int tensor, int element) {
    return 1 + (tensor * 5 + element * 3) % 7 * 0.5;
  }

  private double loss(Model m, List<Integer> summed) {
    double loss = 0;
    for (int i : summed) {
      double[] v = m.read(m.slots.get(i));
      for (int k = 0; k < v.length; k++) {
        loss += weight(i, k) * v[k];
      }
    }
    return loss;
  }

  /** The same program with one element of one leaf moved. */
  private double lossAt(List<Integer> summed, int leaf, int element, double by) {
    double[] values = leafValues.get(leaf);
    double was = values[element];
    values[element] += by;
    Model m = new Model(model);
    steps.forEach(s -> s.accept(m));
    values[element] = was;
    return loss(m, summed);
  }

  private void gradients() {
    List<Integer> summed = new ArrayList<>();
    Tensor loss = null;
    for (int i = leaves.size(); i < tensors.size(); i++) {
      Tensor y = tensors.get(i);
      boolean constant = slot(i).detached() || unrecorded.contains(i);
      if (constant || !y.requiresGrad() || y.numel() == 0 || dice.chance(0.45)) {
        continue;
      }
      double[] w = new double[(int) y.numel()];
      int number = i;
      Arrays.setAll(w, k -> weight(number, k));
      Tensor weights = Tensor.of(DType.FLOAT64, w).reshape(y.shape());
      boolean other = y.dim() > 1 && dice.chance(0.5);
      if (other) {
        weights = weights.transpose(0, -1).contiguous().transpose(0, -1);
      }
      say(
          "loss += v"
              + i
              + ".mul(weights("
              + i
              + ")"
              + (other ? ", transposed in memory" : "")
              + ").sum();");
      Tensor part = y.mul(weights).sum();
      loss = loss == null ? part : loss.add(part);
      summed.add(i);
    }
    if (loss == null) {
      return;
    }
    boolean create = dice.chance(0.2);
    boolean twice = create || dice.chance(0.2);
    say("loss.backward(null, " + twice + ", " + create + ");" + (twice ? "  // twice" : ""));
    try {
      loss.backward(null, twice, create);
      if (twice) {
        loss.backward();
      }
    } catch (IllegalStateException | IllegalArgumentException e) {
      if (savedIsChanged() || inPlaceHook) { // which may have got an expanded gradient
        return;
      }
      throw new Fault("refused, where PyTorch goes on: " + e, e);
    } catch (RuntimeException | StackOverflowError e) {
      throw new Fault("no exception of those a program may expect: " + e, e);
    }
    for (int leaf = 0; leaf < leaves.size(); leaf++) {
      gradient(summed, leaf, twice ? 2 : 1);
    }
  }

  private void gradient(List<Integer> summed, int leaf, int times) {
    Tensor x = tensors.get(leaves.get(leaf));
    Tensor g = x.grad();
    if (g != null) {
      Inspect.gradient("v" + leaf + ".grad()", x, g);
    }
    double[] values = leafValues.get(leaf);
    double[] got = g == null ? new double[values.length] : g.toDoubleArray();
    double[] wanted = new double[values.length];
    boolean wrong = false;
    double middle = lossAt(summed, leaf, 0, 0);
    for (int k = 0; k < values.length; k++) {
      double h = 1e-6;
      double right = (lossAt(summed, leaf, k, h) - middle) / h;
      double left = (middle - lossAt(summed, leaf, k, -h)) / h;
      wanted[k] = times * (left + right) / 2;
      boolean smooth = Math.abs(left - right) <= 1e-3 * (1 + Math.abs(left));
      wrong |= smooth && !(Math.abs(wanted[k] - got[k]) <= 2e-3 * (1 + Math.abs(wanted[k])));
    }
    if (wrong) {
      throw new Fault(
          "v"
              + leaf
              + ".grad() is\n"
              + Arrays.toString(got)
              + "\ncentral differences are\n"
              + Arrays.toString(wanted));
    }
  }

  /** A result of one input is dense, with its dims in the order in which they lie in the input. */
  void inOrder(Tensor x, Tensor y) {
    long[] sizes = x.shape().toArray();
    long[] strides = x.stride();
    int[] order = IntStream.range(0, sizes.length).filter(i -> sizes[i] > 1).toArray();
    if (x.numel() == 0
        || Arrays.stream(order).mapToLong(i -> strides[i]).distinct().count() < order.length
        || Arrays.stream(order).anyMatch(i -> strides[i] == 0)) {
      return; // no order that PyTorch would keep
    }
    long step = 1;
    for (int rest = order.length; rest > 0; rest--) {
      int next =
          Arrays.stream(order)
              .boxed()
              .min(java.util.Comparator.comparingLong(i -> strides[i]))
              .orElse(-1);
      order = Arrays.stream(order).filter(i -> i != next).toArray();
      if (next < 0 || y.stride()[next] != step) {
        throw new Fault(
            "strides "
                + Arrays.toString(y.stride())
                + " of a result, its input of sizes "
                + Arrays.toString(sizes)
                + " has "
                + Arrays.toString(strides));
      }
      step *= sizes[next];
    }
  }
}
