package dev.flambeau.cli.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Rng;
import dev.flambeau.cli.table.CsvReader;
import dev.flambeau.cli.table.TableException;
import dev.flambeau.cli.table.TextTable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PreparedTest {
  private static TextTable table(String header, int rows, IntFunction<String> row) {
    String text =
        header + "\n" + IntStream.range(0, rows).mapToObj(row).collect(Collectors.joining("\n"));
    return new CsvReader(null, null).read("t.csv", text.getBytes(StandardCharsets.UTF_8));
  }

  private static Prepared prepare(TextTable t, Task task, Missing missing) {
    try (var rng = Rng.use(new Rng(0))) {
      return Prepared.of(t, new Prepared.Options("y", task, missing, List.of(), 32, 0.2));
    }
  }

  private static Task detected(IntFunction<Object> y) {
    return prepare(table("x,y", 40, i -> i % 7 + "," + y.apply(i)), null, Missing.AUTO)
        .target()
        .task();
  }

  @Test
  void taskDetection() {
    assertEquals(Task.BINARY, detected(i -> i % 2));
    assertEquals(Task.BINARY, detected(i -> i % 2 == 0 ? "yes" : "no"));
    assertEquals(Task.BINARY, detected(i -> i % 2 == 0 ? 1.5 : 2.5));
    assertEquals(Task.BINARY, detected(i -> i % 3 == 0 ? "1" : i % 3 == 1 ? "1.0" : "0"));
    assertEquals(Task.MULTICLASS, detected(i -> i % 3));
    assertEquals(Task.MULTICLASS, detected(i -> "abc".charAt(i % 3)));
    assertEquals(Task.REGRESSION, detected(i -> i));
    assertEquals(Task.REGRESSION, detected(i -> i % 3 + 0.5));
  }

  @Test
  void classesInOrder() {
    Prepared p = prepare(table("x,y", 40, i -> i % 7 + "," + (10 - i % 3)), null, Missing.AUTO);
    assertEquals(List.of("8", "9", "10"), p.target().classes());
    assertEquals(2, p.target().value("10.0", false));
    assertTrue(Double.isNaN(p.target().value("7", false)));
  }

  @Test
  void theSplitIsStratified() {
    TextTable t = table("x,y", 100, i -> i % 7 + "," + (i < 30 ? "a" : "b"));
    Prepared p = prepare(t, null, Missing.AUTO);
    assertEquals(20, p.validation().size());
    assertEquals(6, Arrays.stream(p.validation().targets()).filter(c -> c == 0).count());
    assertArrayEquals(
        p.validation().inputs(), prepare(t, null, Missing.AUTO).validation().inputs());
  }

  @Test
  void trainingRowsStatistics() {
    Prepared p =
        prepare(table("x,y", 100, i -> (i * 37 % 101) + "," + i * 0.5), null, Missing.AUTO);
    float[] x = p.training().inputs();
    double mean = IntStream.range(0, x.length).mapToDouble(i -> x[i]).average().orElseThrow();
    double square =
        IntStream.range(0, x.length).mapToDouble(i -> x[i] * x[i]).average().orElseThrow();
    assertEquals(0, mean, 1e-6);
    assertEquals(1, square, 1e-5);
    double[] y = p.training().targets();
    assertEquals(Arrays.stream(y).average().orElseThrow(), p.target().mean(), 1e-9);
  }

  @Test
  void columns() {
    TextTable t =
        table(
            "id,city,name,same,none,x,y",
            60,
            i -> i + "," + "ABC".charAt(i % 3) + ",n" + i + ",5,NA," + i % 7 + "," + i % 2);
    Prepared p = prepare(t, null, Missing.AUTO);
    assertEquals(List.of("city", "x"), p.features().list().stream().map(Feature::name).toList());
    assertEquals(4, p.features().width());
    for (String part :
        List.of(
            "id is left out: it only counts the rows",
            "name is left out: it is text, and all its values differ",
            "same is left out: it is 5",
            "none is left out: it has no values",
            "city: one-hot, 3 categories")) {
      assertTrue(p.remarks().stream().anyMatch(r -> r.contains(part)), part + " in " + p.remarks());
    }
    float[] first = Arrays.copyOf(p.training().inputs(), 3);
    assertEquals(1, first[0] + first[1] + first[2]);
  }

  @Test
  void missingValues() {
    TextTable t = table("x,z,y", 100, i -> (i < 20 ? "?" : i) + "," + i % 9 + "," + i % 2);
    Prepared dropped = prepare(t, null, Missing.DROP);
    assertEquals(80, dropped.training().size() + dropped.validation().size());
    assertTrue(
        dropped.remarks().get(0).contains("20 rows of 100 dropped: missing values in x (20)"));
    Prepared imputed = prepare(t, null, Missing.AUTO);
    assertEquals(100, imputed.training().size() + imputed.validation().size());
    assertTrue(imputed.remarks().get(0).contains("imputed in 20 rows of 100"));
    TextTable few = table("x,y", 100, i -> (i < 5 ? "" : i * 0.5) + "," + i % 2);
    assertEquals(76, prepare(few, null, Missing.AUTO).training().size());
    TextTable noTarget = table("x,y", 100, i -> i * 0.5 + "," + (i < 10 ? "NA" : i % 2));
    assertTrue(prepare(noTarget, null, Missing.AUTO).remarks().get(0).contains("10 rows dropped"));
  }

  @Test
  void refusals() {
    TextTable three = table("x,y", 30, i -> i % 7 + "," + "abc".charAt(i % 3));
    assertThrows(TableException.class, () -> prepare(three, Task.BINARY, Missing.AUTO));
    assertThrows(TableException.class, () -> prepare(three, Task.REGRESSION, Missing.AUTO));
    TextTable one = table("x,y", 30, i -> i % 7 + ",1");
    assertThrows(TableException.class, () -> prepare(one, null, Missing.AUTO));
    TextTable names = table("x,y", 30, i -> i % 7 + ",name" + i);
    assertThrows(TableException.class, () -> prepare(names, null, Missing.AUTO));
    TextTable nothing = table("x,y", 30, i -> "1," + i % 2);
    assertThrows(TableException.class, () -> prepare(nothing, null, Missing.AUTO));
    TextTable short3 = table("x,y", 3, i -> i * 2 + "," + i % 2);
    assertThrows(TableException.class, () -> prepare(short3, null, Missing.AUTO));
  }
}
