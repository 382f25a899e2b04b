package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernels")
class LayerNormTest {
  @Test
  void linesGetMeanZeroAndDeviationOne() {
    LayerNorm layer = new LayerNorm(8);
    Tensor y = layer.call(Tensor.randn(5, 8).mul(3).add(7));
    assertTrue(y.mean(-1).allclose(Tensor.zeros(5), 0, 1e-5));
    assertTrue(y.square().mean(-1).allclose(Tensor.ones(5), 1e-4, 0));
    assertEquals("NativeLayerNormBackward0", y.gradFn().name());
    assertEquals("[weight, bias]", layer.namedParameters().keySet().toString());
  }

  @Test
  void itPrintsAsPyTorchs() {
    assertEquals(
        "LayerNorm((5,), eps=1e-05, elementwise_affine=True)", new LayerNorm(5).toString());
    LayerNorm plain = new LayerNorm(new long[] {2, 3}, 1e-6, false);
    assertEquals("LayerNorm((2, 3), eps=1e-06, elementwise_affine=False)", plain.toString());
    assertNull(plain.weight);
    assertThrows(IllegalArgumentException.class, () -> plain.call(Tensor.ones(3, 2)));
    assertThrows(IllegalArgumentException.class, () -> new LayerNorm());
  }
}
