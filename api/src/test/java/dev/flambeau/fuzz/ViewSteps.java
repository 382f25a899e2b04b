package dev.flambeau.fuzz;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import dev.flambeau.fuzz.Model.Slot;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** The steps of a {@link ViewProgram}. */
final class ViewSteps {
  private ViewSteps() {}

  /** What PyTorch's backward of an op reads. */
  private enum Saves {
    NOTHING,
    INPUT,
    OUTPUT
  }

  private record Unary(
      String text,
      UnaryOperator<Tensor> op,
      UnaryOperator<Tensor> inPlace,
      DoubleUnaryOperator model,
      Saves saves) {}

  private static final List<Unary> UNARY =
      List.of(
          new Unary("mul%s(-2.0)", t -> t.mul(-2.0), t -> t.mul_(-2.0), v -> v * -2, Saves.NOTHING),
          new Unary("mul%s(0.5)", t -> t.mul(0.5), t -> t.mul_(0.5), v -> v * 0.5, Saves.NOTHING),
          new Unary("add%s(1.5)", t -> t.add(1.5), t -> t.add_(1.5), v -> v + 1.5, Saves.NOTHING),
          new Unary("neg%s()", Tensor::neg, Tensor::neg_, v -> -v, Saves.NOTHING),
          new Unary("sin%s()", Tensor::sin, Tensor::sin_, Math::sin, Saves.INPUT),
          new Unary("square%s()", Tensor::square, Tensor::square_, v -> v * v, Saves.INPUT),
          new Unary("abs%s()", Tensor::abs, Tensor::abs_, Math::abs, Saves.INPUT),
          new Unary("tanh%s()", Tensor::tanh, Tensor::tanh_, Math::tanh, Saves.OUTPUT),
          new Unary("relu%s()", Tensor::relu, Tensor::relu_, v -> Math.max(v, 0), Saves.OUTPUT),
          new Unary(
              "sigmoid%s()",
              Tensor::sigmoid, Tensor::sigmoid_, v -> 1 / (1 + Math.exp(-v)), Saves.OUTPUT));

  private record Binary(
      String name,
      DoubleBinaryOperator model,
      boolean saves,
      java.util.function.BinaryOperator<Tensor> op,
      java.util.function.BinaryOperator<Tensor> inPlace) {}

  private static final List<Binary> BINARY =
      List.of(
          new Binary("add", Double::sum, false, Tensor::add, Tensor::add_),
          new Binary("sub", (a, b) -> a - b, false, Tensor::sub, Tensor::sub_),
          new Binary("mul", (a, b) -> a * b, true, Tensor::mul, Tensor::mul_),
          new Binary("copy", (a, b) -> b, false, null, Tensor::copy_));

  static void any(ViewProgram p) {
    double kind = p.dice.real();
    if (kind < 0.34) {
      view(p, false);
      if (p.dice.chance(0.25)) {
        unaryInPlace(p, false);
        view(p, false);
      }
    } else if (kind < 0.46) {
      unary(p);
    } else if (kind < 0.54) {
      binary(p);
    } else if (kind < 0.70) {
      unaryInPlace(p, p.dice.chance(0.15));
    } else if (kind < 0.80) {
      binaryInPlace(p, p.dice.chance(0.1));
    } else if (kind < 0.84) {
      reduction(p);
    } else if (kind < 0.88) {
      view(p, true);
    } else if (kind < 0.92) {
      ViewGuests.hook(p);
    } else if (kind < 0.95) {
      ViewGuests.function(p);
    } else if (kind < 0.98) {
      copy(p);
    } else {
      detach(p);
    }
  }

  static String name(ViewProgram p) {
    return "Tensor v" + p.tensors.size() + " = ";
  }

