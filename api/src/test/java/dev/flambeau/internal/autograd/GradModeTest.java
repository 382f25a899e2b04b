package dev.flambeau.internal.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.Function;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Grad modes: which of several holds, where they close, and what is left open. */
class GradModeTest {
  @Test
  void theOneOpenedLastHolds() {
    // Every order of closing three; in each, what is recorded follows from those still open.
    for (int kinds = 0; kinds < 8; kinds++) {
      for (int[] order :
          new int[][] {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
        Autograd.Mode[] modes = new Autograd.Mode[3];
        for (int i = 0; i < 3; i++) {
          modes[i] = enables(kinds, i) ? Autograd.enableGrad() : Autograd.noGrad();
        }
        boolean[] closed = new boolean[3];
        for (int i : order) {
          modes[i].close();
          closed[i] = true;
          boolean expected = true;
          for (int k = 0; k < 3; k++) {
            expected = closed[k] ? expected : enables(kinds, k);
          }
          assertEquals(expected, Autograd.isGradEnabled());
          modes[i].close(); // a second time
          assertEquals(expected, Autograd.isGradEnabled());
        }
      }
    }
  }

  private static boolean enables(int kinds, int i) {
    return (kinds >> i & 1) == 1;
  }

  @Test
  void aModeIsClosedOnItsThread() throws InterruptedException {
    for (boolean enable : new boolean[] {false, true}) {
      try (var outer = Autograd.noGrad();
          var mode = enable ? Autograd.enableGrad() : Autograd.noGrad()) {
        var seen = new AtomicReference<RuntimeException>();
        var there = new AtomicReference<Boolean>();
        Thread other =
            new Thread(
                () -> {
                  try {
                    mode.close();
                  } catch (IllegalStateException e) {
                    seen.set(e);
                  }
                  there.set(Autograd.isGradEnabled());
                });
        other.start();
        other.join();
        String name = enable ? "enableGrad" : "noGrad";
        assertEquals(name + ": close it on the thread that opened it", seen.get().getMessage());
        assertEquals(enable, Autograd.isGradEnabled());
        assertTrue(there.get());
      }
      assertTrue(Autograd.isGradEnabled());
    }
  }

  private static final class Careless extends Function {
    final List<Autograd.Mode> open = new ArrayList<>();

    Tensor leaveOpen(Tensor t) {
      open.add(Autograd.enableGrad());
      open.add(Autograd.noGrad());
      return t.square();
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      context.saveForBackward(in.get(0));
      leaveOpen(in.get(0));
      return List.of(in.get(0).square());
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      Tensor gx = g.get(0).mul(context.saved(0)).mul(2);
      leaveOpen(gx);
      return List.of(gx);
    }
  }

  @Test
  void whatHooksAndFunctionsLeaveOpenEndsWithThem() {
    Careless f = new Careless();
    Tensor x = Tensor.of(3.0).requiresGrad_();
    Tensor y = f.call(x);
    assertTrue(Autograd.isGradEnabled() && y.requiresGrad());
    Tensor z = y.mul(1);
    z.registerHook(
        g -> {
          f.leaveOpen(g);
          return null;
        });
    Tensor g = Autograd.grad(List.of(z.square()), List.of(x), null, true, true).get(0);
    assertEquals(4 * 27, g.item());
    assertTrue(g.requiresGrad(), "the rest is recorded");
    assertEquals(12 * 9, Autograd.grad(g, x).get(0).item());
    try (var off = Autograd.noGrad()) {
      z.registerHook(
          h -> {
            f.leaveOpen(h);
            throw new UnsupportedOperationException();
          });
      assertThrows(UnsupportedOperationException.class, z::backward);
      assertFalse(Autograd.isGradEnabled());
      for (Autograd.Mode m : f.open) {
        m.close();
        assertFalse(Autograd.isGradEnabled());
      }
    }
    assertTrue(Autograd.isGradEnabled());
  }

  @Test
  void aModeAroundBackwardMayBeClosedInAHook() {
    Tensor x = Tensor.of(3.0).requiresGrad_();
    Tensor y = x.square();
    Autograd.Mode off = Autograd.noGrad();
    List<Boolean> recorded = new ArrayList<>();
    x.registerHook(
        g -> {
          off.close();
          recorded.add(Autograd.isGradEnabled());
          return null;
        });
    y.backward(null, false, true);
    assertEquals(List.of(true), recorded, "a graph is created");
    assertTrue(Autograd.isGradEnabled());
    assertTrue(x.grad().requiresGrad());
  }

  @Test
  void aFunctionThatClosesAModeFromOutside() {
    Autograd.Mode outside = Autograd.noGrad();
    new dev.flambeau.Function() {
      @Override
      protected java.util.List<Tensor> forward(Context context, java.util.List<Tensor> in) {
        outside.close();
        return java.util.List.of(in.get(0).mul(2));
      }

      @Override
      protected java.util.List<Tensor> backward(Context context, java.util.List<Tensor> g) {
        return g;
      }
    }.call(Tensor.ones(2));
    assertTrue(Autograd.isGradEnabled());
  }
}
