package dev.flambeau.fuzz;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Function;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** The program's own code that the library calls: hooks and functions which return odd things. */
final class Guests {
  private Guests() {}

  private record Named<T>(String text, T code) {}

  private static Named<UnaryOperator<Tensor>> hook(String text, UnaryOperator<Tensor> code) {
    return new Named<>(text, code);
  }

  /** A hook for {@code on} (if that is known); whatever it returns, what it is given must fit. */
  static Arg hook(Program p, Tensor on) {
    String other = p.anyTensor();
    Tensor t = p.tensors.get(other);
    List<Named<UnaryOperator<Tensor>>> all =
        List.of(
            hook("g -> null", g -> null),
            hook("g -> g", g -> g),
            hook("g -> g.mul(2)", g -> g.mul(2)),
            hook("g -> g.toDouble()", Tensor::toDouble),
            hook("g -> g.toByte()", Tensor::toByte),
            hook("g -> g.toHalf()", Tensor::toHalf),
            hook("g -> g.toFloat()", Tensor::toFloat),
            hook("g -> g.gt(0)", g -> g.gt(0)),
            hook("g -> Tensor.ones(2)", g -> Tensor.ones(2)),
            hook("g -> g.unsqueeze(0)", g -> g.unsqueeze(0)),
            hook("g -> g.sum()", Tensor::sum),
            hook("g -> g.reshape(-1)", g -> g.reshape(-1)),
            hook("g -> g.mul_(5)", g -> g.mul_(5)),
            hook(
                "g -> { g.mul_(5); return null; }",
                g -> {
                  g.mul_(5);
                  return null;
                }),
            hook(
                "g -> { g.close(); return null; }",
                g -> {
                  g.close();
                  return null;
                }),
            hook(
                "g -> { g.close(); return g; }",
                g -> {
                  g.close();
                  return g;
                }),
            hook("g -> g.detach().requiresGrad_()", g -> g.detach().requiresGrad_()),
            hook(
                "g -> { Scope.open(); return null; }",
                g -> {
                  Scope.open();
                  return null;
                }),
            hook(
                "g -> { Autograd.noGrad(); return null; }",
                g -> {
                  Autograd.noGrad();
                  return null;
                }),
            hook(
                "g -> { throw new IllegalStateException(OWN); }",
                g -> {
                  throw new IllegalStateException(Inspect.OWN);
                }),
            hook("g -> " + other, g -> t),
            hook("g -> " + other + ".grad()", g -> t.grad()),
            hook(
                "g -> { " + other + ".backward(); return null; }",
                g -> {
                  t.backward();
                  return null;
                }),
            hook(
                "g -> { " + other + ".add_(1); return null; }",
                g -> {
                  t.add_(1);
                  return null;
                }),
            hook(
                "g -> { " + other + ".close(); return null; }",
                g -> {
                  t.close();
                  return null;
                }),
            hook(
                "g -> { " + other + ".setGrad(g); return null; }",
                g -> {
                  t.setGrad(g);
                  return null;
                }));
    Named<UnaryOperator<Tensor>> one = p.dice.of(all);
    UnaryOperator<Tensor> code = one.code();
    DType type = on == null ? null : on.dtype();
    return new Arg(
        one.text(),
        (UnaryOperator<Tensor>)
            g -> {
              if (on != null && on.dtype() == type) { // setData may have changed it
                Inspect.gradient("a hook", on, g);
              }
              return code.apply(g);
            });
  }

  /** What forward gives, and what backward does. */
  static final class Odd extends Function {
    private final String forward;
    private final String backward;
    private final Tensor other;
    private List<Tensor> outputs;

    Odd(String forward, String backward, Tensor other) {
      this.forward = forward;
      this.backward = backward;
      this.other = other;
    }

    private static List<Tensor> each(List<Tensor> in, UnaryOperator<Tensor> of) {
      List<Tensor> out = new ArrayList<>();
      in.forEach(t -> out.add(t == null ? null : of.apply(t)));
      return out;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      outputs = forwards(context, in);
      return outputs;
    }