  /** A view; {@code off}: made while nothing is recorded, so that no gradient flows through it. */
  private static void view(ViewProgram p, boolean off) {
    int i = p.any();
    Slot s = p.slot(i);
    ViewOps.View v = ViewOps.any(p.dice, s.sizes());
    if (s.numel() * 3 > 200) {
      return;
    }
    Tensor x = p.tensors.get(i);
    Tensor[] made = new Tensor[1];
    if (v.mayCopy() && !sharedByReshape(x, v)) {
      copied(p, i, v);
      return;
    }
    boolean taken =
        p.take(
            (off ? "try (var ng = Autograd.noGrad()) { " : "")
                + name(p)
                + "v"
                + i
                + "."
                + v.text()
                + (off ? "; }" : ";"),
            v.text().startsWith("view"),
            m -> m.slots.add(m.slots.get(i).view(v.sizes(), v.from())),
            () -> {
              if (!off) {
                return made[0] = v.op().apply(x);
              }
              try (var no = Autograd.noGrad()) {
                return made[0] = v.op().apply(x);
              }
            });
    if (taken) {
      if (!made[0].isSameStorage(x)) {
        throw new Fault("a view that shares nothing");
      }
      int made0 = p.tensors.size() - 1;
      if (off) {
        p.unrecorded.add(made0);
      }
      if (v.many() || off || p.unwritable.contains(i)) {
        p.unwritable.add(made0);
      }
    }
  }

  private static boolean sharedByReshape(Tensor x, ViewOps.View v) {
    try (var no = Autograd.noGrad()) {
      return v.op().apply(x).isSameStorage(x);
    }
  }

  /** A reshape that cannot be a view. */
  private static void copied(ViewProgram p, int i, ViewOps.View v) {
    Tensor x = p.tensors.get(i);
    if (p.slot(i).detached()) {
      return;
    }
    p.take(
        name(p) + "v" + i + "." + v.text() + ";  // a copy",
        false,
        m -> {
          Slot from = m.slots.get(i).view(v.sizes(), v.from());
          m.slots.add(m.fresh(m.read(from), v.sizes()));
        },
        () -> v.op().apply(x));
  }

  private static void unary(ViewProgram p) {
    int i = p.any();
    Unary u = p.dice.of(UNARY);
    Tensor x = p.tensors.get(i);
    int y = p.tensors.size();
    boolean taken =
        p.take(
            name(p) + "v" + i + "." + u.text.formatted("") + ";",
            false,
            m -> {
              Slot s = m.slots.get(i);
              m.slots.add(m.fresh(m.map(s, u.model), s.sizes()));
            },
            () -> u.op.apply(x));
    if (taken) {
      p.inOrder(x, p.tensors.get(y));
      if (u.saves != Saves.NOTHING) {
        p.saves(u.saves == Saves.INPUT ? i : y);
      }
    }
  }

  private static void unaryInPlace(ViewProgram p, boolean off) {
    int i = p.target();
    Unary u = p.dice.of(UNARY);
    Slot s = p.slot(i);
    if (s.cells().frozen) {
      return;
    }
    Tensor x = p.tensors.get(i);
    String call = "v" + i + "." + u.text.formatted("_") + ";";
    boolean taken =
        p.take(
            off ? "try (var ng = Autograd.noGrad()) { " + call + " }" : call,
            s.overlapsItself() || !off && refusable(p, i),
            m -> {
              Slot t = m.slots.get(i);
              m.write(t, Arrays.stream(m.raw(t)).map(u.model).toArray(), !off);
            },
            () -> write(off, () -> u.inPlace.apply(x)));
    if (taken && u.saves == Saves.OUTPUT && !off) {
      p.saves(i);
    }
  }

  /** A leaf or a view of one, one of many views, a view that no gradient flows through. */
  private static boolean refusable(ViewProgram p, int i) {
    return p.unwritable.contains(i);
  }

  private static Tensor write(boolean off, ViewProgram.Call call) {
    if (!off) {
      return call.run();
    }
    try (var no = Autograd.noGrad()) {
      return call.run();
    }
  }

  /** One of the same shape, or of one element. */
  private static int partner(ViewProgram p, int i) {
    for (int tries = 0; tries < 12; tries++) {
      int j = p.dice.below(p.tensors.size());
      Slot s = p.slot(j);
      boolean fits = Arrays.equals(s.sizes(), p.slot(i).sizes()) || s.sizes().length == 0;
      if (fits && !p.unrecorded.contains(j)) {
        return j;
      }
    }
    return i;
  }

