package dev.flambeau.fuzz;

import dev.flambeau.Autograd;
import dev.flambeau.Hook;
import dev.flambeau.MaxMin;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.VarMean;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A program as it runs: its tensors by name, its text, and what was wrong. */
final class Program {
  /** A piece of code that gives a value. */
  interface Body {
    Object run() throws Throwable;
  }

  /** Bytes up to which a value stays: what is larger was asked for to see whether it is refused. */
  private static final long LARGE = 4 << 20;

  /** Elements up to which a value goes to any op: a sum over 2^50 would never end. */
  private static final long WIDE = 1 << 20;

  final long seed;
  final String thread; // in front of names
  final boolean tame; // arguments that make sense, and no user code
  boolean smooth; // nothing that makes much of a rounding
  boolean large; // some tensors are large enough for several threads
  Fresh.Lie lie = Fresh.Lie.AS_DRAWN;
  private final PrintStream live; // each line goes there before it runs; or null
  final StringBuilder text = new StringBuilder();
  final List<String> faults = new ArrayList<>();

  final Map<String, Tensor> tensors = new LinkedHashMap<>();
  final Map<String, Tensor> wide = new LinkedHashMap<>();
  final Map<String, Hook> hooks = new LinkedHashMap<>();
  final Map<String, Scope> scopes = new LinkedHashMap<>();

  /** Tensors whose values {@code setData} replaced, maybe by ones of another dtype. */
  Set<Tensor> replaced =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

  final Deque<Autograd.Mode> modes = new ArrayDeque<>();
  final List<Object> reachable = new ArrayList<>(); // buffers and the like

  int step;
  Dice dice;
  private int names;
  private String last;
  private final Map<String, Object> made = new LinkedHashMap<>();

  Program(long seed, String thread, boolean tame, PrintStream live) {
    this.seed = seed;
    this.thread = thread;
    this.tame = tame;
    this.live = live;
  }

  void begin(int number) {
    step = number;
    dice = new Dice(seed, number);
    names = 0;
  }

  /** A program of its own for another thread, with the same seed and output. */
  Program part(String name) {
    Program p = new Program(seed + name.hashCode(), name, tame, live);
    p.replaced = replaced;
    return p;
  }

  /**
   * What was made since this was cleared, by name: tensors; for what fails, the exception's class.
   */
  Map<String, Object> last() {
    return made;
  }

  /** The name of what the last call gave. */
  String lastName() {
    return last;
  }

  String newName(String kind) {
    return thread + kind + step + (names++ == 0 ? "" : "_" + (names - 1));
  }

  void say(String line) {
    text.append(line).append('\n');
    if (live != null) {
      live.println(line);
      live.flush();
    }
  }

  /** Adds to the last line. */
  private void note(String what) {
    text.setLength(text.length() - 1);
    text.append("  // ").append(what).append('\n');
    if (live != null) {
      live.println("    // " + what);
      live.flush();
    }
  }

  /**
   * Runs one call, looks at what it gives, and keeps its tensors. Returns the value, null after an
   * exception.
   */
  Object call(String code, Set<String> opNames, boolean heap, Body body) {
    return call(code, opNames, heap, body, r -> {});
  }

  /** The same; {@code check} looks at the result first. */
  Object call(
      String code,
      Set<String> opNames,
      boolean heap,
      Body body,
      java.util.function.Consumer<Object> check) {
    String name = newName("t");
    last = name;
    say("var " + name + " = " + code + ";");
    boolean mode = Autograd.isGradEnabled();
    try {
      Object result;
      try {
        result = body.run();
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
      check.accept(result);
      note(keep(name, result));
      return result;
    } catch (Throwable e) {
      String problem = null;
      try {
        Inspect.exception(e, opNames, heap);
      } catch (Fault f) {
        problem = f.getMessage();
        fault(f);
      }
      made.put(name, e.getClass().getName());
      if (problem == null) {
        note(e.toString().replaceAll("\\s+", " "));
      }
      return null;
    } finally {
      if (Autograd.isGradEnabled() != mode) {
        fault(new Fault("the call has changed the thread's grad mode"));
      }
    }
  }

  void fault(Fault f) {
    StringBuilder s = new StringBuilder("FAULT: " + f.getMessage());
    Throwable cause = f.getCause();
    if (cause != null) {
      StackTraceElement[] frames = cause.getStackTrace();
      for (int i = 0; i < Math.min(frames.length, 6); i++) {
        s.append("\n    //   at ").append(frames[i]);
      }
    }
    faults.add("step " + step + ": " + f.getMessage());
    note(s.toString());
  }

  /** Looks at a result, keeps its tensors under a name, and says what it is. */
  private String keep(String name, Object result) {
    if (result instanceof Tensor t) {
      return add(name, t);
    }
    if (result instanceof VarMean r) {
      return add(name + ".var()", r.var()) + "; " + add(name + ".mean()", r.mean());
    }
    if (result instanceof MaxMin r) {
      return add(name + ".values()", r.values()) + "; " + add(name + ".indices()", r.indices());
    }
    if (result instanceof List<?> list) {
      StringBuilder s = new StringBuilder(list.size() + " values");
      for (int i = 0; i < Math.min(list.size(), 3); i++) {
        if (list.get(i) instanceof Tensor t) {
          s.append("; ").append(add(name + ".get(" + i + ")", t));
        }
      }
      return s.toString();
    }
    if (result instanceof Hook h) {
      hooks.put(name, h);
    }
    if (result instanceof Scope s) {
      scopes.put(name, s);
    }
    String s = String.valueOf(result).replaceAll("\\s+", " ");
    return s.length() > 60 ? s.substring(0, 60) + "..." : s;
  }

  private String add(String name, Tensor t) {
    made.put(name, t);
    if (t.isReleased()) {
      tensors.put(name, t);
      return "released";
    }
    Inspect.value(t);
    String what = t.dtype().shortName() + " " + t.shape();
    if (t.numel() > (tame ? 4 : 1) * WIDE || dims(t) > WIDE) {
      wide.put(name, t);
      return what;
    }
    if (bytes(t) > LARGE * (tame ? 8 : 1)) {
      t.close();
      return what + ", closed";
    }
    tensors.put(name, t);
    if (tensors.size() > 28) {
      tensors.remove(tensors.keySet().iterator().next());
    }
    return what;
  }

  private static long bytes(Tensor t) {
    return t.isReleased() ? 0 : dev.flambeau.internal.tensor.TensorHandle.storage(t).bytes;
  }

  /** The largest size. */
  static long dims(Tensor t) {
    long most = 0;
    for (long s : t.shape().toArray()) {
      most = Math.max(most, s);
    }
    return most;
  }

  /** The name of one of its tensors, mostly of one that is not closed; null if there is none. */
  String anyTensor() {
    String name = null;
    for (int tries = 0; tries < 4; tries++) {
      name = dice.pick(tensors.keySet(), n -> n);
      if (name == null || !tensors.get(name).isReleased()) {
        break;
      }
    }
    return name;
  }
}
