package dev.flambeau.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SearchTest {
  @Test
  void aGridTriesAllAndKeepsTheBest() {
    List<String> seen = new ArrayList<>();
    Search.Result r =
        Search.minimize()
            .choice("lr", 0.1, 0.01, 0.001)
            .choice("hidden", 8, 16)
            .onTrial(t -> seen.add(t.toString()))
            .grid(p -> Math.abs(p.number("lr") - 0.01) + p.integer("hidden"));
    assertEquals(6, seen.size());
    assertEquals("lr=0.01000, hidden=8", r.best().toString());
    assertEquals(8, r.best().score());
    assertTrue(r.trials().get(5).score() >= r.trials().get(4).score());
  }

  @Test
  void randomSearchStaysInItsRangesAndRepeats() {
    Search space = Search.maximize().logUniform("lr", 1e-4, 1e-1).uniform("momentum", 0.85, 0.99);
    Search.Result r =
        space.random(
            20,
            0,
            p -> {
              assertTrue(p.number("lr") >= 1e-4 && p.number("lr") <= 1e-1);
              assertTrue(p.number("momentum") >= 0.85 && p.number("momentum") <= 0.99);
              return p.number("momentum");
            });
    assertEquals(20, r.trials().size());
    assertEquals(r.best().score(), space.random(20, 0, p -> p.number("momentum")).best().score());
  }

  @Test
  void aFailedTrialCostsOnlyItself() {
    Search s = Search.minimize().choice("n", 1, 2, 3);
    Search.Result r =
        s.grid(
            p -> {
              if (p.integer("n") == 1) {
                throw new IllegalStateException("no");
              }
              return p.integer("n") == 2 ? Double.NaN : 5;
            });
    assertEquals(3, r.best().integer("n"));
    assertEquals(3, r.trials().size());
    assertThrows(IllegalStateException.class, () -> s.grid(p -> Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> r.best().get("m"));
    assertThrows(
        IllegalArgumentException.class, () -> Search.minimize().uniform("x", 0, 1).grid(p -> 0));
  }
}
