package dev.flambeau.internal.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Function;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Functions of users: what forward and backward may return, and what is said otherwise. */
class FunctionTest {
  private static Tensor leaf(long... sizes) {
    return Tensor.ones(sizes).requiresGrad_();
  }

  private static final class Twice extends Function {
    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return List.of(in.get(0).add(in.get(1)).mul(3));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      Tensor both = g.get(0).mul(3);
      return List.of(both, both);
    }
  }

  @Test
  void oneGradientForTwoInputs() {
    Tensor w = Tensor.of(1.0, 2.0).requiresGrad_();
    Tensor v = Tensor.of(3.0, 4.0).requiresGrad_();
    new Twice().call(w.mul(2), v.mul(5)).sum().backward();
    assertArrayEquals(new double[] {6, 6}, w.grad().toDoubleArray());
    assertArrayEquals(new double[] {15, 15}, v.grad().toDoubleArray());
  }

  /** A function in lambdas, for one case. */
  private static final class Of extends Function {
    final BiFunction<Context, List<Tensor>, List<Tensor>> forward;
    final BiFunction<Context, List<Tensor>, List<Tensor>> backward;

    Of(
        BiFunction<Context, List<Tensor>, List<Tensor>> forward,
        BiFunction<Context, List<Tensor>, List<Tensor>> backward) {
      this.forward = forward;
      this.backward = backward;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return forward.apply(context, in);
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      return backward.apply(context, g);
    }
  }

  private static Of backward(BiFunction<Function.Context, List<Tensor>, List<Tensor>> backward) {
    return new Of(
        (c, in) -> {
          c.saveForBackward(in.get(0));
          return List.of(in.get(0).mul(1));
        },
        backward);
  }

  private static Of forward(BiFunction<Function.Context, List<Tensor>, List<Tensor>> forward) {
    return new Of(forward, (c, g) -> g);
  }

  private static void fails(Class<? extends RuntimeException> type, String text, Runnable call) {
    String message = assertThrows(type, call::run).getMessage();
    assertTrue(message.startsWith(text), message);
  }

  @Test
  void wrongResultsOfForwardSaySo() {
    Tensor x = leaf(2);
    Class<IllegalStateException> state = IllegalStateException.class;
    fails(state, "Of: forward returned null; ", () -> forward((c, in) -> null).call(x));
    fails(state, "Of: forward returned an empty", () -> forward((c, in) -> List.of()).call(x));
    fails(
        state,
        "Of: forward returned null for output 1",
        () -> forward((c, in) -> Arrays.asList(in.get(0).mul(1), null)).apply(x));
    Tensor gone = Tensor.ones(2);
    gone.close();
    fails(
        state,
        "Of: forward returned a tensor that cannot be used: this tensor of shape (2,)",
        () -> forward((c, in) -> List.of(gone)).call(x));
    fails(
        state,
        "Of: saved(0) is for backward",
        () -> forward((c, in) -> List.of(c.saved(0))).call(x));
    Class<IllegalArgumentException> argument = IllegalArgumentException.class;
    fails(argument, "Of: was called without inputs", () -> forward((c, in) -> in).apply());
    fails(
        argument,
        "Of: was called without inputs",
        () -> forward((c, in) -> in).apply((Tensor[]) null));
    fails(argument, "Of: input 1 is null", () -> forward((c, in) -> in).apply(x, null));
    fails(
        argument,
        "Of: saveForBackward was given null",
        () ->
            forward(
                    (c, in) -> {
                      c.saveForBackward((Tensor[]) null);
                      return in;
                    })
                .call(x));
    fails(
        state,
        "Of: forward saved a tensor that cannot be used",
        () ->
            forward(
                    (c, in) -> {
                      c.saveForBackward(gone);
                      return in;
                    })
                .call(x));
    assertTrue(x.isLeaf());
  }

  @Test
  void wrongResultsOfBackwardSaySo() {
    Tensor x = leaf(2);
    Class<IllegalStateException> state = IllegalStateException.class;
    fails(
        state,
        "OfBackward: backward returned null for 1 inputs",
        () -> backward((c, g) -> null).call(x).sum().backward());
    fails(
        state,
        "OfBackward: backward returned 2 gradients for 1 inputs",
        () -> backward((c, g) -> List.of(g.get(0), g.get(0))).call(x).sum().backward());
    for (int i : new int[] {9, 1, -1}) {
      fails(
          IndexOutOfBoundsException.class,
          "Of: saved(" + i + ") is not there; forward saved 1",
          () -> backward((c, g) -> List.of(c.saved(i))).call(x).sum().backward());
    }
    List<Function.Context> kept = new ArrayList<>();
    backward(
            (c, g) -> {
              kept.add(c);
              return List.of(g.get(0).mul(c.saved(0)));
            })
        .call(x)
        .sum()
        .backward();
    fails(state, "OfBackward: this graph was already used", () -> kept.get(0).saved(0));
    assertArrayEquals(new double[] {1, 1}, x.grad().toDoubleArray());
  }

  @Test
  void whatForwardKeepsStaysALeaf() {
    Tensor theta = Tensor.of(1.0, 2.0).asParameter();
    Tensor y = forward((c, in) -> List.of(theta)).call(leaf(2));
    assertTrue(theta.isLeaf() && !y.isLeaf());
  }

  @Test
  void anAnonymousFunctionIsNamedAfterItsParent() {
    Function f =
        new Function() {
          @Override
          protected List<Tensor> forward(Context context, List<Tensor> in) {
            return null;
          }

          @Override
          protected List<Tensor> backward(Context context, List<Tensor> g) {
            return g;
          }
        };
    fails(IllegalStateException.class, "Function: forward returned null", () -> f.call(leaf(2)));
  }
}
