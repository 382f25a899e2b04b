package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernels")
class LinearTest {
  @Test
  void itsFirstValuesArePyTorchs() {
    Flambeau.manualSeed(42);
    Linear layer = new Linear(6, 4);
    float[] weight = layer.weight.toFloatArray();
    assertArrayEquals(
        new float[] {0.31212157f, 0.338849336f, -0.0956413448f, 0.375021487f},
        java.util.Arrays.copyOf(weight, 4));
    assertEquals(0.270820081f, weight[23]);
    assertArrayEquals(
        new float[] {-0.322259039f, -0.188206688f, -0.115279011f, -0.245468467f},
        layer.bias.toFloatArray());
  }

  @Test
  void itPrintsAsInTheNotes() {
    Flambeau.manualSeed(0);
    Linear layer = new Linear(3, 2);
    Tensor x = Tensor.of(0.3471, 0.2865, 0.1456);
    assertEquals("Linear(in_features=3, out_features=2, bias=True)", layer.toString());
    assertEquals(
        "Parameter containing:\n"
            + "tensor([[-0.0043,  0.3097, -0.4752],\n"
            + "        [-0.4249, -0.2224,  0.1548]], requires_grad=True)",
        layer.weight.toString());
    assertEquals("tensor([0.0066, 0.2691], grad_fn=<AddBackward0>)", layer.call(x).toString());
    assertEquals(
        "tensor([[0.0066, 0.2691]], grad_fn=<AddmmBackward0>)",
        layer.call(x.unsqueeze(0)).toString());
  }

  @Test
  void theBiasIsOptional() {
    Linear layer = new Linear(3, 2, false);
    assertNull(layer.bias);
    assertEquals("[weight]", layer.namedParameters().keySet().toString());
    assertEquals("Linear(in_features=3, out_features=2, bias=False)", layer.toString());
    Tensor x = Tensor.ones(4, 3);
    assertTrue(layer.call(x).equal(x.matmul(layer.weight.t())));
  }

  @Test
  void itHasFeatures() {
    assertEquals("torch.Size([2, 0])", new Linear(0, 2).weight.shape().toString());
    assertThrows(IllegalArgumentException.class, () -> new Linear(-1, 2));
    assertThrows(IllegalArgumentException.class, () -> new Linear(3, 2).call(Tensor.ones(4, 5)));
  }
}
