package dev.flambeau.fuzz;

import dev.flambeau.Autograd;
import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Hook;
import dev.flambeau.Rng;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Any calls with any arguments, in any order. */
final class Chaos {
  private Chaos() {}

  static final int STEPS = 40;

  /** A call that runs the program's own code, or goes through a graph, may name any op. */
  static final Set<String> USER = user();

  private static final Set<String> GRAPH =
      Set.of("backward", "setGrad", "registerHook", "requiresGrad_", "retainGrad");

  /** What may ask for as many Java objects as the arguments say. */
  private static final Set<String> OBJECTS = Set.of("toArray", "unbind", "split", "chunk");

  private static Set<String> user() {
    Set<String> names = new HashSet<>(Methods.NAMES);
    names.addAll(List.of("Odd", "OddBackward", "saved"));
    return names;
  }

  /** Runs a whole program, and returns it. */
  static Program run(long seed, PrintStream live) {
    Program p = new Program(seed, "", false, live);
    Flambeau.manualSeed(seed);
    p.begin(0);
    for (int i = 0; i < 4; i++) {
      Fresh.make(p, p.newName("x"));
    }
    steps(p, 1, STEPS, 1);
    p.begin(STEPS + 1);
    end(p);
    return p;
  }

  static void steps(Program p, int from, int to, double threads) {
    for (int i = from; i <= to; i++) {
      p.begin(i);
      step(p, threads);
    }
  }

  private static void step(Program p, double threads) {
    double kind = p.dice.real();
    if (kind < 0.10 || p.tensors.isEmpty()) {
      Fresh.make(p, p.newName("x"));
    } else if (kind < 0.70) {
      method(p, p.dice.pick(Methods.ALL, Methods::signature));
    } else if (kind < 0.80) {
      Recipes.any(p);
    } else if (kind < 0.84) {
      hook(p);
    } else if (kind < 0.88) {
      Guests.function(p);
    } else if (kind < 0.92) {
      scopeOrMode(p);
    } else if (kind < 0.94) {
      rng(p);
    } else if (kind < 0.98) {
      backward(p);
    } else if (kind < 0.98 + 0.02 * threads) {
      Crowd.run(p);
    }
  }

  /** One call by reflection. */
  static Object method(Program p, Method m) {
    String name = Methods.isStatic(m) ? null : p.anyTensor();
    Tensor self = p.tensors.get(name);
    if (m.getName().equals("close") && p.dice.chance(0.7)) {
      return null; // else nothing would stay
    }
    return method(p, m, name, self);
  }

  static Object method(Program p, Method m, String name, Tensor self) {
    boolean index = m.getDeclaringClass().getSimpleName().equals("IndexOps");
    Arguments arguments = new Arguments(p, self, index);
    List<Object> values = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (Type type : Methods.parameters(m)) {
      boolean hook = m.getName().equals("registerHook");
      Arg a = hook ? Guests.hook(p, self) : arguments.of(type);
      if (values.isEmpty() && self == null && a.value() instanceof Tensor first) {
        arguments = new Arguments(p, first, false);
      }
      values.add(a.value());
      texts.add(a.text());
    }
    return invoke(p, m, name, self, values.toArray(), texts);
  }

  private static Object invoke(
      Program p, Method m, String name, Tensor self, Object[] args, List<String> texts) {
    String owner = name != null ? name : m.getDeclaringClass().getSimpleName();
    String code = owner + "." + m.getName() + "(" + String.join(", ", texts) + ")";
    Set<String> names = GRAPH.contains(m.getName()) ? USER : Methods.namesOf(m.getName());
    if (m.getName().equals("setData")) {
      p.replaced.add(self);
    }
    boolean heap = OBJECTS.contains(m.getName()) && self != null && Program.dims(self) > 100_000;
    long[] sizes = self == null || self.isReleased() ? null : self.shape().toArray();
    return p.call(
        code, names, heap, () -> m.invoke(self, args), r -> SizeRules.check(m, sizes, args, r));
  }

  static void hook(Program p) {
    String name = p.anyTensor();
    Tensor t = p.tensors.get(name);
    if (!p.hooks.isEmpty() && p.dice.chance(0.2)) {
      String old = p.dice.pick(p.hooks.keySet(), n -> n);
      Hook h = p.hooks.remove(old);
      p.call(
          old + ".close()",
          USER,
          false,
          () -> {
            h.close();
            return null;
          });
      return;
    }
    Arg hook = Guests.hook(p, t);
    @SuppressWarnings("unchecked")
    var code = (java.util.function.UnaryOperator<Tensor>) hook.value();
    p.call(name + ".registerHook(" + hook.text() + ")", USER, false, () -> t.registerHook(code));
    if (p.dice.chance(0.6)) {
      sumBackward(p, name, t);
    }
  }

