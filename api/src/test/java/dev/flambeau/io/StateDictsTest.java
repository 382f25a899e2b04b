package dev.flambeau.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Tensor;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Parts of state dicts by prefix. */
class StateDictsTest {
  @Test
  void partsAndWholes() {
    Tensor a = Tensor.of(1);
    Map<String, Tensor> state = Map.of("body.weight", a, "head.weight", Tensor.of(2));
    Map<String, Tensor> body = StateDicts.part(state, "body.");
    assertEquals(Set.of("weight"), body.keySet());
    assertSame(a, body.get("weight"));
    assertSame(a, StateDicts.prefixed(body, "body.").get("body.weight"));
    assertThrows(IllegalArgumentException.class, () -> StateDicts.part(state, "tail."));
  }
}