  private static void binary(ViewProgram p) {
    int i = p.any();
    int j = partner(p, i);
    Binary b = BINARY.get(p.dice.below(3));
    Tensor x = p.tensors.get(i);
    Tensor y = p.tensors.get(j);
    boolean taken =
        p.take(
            name(p) + "v" + i + "." + b.name + "(v" + j + ");",
            false,
            m -> {
              Slot s = m.slots.get(i);
              m.slots.add(m.fresh(m.map(s, m.slots.get(j), b.model), s.sizes()));
            },
            () -> b.op.apply(x, y));
    if (taken && b.saves) {
      p.saves(i);
      p.saves(j);
    }
  }

  private static void binaryInPlace(ViewProgram p, boolean off) {
    int i = p.target();
    int j = partner(p, i);
    Binary b = p.dice.of(BINARY);
    Slot s = p.slot(i);
    boolean escapes = s.detached() && !off; // would make part of the graph of what is none
    if (s.cells().frozen || escapes && p.tensors.get(j).requiresGrad()) {
      return;
    }
    Tensor x = p.tensors.get(i);
    Tensor y = p.tensors.get(j);
    if (b.saves) {
      p.saves(j);
    }
    boolean meet = s.cells() == p.slot(j).cells();
    String call = "v" + i + "." + b.name + "_(v" + j + ");";
    p.take(
        off ? "try (var ng = Autograd.noGrad()) { " + call + " }" : call,
        meet || s.overlapsItself() || !off && refusable(p, i),
        m -> {
          Slot to = m.slots.get(i);
          double[] was = m.raw(to);
          double[] by = m.read(m.slots.get(j));
          double[] now = new double[was.length];
          Arrays.setAll(now, k -> b.model.applyAsDouble(was[k], by[by.length == 1 ? 0 : k]));
          m.write(to, now, !off);
        },
        () -> write(off, () -> b.inPlace.apply(x, y)));
  }

  private static void reduction(ViewProgram p) {
    int i = p.any();
    Slot s = p.slot(i);
    Tensor x = p.tensors.get(i);
    if (s.numel() == 0) {
      return;
    }
    int kind = p.dice.below(3);
    if (kind < 2) {
      int n = s.numel();
      p.take(
          name(p) + "v" + i + (kind == 0 ? ".sum();" : ".mean();"),
          false,
          m -> {
            double sum = Arrays.stream(m.read(m.slots.get(i))).sum();
            m.slots.add(m.fresh(new double[] {kind == 0 ? sum : sum / n}, new long[0]));
          },
          () -> kind == 0 ? x.sum() : x.mean());
      return;
    }
    if (s.sizes().length != 2 || s.sizes()[1] == 0) {
      return;
    }
    int rows = (int) s.sizes()[0];
    int columns = (int) s.sizes()[1];
    p.take(
        name(p) + "v" + i + ".crossEntropy(zeros, null, -100, Reduction.SUM, 0);",
        false,
        m -> {
          double[] v = m.read(m.slots.get(i));
          double loss = 0;
          for (int r = 0; r < rows; r++) {
            double sum = 0;
            for (int c = 0; c < columns; c++) {
              sum += Math.exp(v[r * columns + c]);
            }
            loss += Math.log(sum) - v[r * columns];
          }
          m.slots.add(m.fresh(new double[] {loss}, new long[0]));
        },
        () -> x.crossEntropy(Tensor.zeros(DType.INT64, rows), null, -100, Reduction.SUM, 0));
  }

  private static void copy(ViewProgram p) {
    int i = p.any();
    Tensor x = p.tensors.get(i);
    boolean retain = p.dice.chance(0.3) && x.requiresGrad() && !x.isLeaf();
    if (retain) {
      p.say("v" + i + ".retainGrad();");
      x.retainGrad();
    }
    p.take(
        name(p) + "v" + i + ".copy();",
        false,
        m -> {
          Slot s = m.slots.get(i);
          m.slots.add(m.fresh(m.read(s), s.sizes()));
        },
        x::copy);
  }

  private static void detach(ViewProgram p) {
    int i = p.any();
    Tensor x = p.tensors.get(i);
    boolean taken =
        p.take(
            name(p) + "v" + i + ".detach();",
            false,
            m -> {
              Slot s = m.slots.get(i);
              m.slots.add(new Slot(s.cells(), s.at(), s.sizes(), true));
            },
            x::detach);
    if (taken && p.unwritable.contains(i)) {
      p.unwritable.add(p.tensors.size() - 1);
    }
  }
}
