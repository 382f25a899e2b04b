package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

class FlattenTest {
  @Test
  void itKeepsTheBatchByDefault() {
    Tensor x = Tensor.ones(2, 3, 4, 5);
    assertEquals("torch.Size([2, 60])", new Flatten().call(x).shape().toString());
    assertEquals("torch.Size([24, 5])", new Flatten(0, -2).call(x).shape().toString());
    assertEquals("Flatten(start_dim=1, end_dim=-1)", new Flatten().toString());
  }
}
