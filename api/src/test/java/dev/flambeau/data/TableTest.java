package dev.flambeau.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Columns by name, rows without gaps, tensors of them. */
class TableTest {
  private final Table table = Table.of(columns());

  private static Map<String, Object> columns() {
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("ph", new double[] {7, Double.NaN, 6.5, 8});
    columns.put("kind", new String[] {"a", "b", "", "d"});
    columns.put("label", new double[] {0, 1, 1, 1});
    return columns;
  }

  @Test
  void columnsBecomeTensors() {
    Table whole = table.dropMissing();
    assertEquals("Table(2 rows, columns [ph, kind, label])", whole.toString());
    assertEquals(
        "tensor([[0., 7.],\n        [1., 8.]], dtype=torch.float64)",
        whole.tensor("label", "ph").toString());
    assertEquals("tensor([0., 1.])", whole.vector("label").toFloat().toString());
    assertEquals("tensor([0, 1])", whole.vector(DType.INT64, "label").toString());
    assertEquals("torch.Size([2, 1])", whole.tensor(DType.FLOAT32, "ph").shape().toString());
    assertArrayEquals(new String[] {"a", "d"}, whole.texts("kind"));
    assertEquals(3, table.select("label", "ph").dropMissing().rows());
    assertEquals(List.of("label", "ph"), table.select("label", "ph").names());
    assertTrue(table.isNumeric("ph"));
    assertFalse(table.isNumeric("kind"));
    assertEquals(6.5, table.numbers("ph")[2]);
  }

  @Test
  void refusals() {
    var e = assertThrows(IllegalArgumentException.class, () -> table.tensor("PH"));
    assertEquals("table: no column named PH; there are [ph, kind, label]", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> table.tensor("kind"));
    assertThrows(IllegalArgumentException.class, () -> table.texts("ph"));
    assertThrows(IllegalArgumentException.class, table::tensor);
    Map<String, Object> uneven = columns();
    uneven.put("x", new double[1]);
    assertThrows(IllegalArgumentException.class, () -> Table.of(uneven));
    uneven.put("x", new int[4]);
    assertThrows(IllegalArgumentException.class, () -> Table.of(uneven));
  }
}
