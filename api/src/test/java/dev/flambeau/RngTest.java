package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
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
  void onlyStatesOfGeneratorsAreTaken() {
    Rng rng = new Rng(5);
    Tensor drawn;
    try (var use = Rng.use(rng)) {
      Tensor.randn(3); // keeps a normal number
      byte[] state = rng.state();
      drawn = Tensor.randn(3);
      rng.setState(state);
      assertEquals(drawn.toString(), Tensor.randn(3).toString());
    }
    for (int position : new int[] {-1, 625, -500_000_000, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      refused(rng, b -> b.putInt(4 * 624, position), position + " of 624 words");
    }
    refused(rng, b -> b.putInt(4 * 625, 2), "it keeps 2 normal numbers");
    refused(rng, b -> b.putDouble(4 * 626, Double.NaN), "the normal number NaN");
    refused(rng, b -> b.put(0, new byte[4 * 624]), "all 0");
    refused(rng, b -> b.put(0, new byte[4 * 624]).putInt(0, 77), "all 0");
    var e = assertThrows(IllegalArgumentException.class, () -> rng.setState(new byte[2511]));
    assertTrue(e.getMessage().contains("2512 bytes, this one 2511"), e.getMessage());
    for (int position : new int[] {0, 624}) {
      byte[] state = rng.state();
      ByteBuffer.wrap(state).order(ByteOrder.nativeOrder()).putInt(4 * 624, position);
      rng.setState(state);
      rng.nextLong();
    }
  }

  private static void refused(Rng rng, Consumer<ByteBuffer> change, String said) {
    byte[] before = rng.state();
    byte[] state = before.clone();
    change.accept(ByteBuffer.wrap(state).order(ByteOrder.nativeOrder()));
    var e = assertThrows(IllegalArgumentException.class, () -> rng.setState(state));
    assertTrue(e.getMessage().startsWith("setState: "), e.getMessage());
    assertTrue(e.getMessage().contains(said), e.getMessage());
    assertArrayEquals(before, rng.state());
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
