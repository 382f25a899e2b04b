package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Scopes: what they free, what they keep, and to whom kept tensors belong. */
class ScopeTest {
  @Test
  void aScopeFreesWhatIsNotKept() {
    Tensor outside = Tensor.ones(2);
    Tensor freed;
    Tensor kept;
    Tensor stored;
    try (var scope = Scope.open()) {
      freed = outside.mul(2);
      kept = scope.keep(freed.add(1));
      stored = freed.add(2).escape();
    }
    assertTrue(freed.isReleased());
    assertFalse(outside.isReleased() || kept.isReleased() || stored.isReleased());
    var e = assertThrows(IllegalStateException.class, () -> freed.add(1));
    assertTrue(e.getMessage().contains("scope.keep(tensor)"), e.getMessage());
  }

  @Test
  void theGradientsOfGradAreTheCallers() {
    Tensor x = Tensor.ones(2).requiresGrad_();
    for (boolean twice : new boolean[] {false, true}) {
      Tensor y = x.square().sum();
      Tensor freed;
      Tensor kept;
      try (var scope = Scope.open()) {
        freed = Autograd.grad(List.of(y), List.of(x), null, true, twice).get(0);
        kept = scope.keep(Autograd.grad(List.of(y), List.of(x), null, true, twice).get(0));
      }
      assertTrue(freed.isReleased());
      assertEquals(4, kept.sum().item());
    }
  }

  @Test
  void whatIsKeptJoinsTheScopeOutside() {
    Tensor kept;
    try (var outer = Scope.open()) {
      try (var inner = Scope.open()) {
        kept = inner.keep(Tensor.ones(2));
      }
      assertFalse(kept.isReleased());
    }
    assertTrue(kept.isReleased());
  }

  @Test
  void anOuterScopeKeepsWhatAnInnerOneMade() {
    Tensor kept;
    try (var outer = Scope.open()) {
      try (var inner = Scope.open()) {
        kept = outer.keep(Tensor.ones(2));
      }
      assertFalse(kept.isReleased());
    }
    assertFalse(kept.isReleased());
  }

  @Test
  void keepingWhatAnOuterScopeMadeChangesNothing() {
    Tensor x;
    try (var outer = Scope.open()) {
      x = Tensor.ones(2);
      try (var inner = Scope.open()) {
        inner.keep(x);
      }
      assertFalse(x.isReleased());
    }
    assertTrue(x.isReleased());
  }

  /** Code that leaves a scope open, and what it made there. */
  private static final class Careless extends Function {
    final List<Scope> open = new ArrayList<>();
    final List<Tensor> lost = new ArrayList<>();

    Tensor leaveOpen(Tensor t) {
      open.add(Scope.open());
      open.add(Scope.open());
      lost.add(t.mul(2));
      return t.mul(3);
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return List.of(leaveOpen(in.get(0)));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      return List.of(leaveOpen(g.get(0)));
    }
  }

  @Test
  void whatHooksAndFunctionsLeaveOpenEndsWithThem() {
    for (boolean fails : new boolean[] {false, true}) {
      Careless f = new Careless();
      Tensor x = Tensor.ones(2).requiresGrad_();
      x.registerHook(f::leaveOpen);
      Tensor y;
      Tensor after;
      try (var scope = Scope.open()) {
        Tensor h = f.call(x);
        h.registerHook(f::leaveOpen);
        if (fails) {
          x.registerHook(
              g -> {
                f.leaveOpen(g);
                throw new UnsupportedOperationException();
              });
          assertThrows(UnsupportedOperationException.class, () -> h.sum().backward());
        } else {
          h.sum().backward();
        }
        y = scope.keep(h);
        after = h.mul(2);
      } // which would not close beside an inner one
      assertTrue(after.isReleased(), "it was made in the scope");
      assertEquals(6, y.sum().item());
      assertEquals(fails ? 0 : 2 * 27, fails ? 0 : x.grad().sum().item());
      f.lost.forEach(t -> assertTrue(t.isReleased()));
      assertEquals(fails ? 10 : 8, f.open.size());
      // Closing them at last does nothing, whatever is open by then.
      try (var outer = Scope.open();
          var inner = Scope.open()) {
        Tensor t = Tensor.ones(2);
        for (Scope s : f.open) {
          var e = assertThrows(IllegalStateException.class, () -> s.keep(t));
          assertTrue(e.getMessage().contains("has ended"), e.getMessage());
          s.close();
        }
        assertFalse(t.isReleased());
      }
    }
  }

  @Test
  void whatAFunctionReturnsOutlivesTheScopeItLeftOpen() {
    Careless f = new Careless();
    Tensor y = f.call(Tensor.ones(2)); // without a scope around
    assertEquals(6, y.sum().item());
    assertTrue(f.lost.get(0).isReleased());
    Tensor freed;
    try (var scope = Scope.open()) {
      freed = f.call(Tensor.ones(2));
    }
    assertTrue(freed.isReleased());
    Tensor later = Tensor.ones(2); // in no scope
    f.open.forEach(Scope::close);
    assertFalse(later.isReleased() || y.isReleased());
  }

  @Test
  void aScopeAroundBackwardIsNotClosedInAHook() {
    Tensor x = Tensor.ones(2).requiresGrad_();
    try (var scope = Scope.open()) {
      x.registerHook(
          g -> {
            scope.close();
            return null;
          });
      Tensor y = x.mul(2).sum();
      assertThrows(IllegalStateException.class, y::backward);
      assertFalse(y.isReleased());
    }
  }

  @Test
  void scopesCloseInOrderOnTheirThread() throws InterruptedException {
    Scope outer = Scope.open();
    Scope inner = Scope.open();
    assertThrows(IllegalStateException.class, outer::close);
    var seen = new AtomicReference<RuntimeException>();
    Thread other =
        new Thread(
            () -> {
              try {
                inner.close();
              } catch (IllegalStateException e) {
                seen.set(e);
              }
            });
    other.start();
    other.join();
    assertTrue(seen.get().getMessage().contains("on the thread that opened it"));
    inner.close();
    outer.close();
    outer.close();
  }
}
