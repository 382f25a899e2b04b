package dev.flambeau.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.PrintOptions;
import dev.flambeau.Resources;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Against PyTorch's own text of hundreds of tensors, see src/test/python/print_cases.py. */
class TensorFormatTest {
  @Test
  void printsTensorsAsPyTorchDoes() {
    List<String> cases = Arrays.asList(Resources.text("print/tensors.txt").split("\n----\n"));
    assertTrue(cases.size() > 500, "too few cases: " + cases.size());
    for (String one : cases) {
      int end = one.indexOf('\n');
      String fields = one.substring(0, end);
      assertEquals(one.substring(end + 1), print(fields.split("\t", -1)), fields);
    }
  }

  private static String print(String[] fields) {
    Deque<PrintOptions.Restore> options = new ArrayDeque<>();
    PrintedTensor tensor = tensor(fields[0], longs(fields[1]), fields[2]);
    for (String field : List.of(fields).subList(3, fields.length)) {
      String value = field.substring(field.indexOf('=') + 1);
      if (field.startsWith("precision=")) {
        options.push(PrintOptions.precision(Integer.parseInt(value)));
      } else if (field.startsWith("threshold=")) {
        options.push(PrintOptions.threshold(Long.parseLong(value)));
      } else if (field.startsWith("edgeitems=")) {
        options.push(PrintOptions.edgeItems(Integer.parseInt(value)));
      } else if (field.startsWith("linewidth=")) {
        options.push(PrintOptions.lineWidth(Integer.parseInt(value)));
      } else if (field.startsWith("sci=")) {
        options.push(PrintOptions.sciMode(value.equals("True")));
      } else {
        tensor = tensor.marked(field);
      }
    }
    try {
      return TensorFormat.format(tensor);
    } finally {
      options.forEach(PrintOptions.Restore::close);
    }
  }

  private static PrintedTensor tensor(String dtype, long[] shape, String values) {
    if (!values.startsWith("spread:")) {
      return PrintedTensor.of(dtype, shape, values.isEmpty() ? new String[0] : values.split(","));
    }
    String[] recipe = values.split(":");
    double[] spread = new double[(int) LongStream.of(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < spread.length; ++i) {
      double fraction = i * 2654435761L % 4294967296L / 4294967296.0;
      double value = Double.parseDouble(recipe[2]) + Double.parseDouble(recipe[1]) * fraction;
      spread[i] = dtype.equals("float32") ? (float) value : value;
    }
    if (dtype.equals("bool")) {
      spread = Arrays.stream(spread).map(v -> v == 0 ? 0 : 1).toArray();
    }
    return PrintedTensor.of(dtype, shape, spread);
  }

  private static long[] longs(String text) {
    return text.isEmpty()
        ? new long[0]
        : Arrays.stream(text.split(",")).mapToLong(Long::parseLong).toArray();
  }

  @Test
  void saysTheDevice() {
    assertEquals(
        "tensor([1., 2.], device='cuda:0')",
        TensorFormat.format(PrintedTensor.of("float32", new long[] {2}, 1, 2).on("cuda:0")));
    assertEquals(
        "tensor([], device='cuda:1', size=(0, 3), dtype=torch.int64)",
        TensorFormat.format(PrintedTensor.of("int64", new long[] {0, 3}, "").on("cuda:1")));
    assertEquals(
        "tensor([1.], device='cuda:0', dtype=torch.float64, grad_fn=<AddBackward0>)",
        TensorFormat.format(
            PrintedTensor.of("float64", new long[] {1}, 1)
                .on("cuda:0")
                .marked("grad_fn=AddBackward0")));
  }

  @Test
  void optionsNestAndBelongToTheThread() throws InterruptedException {
    PrintedTensor third = PrintedTensor.of("float64", new long[0], 1 / 3.0);
    String[] elsewhere = new String[1];
    try (var outer = PrintOptions.precision(2)) {
      try (var inner = PrintOptions.precision(6)) {
        assertEquals("tensor(0.333333, dtype=torch.float64)", TensorFormat.format(third));
        try (var defaults = PrintOptions.defaults()) {
          assertEquals("tensor(0.3333, dtype=torch.float64)", TensorFormat.format(third));
        }
      }
      assertEquals("tensor(0.33, dtype=torch.float64)", TensorFormat.format(third));
      Thread thread = new Thread(() -> elsewhere[0] = TensorFormat.format(third));
      thread.start();
      thread.join();
    }
    assertEquals("tensor(0.3333, dtype=torch.float64)", elsewhere[0]);
    assertEquals("tensor(0.3333, dtype=torch.float64)", TensorFormat.format(third));
  }

  @Test
  void refusesImpossibleOptions() {
    var error = assertThrows(IllegalArgumentException.class, () -> PrintOptions.precision(-1));
    assertEquals("PrintOptions.precision: must be at least 0, got -1", error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> PrintOptions.threshold(-1));
    assertThrows(IllegalArgumentException.class, () -> PrintOptions.edgeItems(0));
    assertThrows(IllegalArgumentException.class, () -> PrintOptions.lineWidth(0));
  }
}
