package dev.flambeau.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Flambeau;
import dev.flambeau.Rng;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Orders and draws are PyTorch 1.13.1's; workers keep order, pass on errors, and end. */
class DataLoaderTest {
  private static TensorDataset ten() {
    return new TensorDataset(Tensor.arange(10));
  }

  private static String pass(DataLoader loader) {
    List<String> out = new ArrayList<>();
    for (Batch b : loader) {
      out.add(Arrays.toString(b.input().toLongArray()));
    }
    return out.toString();
  }

  @Test
  void shuffledAsPyTorch() {
    Flambeau.manualSeed(0);
    DataLoader loader = new DataLoader(ten(), 3).shuffle(true);
    assertEquals("[[6, 7, 1], [4, 2, 0], [9, 8, 3], [5]]", pass(loader));
    assertEquals("[[2, 4, 7], [0, 8, 9], [5, 3, 6], [1]]", pass(loader));
    assertEquals("tensor([0.4556, 0.6323])", Tensor.rand(2).toString());
    assertEquals(4, loader.size());
  }

  @Test
  void dropsTheLast() {
    Flambeau.manualSeed(0);
    DataLoader loader = new DataLoader(ten(), 4).shuffle(true).dropLast(true);
    assertEquals("[[6, 7, 1, 4], [2, 0, 9, 8]]", pass(loader));
    assertEquals("[[2, 4, 7, 0], [8, 9, 5, 3]]", pass(loader));
    assertEquals(2, loader.size());
  }

  @Test
  void unshuffledDrawsOnceAPass() {
    Flambeau.manualSeed(0);
    DataLoader loader = new DataLoader(ten(), 3);
    assertEquals("[[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]", pass(loader));
    assertEquals("[[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]", pass(loader));
    assertEquals("tensor([0.3074, 0.6341])", Tensor.rand(2).toString());
  }

  @Test
  void withAGenerator() {
    Flambeau.manualSeed(0);
    Rng rng = new Rng(7);
    DataLoader loader = new DataLoader(ten(), 3).shuffle(true).generator(rng);
    assertEquals("[[1, 3, 5], [7, 9, 4], [6, 2, 8], [0]]", pass(loader));
    assertEquals("[[5, 1, 6], [0, 9, 7], [8, 4, 3], [2]]", pass(loader));
    assertEquals("tensor([0.4963])", Tensor.rand(1).toString());
    try (var use = Rng.use(rng)) {
      assertEquals("tensor([0.7405])", Tensor.rand(1).toString());
    }
  }

  @Test
  void theNotesLoader() {
    Flambeau.manualSeed(0);
    Tensor x = Tensor.arange(12).view(6, 2).toFloat();
    TensorDataset dataset = new TensorDataset(x, Tensor.of(0.0, 1.0, 0.0, 1.0, 1.0, 0.0));
    Sample sample = dataset.get(0);
    assertEquals("tensor([0., 1.]) tensor(0.)", sample.input() + " " + sample.target());
    StringBuilder out = new StringBuilder();
    DataLoader loader = new DataLoader(dataset, 2).shuffle(true);
    for (Batch b : loader) {
      out.append(b.input()).append('\n').append(b.target()).append('\n');
    }
    assertEquals(
        """
        tensor([[0., 1.],
                [8., 9.]])
        tensor([0., 1.])
        tensor([[ 6.,  7.],
                [10., 11.]])
        tensor([1., 0.])
        tensor([[4., 5.],
                [2., 3.]])
        tensor([0., 1.])
        """,
        out.toString());
    assertEquals("6 3", dataset.size() + " " + loader.size());
  }

  @Test
  void batchesAreCopies() {
    TensorDataset dataset = ten();
    for (Batch b : new DataLoader(dataset, 5)) {
      b.input().fill_(-1);
    }
    assertEquals(45, dataset.tensors().get(0).sum().itemLong());
  }

  @Test
  void partsAreGatheredLikeTheWhole() {
    Subset<Sample> part = new Subset<>(new Subset<>(ten(), 9, 8, 7, 6, 5), 0, 2, 4);
    assertEquals("[[9, 7], [5]]", pass(new DataLoader(part, 2)));
  }

  /** Samples that say who made them. */
  private record Squares(AtomicInteger made, int failAt) implements Dataset<Sample> {
    @Override
    public int size() {
      return 40;
    }

    @Override
    public Sample get(int i) {
      made.incrementAndGet();
      if (i == failAt) {
        throw new IllegalStateException("sample " + i + " is broken");
      }
      return Sample.of(Tensor.of((long) i * i), Tensor.rand(1));
    }
  }

  @Test
  void workersKeepTheOrder() {
    Flambeau.manualSeed(0);
    DataLoader loader = new DataLoader(ten(), 5).shuffle(true).workers(2);
    assertEquals("[[6, 7, 1, 4, 2], [0, 9, 8, 3, 5]]", pass(loader));
    assertEquals("[[2, 4, 7, 0, 8], [9, 5, 3, 6, 1]]", pass(loader));
    assertEquals("tensor([0.4556, 0.6323])", Tensor.rand(2).toString());
    String alone = pass(new DataLoader(new Squares(new AtomicInteger(), -1), 3));
    DataLoader many = new DataLoader(new Squares(new AtomicInteger(), -1), 3).workers(3);
    for (int i = 0; i < 20; i++) {
      assertEquals(alone, pass(many));
    }
  }

  @Test
  void workersDrawAsPyTorchs() {
    Flambeau.manualSeed(0);
    StringBuilder out = new StringBuilder();
    Dataset<Sample> six = new Subset<>(new Squares(new AtomicInteger(), -1), 0, 1, 2, 3, 4, 5);
    for (Batch b : new DataLoader(six, 2).workers(2)) {
      out.append(b.target().flatten());
    }
    assertEquals(
        "tensor([0.7821, 0.0536])tensor([0.6938, 0.2980])tensor([0.9888, 0.1949])", out.toString());
  }