  /** A gradient for {@code t}, through an op. */
  static void sumBackward(Program p, String name, Tensor t) {
    boolean keep = p.dice.chance(0.5);
    boolean create = p.dice.chance(0.2);
    String middle =
        p.dice.of("exp", "mul(0.5)", "t", p.smooth ? "t" : "relu", p.smooth ? "t" : "abs");
    p.call(
        name
            + "."
            + (middle.endsWith(")") ? middle : middle + "()")
            + ".sum().backward(null, "
            + keep
            + ", "
            + create
            + ")",
        USER,
        false,
        () -> {
          Tensor y =
              switch (middle) {
                case "exp" -> t.exp();
                case "relu" -> t.relu();
                case "t" -> t.t();
                case "abs" -> t.abs();
                default -> t.mul(0.5);
              };
          y.sum().backward(null, keep, create);
          return null;
        });
    gradients(p);
  }

  /** Every gradient lies as its tensor. */
  private static void gradients(Program p) {
    for (var e : p.tensors.entrySet()) {
      Tensor t = e.getValue();
      Tensor g = t.isReleased() ? null : t.grad();
      if (g == null || g.isReleased() || p.replaced.contains(t)) {
        continue;
      }
      try {
        Inspect.gradient(e.getKey() + ".grad()", t, g);
        Inspect.value(g);
      } catch (Fault f) {
        p.fault(f);
        t.setGrad(null);
      }
    }
  }

  private static void backward(Program p) {
    String name = p.anyTensor();
    Tensor y = p.tensors.get(name);
    if (p.dice.chance(0.4)) {
      String other = p.anyTensor();
      Tensor x = p.tensors.get(other);
      p.call(
          "Autograd.grad(" + name + ".sum(), " + other + ")",
          USER,
          false,
          () -> Autograd.grad(y.sum(), x));
    } else {
      sumBackward(p, name, y);
    }
  }

  private static void scopeOrMode(Program p) {
    Dice d = p.dice;
    String open = d.pick(p.scopes.keySet(), n -> n);
    Scope scope = p.scopes.get(open);
    int kind = d.below(7);
    if (kind == 0 || kind == 1 && scope == null) {
      p.call("Scope.open()", USER, false, Scope::open);
    } else if (kind == 1 || kind == 2 && scope != null) {
      p.call(
          open + ".close()",
          USER,
          false,
          () -> {
            scope.close();
            p.scopes.remove(open);
            return null;
          });
    } else if (kind == 3 && scope != null) {
      String name = p.anyTensor();
      Tensor t = p.tensors.get(name);
      p.call(open + ".keep(" + name + ")", USER, false, () -> scope.keep(t));
    } else if (kind == 4) {
      String name = p.anyTensor();
      Tensor t = p.tensors.get(name);
      p.call("Scope.adopt(" + name + ")", USER, false, () -> Scope.adopt(t));
    } else if (p.modes.isEmpty()) {
      boolean off = kind == 5;
      p.say("modes.push(Autograd." + (off ? "noGrad" : "enableGrad") + "());");
      p.modes.push(off ? Autograd.noGrad() : Autograd.enableGrad());
    } else {
      p.say("modes.pop().close();");
      p.modes.pop().close();
    }
  }

  /** States that no generator can have, and draws after them. */
  private static void rng(Program p) {
    Dice d = p.dice;
    byte[] state = new Rng(p.seed).state();
    int word = d.of(0, 1, state.length / 4 - 1, 623, 624, 625, d.below(state.length / 4));
    int value = d.of(0, 1, -1, 623, 624, 625, -500_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE);
    java.nio.ByteBuffer.wrap(state)
        .order(java.nio.ByteOrder.nativeOrder())
        .putInt(Math.min(word, state.length / 4 - 1) * 4, value);
    byte[] odd = d.chance(0.1) ? Arrays.copyOf(state, d.below(state.length * 2)) : state;
    long bound = Numbers.anyLong(d, false);
    p.call(
        "rng(" + p.seed + ", word " + word + " = " + value + ", " + odd.length + " bytes)",
        Set.of("setState", "state", "Rng"),
        false,
        () -> {
          Rng r = new Rng(p.seed);
          r.setState(odd);
          double x = r.nextDouble();
          if (!(x >= 0 && x < 1)) {
            throw new Fault("nextDouble gave " + x);
          }
          try (var use = Rng.use(r)) {
            Tensor.randn(7).close();
            Tensor.rand(17).close();
          }
          return null;
        });
    p.call(
        "new Rng(" + p.seed + ").nextLong(" + Numbers.text(bound) + ")",
        Set.of("nextLong"),
        false,
        () -> new Rng(p.seed).nextLong(bound));
  }

  /** Scopes close from the last to the first, whatever happened inside them. */
  static void end(Program p) {
    while (!p.modes.isEmpty()) {
      p.modes.pop().close();
    }
    List<String> open = new ArrayList<>(p.scopes.keySet());
    for (int i = open.size() - 1; i >= 0; i--) {
      Scope scope = p.scopes.get(open.get(i));
      p.say(open.get(i) + ".close();");
      try {
        scope.close();
      } catch (RuntimeException e) {
        p.fault(new Fault("a scope cannot be closed in order: " + e, e));
      }
    }
    for (Object o : p.reachable) {
      if (o instanceof Buffers.ReadOnly b) {
        try {
          b.check();
        } catch (Fault f) {
          p.fault(f);
        }
      }
    }
    try {
      Witness.check();
    } catch (Fault f) {
      p.fault(f);
    }
    if (p.dice.chance(0.1)) {
      Backends.releaseUnused(Device.cpu());
    }
  }
}
