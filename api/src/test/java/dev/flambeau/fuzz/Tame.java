package dev.flambeau.fuzz;

import dev.flambeau.Flambeau;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Programs whose outcome is known to be the same in several settings: other threads or scopes give
 * the same bits, other layouts or kernels the same values up to rounding.
 */
final class Tame {
  private Tame() {}

  private static final int STEPS = 24;

  /** What shows something else than values, or gives none that are determined. */
  private static final Set<String> NEVER =
      Set.of(
          "close",
          "registerHook",
          "empty",
          "emptyLike",
          "fromBuffer",
          "setData",
          "device",
          "gradFn",
          "escape",
          "asParameter",
          "toString");

  /** What depends on where elements lie. */
  private static final Set<String> OF_MEMORY =
      Set.of(
          "stride",
          "storageOffset",
          "isContiguous",
          "isSameStorage",
          "version",
          "view",
          "viewAs",
          "zeroGrad");

  /** What draws numbers. */
  private static final String RANDOM = "rand.*|uniform.*|normal.*|bernoulli.*|dropout";

  /** What makes much of a small difference. */
  private static final String STEEP =
      "floor|ceil|round|sign|eq|ne|lt|le|gt|ge|remainder|arg.*|max|min|hardshrink|is[a-z]+|equal"
          + "|allclose|oneHot|logical.*|any|all|to[A-Z].*|to|item.*|pow|sqrt|rsqrt|reciprocal|r?div"
          + "|log|log1p|prod|norm|std|clamp.*|binaryCrossEntropy|bceLoss|sum_|expm1";

  private static final List<Method> EXACT =
      Methods.ALL.stream().filter(m -> !NEVER.contains(m.getName())).toList();

  private static final List<Method> SMOOTH =
      EXACT.stream()
          .filter(m -> !Methods.writes(m) && !OF_MEMORY.contains(m.getName()))
          .filter(m -> !m.getName().matches(RANDOM) && !m.getName().matches(STEEP))
          .toList();

  /**
   * Runs a program.
   *
   * @param smooth only what stays the same, up to rounding, in any layout and on any kernels
   * @param scopes whether each step has a scope of its own
   */
  static List<Outcome> run(long seed, boolean smooth, Fresh.Lie lie, boolean scopes) {
    Program p = program(seed, smooth, lie);
    Flambeau.manualSeed(seed);
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i <= STEPS; i++) {
      if (!scopes) {
        step(p, i, smooth);
      } else {
        try (Scope scope = Scope.open()) {
          step(p, i, smooth);
          p.tensors.values().forEach(scope::keep);
          p.wide.values().forEach(scope::keep);
        }
      }
      outcomes(p, outcomes);
    }
    for (var e : p.tensors.entrySet()) {
      if (e.getKey().startsWith("x") && !e.getValue().isReleased()) {
        outcomes.add(Outcome.of(e.getKey() + ".grad()", e.getValue().grad()));
      }
    }
    return outcomes;
  }

  /**
   * Runs a program in all settings, and compares; the values go to {@code values}, if that is
   * there. Returns what differs, or null.
   */
  static String compare(long seed, DataOutputStream values) throws IOException {
    int threads = Flambeau.numThreads();
    Flambeau.setNumThreads(1);
    List<Outcome> plain = run(seed, false, Fresh.Lie.AS_DRAWN, false);
    String scopes = differs(plain, run(seed, false, Fresh.Lie.AS_DRAWN, true), false);
    Flambeau.setNumThreads(2);
    String two = differs(plain, run(seed, false, Fresh.Lie.AS_DRAWN, false), false);
    Flambeau.setNumThreads(threads);
    List<Outcome> dense = run(seed, true, Fresh.Lie.CONTIGUOUS, false);
    String layouts = differs(dense, run(seed, true, Fresh.Lie.OTHER, false), true);
    if (values != null) {
      values.writeLong(seed);
      values.writeInt(dense.size());
      for (Outcome o : dense) {
        o.sampled().write(values);
      }
    }
    if (scopes != null) {
      return "without scopes, and with: " + scopes + "\n" + text(seed, false);
    }
    if (two != null) {
      return "on one thread and on two: " + two + "\n" + text(seed, false);
    }
    return layouts == null
        ? null
        : "of contiguous and of other inputs: " + layouts + "\n" + text(seed, true);
  }

  /** The values that {@link #compare} wrote, by seed. */
  static Map<Long, List<Outcome>> read(Path file) throws IOException {
    Map<Long, List<Outcome>> all = new TreeMap<>();
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      while (true) {
        long seed = in.readLong();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
          outcomes.add(Outcome.read(in));
        }
        all.put(seed, outcomes);
      }
    } catch (EOFException e) {
      return all; // the last may be incomplete: its process died
    }
  }

  /** The text of a program. */
  static String text(long seed, boolean smooth) {
    Program p = program(seed, smooth, Fresh.Lie.AS_DRAWN);
    Flambeau.manualSeed(seed);
    for (int i = 0; i <= STEPS; i++) {
      step(p, i, smooth);
    }
    return p.text.toString();
  }

  private static Program program(long seed, boolean smooth, Fresh.Lie lie) {
    Program p = new Program(seed, "", true, null);
    p.large = seed % 4 == 0;
    p.lie = lie;
    p.smooth = smooth;
    return p;
  }

  private static void step(Program p, int number, boolean smooth) {
    p.begin(number);
    p.last().clear();
    if (number == 0) {
      for (int i = 0; i < 4; i++) {
        Fresh.make(p, p.newName("x"));
      }
    } else if (p.dice.chance(0.15)) {
      Fresh.make(p, p.newName("x"));
    } else if (p.dice.chance(0.12)) {
      String name = p.anyTensor();
      Chaos.sumBackward(p, name, p.tensors.get(name));
    } else {
      List<Method> all = smooth ? SMOOTH : EXACT;
      Chaos.method(p, p.dice.pick(all, Methods::signature));
    }
  }

  /** What the last step made. */
  private static void outcomes(Program p, List<Outcome> outcomes) {
    p.last().forEach((name, value) -> outcomes.add(outcome(name, value)));
    p.faults.forEach(f -> outcomes.add(Outcome.of("", f)));
    p.faults.clear();
  }

  private static Outcome outcome(String name, Object value) {
    if (value instanceof Tensor t) {
      return Outcome.of(name, t);
    }
    return Outcome.of(name, String.valueOf(value));
  }

  /**
   * Null if both are the same; else what differs. Up to rounding, a program ends at the first value
   * that is so large that rounding would matter.
   */
  static String differs(List<Outcome> a, List<Outcome> b, boolean rounding) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      Outcome x = a.get(i);
      Outcome y = b.get(i);
      if (rounding && (!x.isModerate() || !y.isModerate())) {
        return null;
      }
      String differs = x.differs(y, rounding);
      if (differs != null) {
        return differs;
      }
    }
    return a.size() == b.size() ? null : a.size() + " and " + b.size() + " values";
  }
}
