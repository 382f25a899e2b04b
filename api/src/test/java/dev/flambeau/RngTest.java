package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Which generator a thread draws from. */
class RngTest {
  private final Rng program = Rng.current();

  @Test
  void usesNest() {
    Rng outer = new Rng(1);
    Rng inner = new Rng(2);
    try (var a = Rng.use(outer)) {
      try (var b = Rng.use(inner)) {
        assertSame(inner, Rng.current());
        try (var none = Rng.use(null)) {
          assertSame(program, Rng.current(), "null is the program's");
        }
        assertSame(inner, Rng.current());
      }
      assertSame(outer, Rng.current());
    }
    assertSame(program, Rng.current());
  }

  /** Whichever thread closes it, the one that opened it has its former generator again. */
  @Test
  void closingElsewhereRestoresTheThreadThatOpened() throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (var mine = Rng.use(new Rng(3))) {
      Rng here = Rng.current();
      Callable<Rng.Use> open = () -> Rng.use(new Rng(4));
      Callable<Rng> current = Rng::current;
      Rng.Use theirs = other.submit(open).get();
      assertNotEquals(program, other.submit(current).get());
      theirs.close();
      assertSame(here, Rng.current());
      assertSame(program, other.submit(current).get());
    } finally {
      other.shutdown();
    }
  }

  @Test
  void opsDrawFromWhatTheThreadUses() {
    Rng rng = new Rng(42);
    try (var use = Rng.use(new Rng(42))) {
      assertEquals(rng.nextLong(), Tensor.empty(DType.INT64).random_().itemLong());
      assertNotEquals(rng.nextLong(), program.nextLong());
    }
  }
}
