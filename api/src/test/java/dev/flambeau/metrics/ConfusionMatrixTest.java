package dev.flambeau.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Tensor;
import dev.flambeau.metrics.ConfusionMatrix.Normalize;
import org.junit.jupiter.api.Test;

/** Counts, shares, and the table. */
class ConfusionMatrixTest {
  private static ConfusionMatrix filled(Normalize normalize) {
    ConfusionMatrix m = ConfusionMatrix.multiclass(3).normalize(normalize);
    m.update(Tensor.of(1, 0, 2), Tensor.of(1, 2, 2));
    m.update(Tensor.of(2, 0), Tensor.of(2, 1));
    return m;
  }

  @Test
  void counts() {
    ConfusionMatrix m = filled(Normalize.NONE);
    assertEquals(
        "tensor([[0, 0, 0],\n        [1, 1, 0],\n        [1, 0, 2]])", m.compute().toString());
    assertEquals(
        "tensor([[1, 0, 0],\n        [0, 0, 0],\n        [0, 0, 0]])",
        m.update(Tensor.of(0), Tensor.of(0)).toString());
    m.reset();
    assertEquals(0, m.compute().sum().itemLong());
  }

  @Test
  void shares() {
    assertEquals(
        "tensor([[0.0000, 0.0000, 0.0000],\n        [0.5000, 0.5000, 0.0000],\n"
            + "        [0.3333, 0.0000, 0.6667]])",
        filled(Normalize.TRUE).compute().toString());
    assertEquals(
        "tensor([[0.0000, 0.0000, 0.0000],\n        [0.5000, 1.0000, 0.0000],\n"
            + "        [0.5000, 0.0000, 1.0000]])",
        filled(Normalize.PRED).compute().toString());
    assertEquals(
        "tensor([[0.0000, 0.0000, 0.0000],\n        [0.2000, 0.2000, 0.0000],\n"
            + "        [0.2000, 0.0000, 0.4000]])",
        filled(Normalize.ALL).compute().toString());
  }

  @Test
  void binaryAndTheTable() {
    ConfusionMatrix m = ConfusionMatrix.binary().names("benign", "malignant");
    m.update(Tensor.of(0.5, 0.51, 0.2, 0.9), Tensor.of(1, 1, 0, 0));
    assertEquals(
        """
        true \\ predicted     benign  malignant
        benign                    1          1
        malignant                 1          1""",
        m.toString());
    assertEquals(
        """
        true \\ predicted       0       1       2
        0                 0.0000  0.0000  0.0000
        1                 0.5000  0.5000  0.0000
        2                 0.3333  0.0000  0.6667""",
        filled(Normalize.TRUE).toString());
  }

  @Test
  void refusals() {
    assertThrows(IllegalArgumentException.class, () -> ConfusionMatrix.multiclass(1));
    assertThrows(IllegalArgumentException.class, () -> ConfusionMatrix.binary().names("a"));
    assertThrows(IllegalArgumentException.class, () -> ConfusionMatrix.binary().threshold(-1));
    assertThrows(
        IllegalArgumentException.class,
        () -> filled(Normalize.NONE).update(Tensor.of(1), Tensor.of(5)));
  }
}