    private List<Tensor> forwards(Context context, List<Tensor> in) {
      switch (forward) {
        case "null":
          return null;
        case "none":
          return List.of();
        case "of null":
          return Arrays.asList((Tensor) null);
        case "inputs":
          return in;
        case "a view":
          return each(in, t -> t.unsqueeze(0));
        case "whole numbers":
          return each(in, Tensor::toLong);
        case "closed":
          return each(
              in,
              t -> {
                Tensor y = t.mul(2);
                y.close();
                return y;
              });
        case "other":
          return Arrays.asList(other);
        case "throws":
          throw new IllegalStateException(Inspect.OWN);
        case "changes":
          return each(in, t -> t.add_(1));
        case "twice":
          Tensor y = in.get(0).mul(2);
          return List.of(y, y);
        default:
          context.saveForBackward(in.toArray(Tensor[]::new));
          return each(in, t -> t.mul(2));
      }
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      for (int i = 0; i < g.size(); i++) {
        Inspect.gradient("a function's backward", outputs.get(i), g.get(i));
      }
      switch (backward) {
        case "null":
          return null;
        case "none":
          return List.of();
        case "of null":
          return each(g, t -> null);
        case "more":
          return List.of(g.get(0), g.get(0), g.get(0), g.get(0));
        case "same":
          return g;
        case "one for all":
          return each(g, t -> g.get(0));
        case "in place":
          return each(g, t -> t.mul_(2));
        case "shape":
          return each(g, t -> Tensor.ones(2));
        case "larger":
          return each(g, t -> t.unsqueeze(0).repeat(2));
        case "dtype":
          return each(g, Tensor::toDouble);
        case "whole numbers":
          return each(g, Tensor::toLong);
        case "closed":
          return each(
              g,
              t -> {
                t.close();
                return t;
              });
        case "other":
          return each(g, t -> other);
        case "saved":
          return each(g, t -> context.saved(0));
        case "saved(9)":
          return List.of(context.saved(9));
        case "scope":
          Scope.open();
          return each(g, t -> t.mul(2));
        case "throws":
          throw new IllegalStateException(Inspect.OWN);
        default:
          return each(g, t -> t.mul(2));
      }
    }
  }

  private static final String[] FORWARD = {
    "right",
    "right",
    "right",
    "right",
    "null",
    "none",
    "of null",
    "inputs",
    "a view",
    "whole numbers",
    "closed",
    "other",
    "throws",
    "changes",
    "twice"
  };

  private static final String[] BACKWARD = {
    "right", "null", "none", "of null", "more", "same", "one for all", "in place", "shape",
    "larger", "dtype", "whole numbers", "closed", "other", "saved", "saved(9)", "scope", "throws"
  };

  /** A call of a function. */
  static void function(Program p) {
    String forward = p.dice.of(FORWARD);
    String backward = p.dice.of(BACKWARD);
    String other = p.anyTensor();
    int n = p.dice.chance(0.05) ? 0 : 1 + p.dice.below(2);
    String[] names = new String[n];
    Tensor[] inputs = new Tensor[n];
    for (int i = 0; i < n; i++) {
      names[i] = p.dice.chance(0.03) ? "null" : p.anyTensor();
      inputs[i] = p.tensors.get(names[i]);
    }
    Odd f = new Odd(forward, backward, p.tensors.get(other));
    boolean one = p.dice.chance(0.5);
    String code =
        "new Guests.Odd(\"%s\", \"%s\", %s).%s(%s)"
            .formatted(forward, backward, other, one ? "call" : "apply", String.join(", ", names));
    Object y = p.call(code, Chaos.USER, false, () -> one ? f.call(inputs) : f.apply(inputs));
    if (y instanceof Tensor t && p.dice.chance(0.6)) {
      String name = p.lastName();
      Chaos.sumBackward(p, name, t);
    }
  }
}
