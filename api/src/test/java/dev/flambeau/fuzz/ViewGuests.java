package dev.flambeau.fuzz;

import dev.flambeau.Function;
import dev.flambeau.Tensor;
import dev.flambeau.fuzz.Model.Slot;
import java.util.List;

/** Hooks and functions of a {@link ViewProgram}: their gradients come in other forms. */
final class ViewGuests {
  private ViewGuests() {}

  /** A hook on a result that has memory of its own, which nothing writes to from then on. */
  static void hook(ViewProgram p) {
    int i = p.tensors.size() - 1;
    Slot s = p.slot(i);
    Tensor x = p.tensors.get(i);
    boolean own = s.numel() == s.cells().values.length && !s.overlapsItself();
    if (!own
        || !p.unused
        || s.cells().version > 0
        || !x.requiresGrad()
        || x.isLeaf()
        || isView(p, i)) {
      return;
    }
    int kind = p.dice.below(7);
    String[] text = {
      "g", "null", "g.copy()", "g.toFloat()", "g.mul(3)", "g.mul_(3)", "Fuzz.other(g).mul(3)"
    };
    double factor = kind < 4 ? 1 : 3;
    boolean taken =
        p.take(
            "v" + i + ".registerHook(g -> " + text[kind] + ");",
            false,
            m -> m.scaleGradient(m.slots.get(i), factor),
            () -> {
              x.registerHook(
                  g -> {
                    Inspect.gradient("a hook of v" + i, x, g);
                    return switch (kind) {
                      case 0 -> g;
                      case 1 -> null;
                      case 2 -> g.copy();
                      case 3 -> g.toFloat();
                      case 4 -> g.mul(3);
                      case 5 -> g.mul_(3);
                      default -> other(g).mul(3);
                    };
                  });
              return null;
            });
    p.inPlaceHook |= taken && kind == 5;
  }

  private static boolean isView(ViewProgram p, int i) {
    for (int k = 0; k < i; k++) {
      if (p.slot(k).cells() == p.slot(i).cells()) {
        return true;
      }
    }
    return false;
  }

  /** The same values in another memory order. */
  private static Tensor other(Tensor g) {
    return g.dim() < 2 ? g : g.transpose(0, -1).contiguous().transpose(0, -1);
  }

  /** Twice its input; the gradient comes back in some form. */
  private static final class Twice extends Function {
    private final int kind;

    Twice(int kind) {
      this.kind = kind;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return List.of(in.get(0).mul(2));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      return List.of(
          switch (kind) {
            case 0 -> g.get(0).mul(2);
            case 1 -> g.get(0).mul_(2);
            case 2 -> g.get(0).mul(2).toFloat();
            default -> other(g.get(0)).mul(2);
          });
    }
  }

  static void function(ViewProgram p) {
    int i = p.any();
    Tensor x = p.tensors.get(i);
    if (!x.requiresGrad() || p.slot(i).detached()) {
      return;
    }
    int kind = p.dice.below(4);
    boolean taken =
        p.take(
            ViewSteps.name(p) + "new Twice(" + kind + ").call(v" + i + ");",
            false,
            m -> {
              Slot s = m.slots.get(i);
              m.slots.add(m.fresh(m.map(s, v -> v * 2), s.sizes()));
            },
            () -> new Twice(kind).call(x));
    p.inPlaceHook |= taken && kind == 1;
  }
}
