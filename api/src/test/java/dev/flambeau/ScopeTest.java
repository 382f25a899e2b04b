package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