  @Test
  void whatWorkersMadeJoinsTheReadersScope() {
    Batch kept = null;
    Batch dropped = null;
    try (var scope = Scope.open()) {
      for (Batch b : new DataLoader(new Squares(new AtomicInteger(), -1), 20).workers(2)) {
        if (kept == null) {
          kept = b;
          b.tensors().forEach(scope::keep);
        } else {
          dropped = b;
        }
      }
    }
    assertFalse(kept.input().isReleased());
    assertTrue(dropped.input().isReleased());
  }

  @Test
  void errorsOfWorkersArrive() {
    DataLoader loader = new DataLoader(new Squares(new AtomicInteger(), 13), 4).workers(2);
    List<Batch> seen = new ArrayList<>();
    var e = assertThrows(IllegalStateException.class, () -> loader.forEach(seen::add));
    assertEquals("sample 13 is broken", e.getMessage());
    assertTrue(e.getSuppressed()[0].getMessage().contains("worker 1, batch 3"));
    assertEquals(3, seen.size());
  }

  @Test
  void aPassLeftEarlyEndsItsThreads() throws InterruptedException {
    AtomicInteger made = new AtomicInteger();
    DataLoader loader = new DataLoader(new Squares(made, -1), 1).workers(2).prefetch(3);
    for (Batch b : loader) {
      assertEquals(0, b.input().itemLong());
      break;
    }
    for (int i = 0; i < 100 && threads() > 0; i++) {
      Thread.sleep(50);
    }
    assertEquals(0, threads(), "idle threads end by themselves");
    assertTrue(made.get() <= 8, made + " samples were made for one batch read");
    try (BatchIterator pass = loader.iterator()) {
      assertTrue(pass.hasNext());
      pass.next();
      pass.close();
      assertFalse(pass.hasNext());
      assertThrows(NoSuchElementException.class, pass::next);
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("flambeau-data-"))
        .peek(t -> assertTrue(t.isDaemon()))
        .count();
  }

  @Test
  void samplesOfAnyKindWithACollateFunction() {
    List<String> words = List.of("a", "bcd", "ef");
    Dataset<String> dataset =
        new Dataset<>() {
          @Override
          public int size() {
            return words.size();
          }

          @Override
          public String get(int index) {
            return words.get(index);
          }
        };
    DataLoader loader =
        new DataLoader(
            dataset,
            2,
            (List<String> b) -> Batch.of(Tensor.of(b.stream().mapToInt(String::length).toArray())));
    assertEquals("[[1, 3], [2]]", pass(loader));
    assertSame(dataset, loader.dataset());
  }

  @Test
  void batchesOfOnesOwn() {
    DataLoader loader =
        new DataLoader(ten()).batches(List.of(new int[] {9, 0}, new int[] {5}, new int[] {1, 2}));
    assertEquals("[[9, 0], [5], [1, 2]]", pass(loader));
    assertEquals("[[9, 0], [5], [1, 2]]", pass(loader.workers(1)));
    assertEquals(3, loader.size());
    assertThrows(IllegalArgumentException.class, () -> loader.shuffle(true));
    assertThrows(IllegalArgumentException.class, () -> loader.batchSize(2));
    DataLoader empty = new DataLoader(ten()).batches(List.of(new int[0]));
    assertThrows(IllegalArgumentException.class, () -> pass(empty));
    DataLoader outside = new DataLoader(ten()).batches(List.of(new int[] {3, 10}));
    assertThrows(IndexOutOfBoundsException.class, () -> pass(outside));
  }

  @Test
  void refusals() {
    assertThrows(IllegalArgumentException.class, () -> new DataLoader(ten(), 0));
    assertThrows(IllegalArgumentException.class, () -> new DataLoader(ten()).workers(-1));
    assertThrows(IllegalArgumentException.class, () -> new DataLoader(ten()).prefetch(0));
    BatchIterator pass = new DataLoader(new TensorDataset(Tensor.zeros(0, 2)), 2).iterator();
    assertFalse(pass.hasNext());
    assertThrows(NoSuchElementException.class, pass::next);
    assertEquals(
        "[]",
        pass(new DataLoader(new TensorDataset(Tensor.zeros(DType.INT64, 0)), 2).shuffle(true)));
  }

  /** Workers may keep more ahead than an int counts: then all of the pass. */
  @Test
  void muchAhead() {
    for (int ahead : new int[] {1_500_000_000, Integer.MAX_VALUE, 1 << 30}) {
      for (int workers = 1; workers <= 4; workers++) {
        DataLoader loader = new DataLoader(ten(), 2).workers(workers).prefetch(ahead);
        assertEquals("[[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]", pass(loader));
      }
    }
  }

  @Test
  void sizesAtTheEndOfAnInt() {
    DataLoader one = new DataLoader(ten(), Integer.MAX_VALUE);
    assertEquals(1, one.size());
    assertEquals("[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]", pass(one));
    Dataset<Sample> many =
        new Dataset<>() {
          @Override
          public int size() {
            return Integer.MAX_VALUE;
          }

          @Override
          public Sample get(int index) {
            throw new AssertionError("not read");
          }
        };
    assertEquals(Integer.MAX_VALUE, new DataLoader(many).size());
    assertEquals(1 << 30, new DataLoader(many, 2).size());
    assertEquals((1 << 30) - 1, new DataLoader(many, 2).dropLast(true).size());
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new TensorDataset(Tensor.zeros(1).expand(1L << 32)));
    assertTrue(e.getMessage().contains("more samples than an index counts"), e::getMessage);
  }
}
