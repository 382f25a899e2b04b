package dev.flambeau.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Flambeau;
import dev.flambeau.Rng;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Data sets and their parts; splits are PyTorch 1.13.1's. */
class DataTest {
  private static TensorDataset numbers(long n) {
    return new TensorDataset(Tensor.arange(n));
  }

  private static String indices(List<Subset<Sample>> parts) {
    return parts.stream().map(s -> Arrays.toString(s.indices())).toList().toString();
  }

  @Test
  void splitsAsPyTorch() {
    Flambeau.manualSeed(42);
    assertEquals(
        "[[2, 6, 1], [8, 4, 5, 0, 9, 3, 7]]", indices(Data.randomSplit(numbers(10), 3, 7)));
    assertEquals(
        "[[2, 9, 6, 5, 8, 4], [3, 10, 1], [7, 0]]",
        indices(Data.randomSplit(numbers(11), 0.5, 0.3, 0.2)));
    assertEquals("tensor([0.6274])", Tensor.rand(1).toString());
    assertEquals(
        "[[0, 3], [2, 4, 1, 5]]", indices(Data.randomSplit(numbers(6), new Rng(42), 2, 4)));
    assertThrows(IllegalArgumentException.class, () -> Data.randomSplit(numbers(6), 2, 3));
    assertThrows(IllegalArgumentException.class, () -> Data.randomSplit(numbers(6), 7, -1));
    assertThrows(IllegalArgumentException.class, () -> Data.randomSplit(numbers(6), 0.5, 0.4));
  }

  @Test
  void tensorDatasetsOutliveScopes() {
    TensorDataset dataset;
    try (var scope = Scope.open()) {
      dataset = new TensorDataset(Tensor.arange(4), Tensor.zeros(4, 2));
    }
    assertFalse(dataset.tensors().get(0).isReleased());
    assertEquals("(tensor(3), tensor([0., 0.]))", dataset.get(-1).toString());
    assertThrows(IndexOutOfBoundsException.class, () -> dataset.get(4));
    assertThrows(IndexOutOfBoundsException.class, () -> dataset.get(0).get(2));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorDataset(Tensor.arange(4), Tensor.zeros(3, 2)));
    assertThrows(IllegalArgumentException.class, () -> new TensorDataset(Tensor.of(1)));
    assertThrows(IllegalArgumentException.class, TensorDataset::new);
  }

  @Test
  void subsets() {
    Subset<Sample> part = new Subset<>(numbers(5), 4, 0);
    assertEquals(2, part.size());
    assertEquals(4, part.get(0).input().itemLong());
    assertThrows(IndexOutOfBoundsException.class, () -> part.get(2));
    assertThrows(IndexOutOfBoundsException.class, () -> new Subset<>(numbers(5), 5));
  }

  @Test
  void batchesStack() {
    Batch b =
        Batch.stack(
            List.of(
                Sample.of(Tensor.of(1, 2), Tensor.of(0)),
                Sample.of(Tensor.of(3, 4), Tensor.of(1))));
    assertEquals("[tensor([[1, 2],\n        [3, 4]]), tensor([0, 1])]", b.toString());
    assertEquals(2, b.size());
    assertThrows(IndexOutOfBoundsException.class, () -> b.get(-1));
    assertThrows(IllegalArgumentException.class, () -> Batch.stack(List.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Batch.stack(List.of(Sample.of(Tensor.of(1)), Sample.of())));
    assertThrows(
        IllegalArgumentException.class,
        () -> Batch.stack(List.of(Sample.of(Tensor.of(1, 2)), Sample.of(Tensor.of(1)))));
  }
}
