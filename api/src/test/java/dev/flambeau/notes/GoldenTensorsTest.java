package dev.flambeau.notes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.PrintOptions;
import dev.flambeau.Resources;
import dev.flambeau.internal.text.PrintedTensor;
import dev.flambeau.internal.text.TensorFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every tensor in the expected output of the course notes, read back and printed again. */
class GoldenTensorsTest {
  private static final Pattern TENSOR =
      Pattern.compile(
          "tensor\\((?<values>[^a-z()]*)"
              + "(?:,\\s+dtype=torch\\.(?<dtype>\\w+))?"
              + "(?:,\\s+grad_fn=<(?<node>\\w+)>)?"
              + "(?<leaf>,\\s+requires_grad=True)?\\)");

  /** Rows put where "..." left some out: enough to pass the threshold. */
  private static final int LEFT_OUT = 1001;

  @Test
  void printsTheTensorsOfTheNotes() {
    int count = 0;
    for (String name : Resources.lines("notes/snippets.txt")) {
      count += printsAgain("notes/" + name + ".txt", 4);
      String nineDigits = "notes/" + name + "-9digits.txt";
      count += Resources.exists(nineDigits) ? printsAgain(nineDigits, 9) : 0;
    }
    assertTrue(count > 100, "too few tensors found: " + count);
  }

  private static int printsAgain(String resource, int precision) {
    String text = Resources.text(resource);
    int count = 0;
    try (var digits = PrintOptions.precision(precision)) {
      for (Matcher found = TENSOR.matcher(text); found.find(); ++count) {
        assertEquals(found.group(), TensorFormat.format(read(found)), resource);
      }
    }
    assertEquals(text.split("tensor\\(", -1).length - 1, count, "tensors read in " + resource);
    return count;
  }

  private static PrintedTensor read(Matcher found) {
    List<Long> shape = new ArrayList<>();
    List<String> values = new ArrayList<>();
    readBlock(found.group("values"), 0, 0, shape, values);
    String dtype = found.group("dtype");
    if (dtype == null) {
      dtype = found.group("values").contains(".") ? "float32" : "int64";
    }
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    PrintedTensor tensor = PrintedTensor.of(dtype, sizes, values.toArray(new String[0]));
    if (found.group("node") != null) {
      return tensor.marked("grad_fn=" + found.group("node"));
    }
    return found.group("leaf") != null ? tensor.marked("requires_grad") : tensor;
  }

  /** Reads the block or number at {@code at}, and returns where it ends. */
  private static int readBlock(
      String text, int at, int axis, List<Long> shape, List<String> values) {
    if (text.charAt(at) != '[') {
      int end = at;
      while (end < text.length() && ",]".indexOf(text.charAt(end)) < 0) {
        ++end;
      }
      values.add(text.substring(at, end).strip());
      return end;
    }
    if (shape.size() == axis) {
      shape.add(0L);
    }
    long items = 0;
    for (int next = at; text.charAt(next) != ']'; at = next) {
      int item = next + 1;
      while (Character.isWhitespace(text.charAt(item))) {
        ++item;
      }
      if (text.startsWith("...", item)) {
        int before = values.size();
        next = item + 3;
        for (int i = 0; i < LEFT_OUT; ++i, ++items) {
          values.addAll(values.subList(before - before / (int) (items - i), before));
        }
      } else {
        next = readBlock(text, item, axis + 1, shape, values);
        ++items;
      }
    }
    shape.set(axis, items);
    return at + 1;
  }
}
