package dev.flambeau.cli.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvReaderTest {
  private static TextTable read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static TextTable read(byte[] bytes) {
    return new CsvReader(null, null).read("t.csv", bytes);
  }

  private static void refused(String text, String message) {
    TableException e = assertThrows(TableException.class, () -> read(text));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void quotes() {
    TextTable t = read("name,\"a \"\"b\"\"\"\r\n\"x, y\",1\r\n\"two\nlines\", 2 \n\n");
    assertEquals(List.of("name", "a \"b\""), t.names());
    assertArrayEquals(new String[] {"x, y", "1"}, t.rows().get(0));
    assertArrayEquals(new String[] {"two\nlines", "2"}, t.rows().get(1));
    assertEquals(2, t.rows().size());
  }

  @ParameterizedTest
  @CsvSource({"comma", "semicolon", "tab", "bar"})
  void separators(String name) {
    String c =
        switch (name) {
          case "semicolon" -> ";";
          case "tab" -> "\t";
          case "bar" -> "|";
          default -> ",";
        };
    TextTable t = read("a X b X c\n1 X 2.5 X q\n3 X  X z\n".replace("X", c).replace(" ", ""));
    assertEquals(c.charAt(0), t.separator());
    assertArrayEquals(new String[] {"3", "", "z"}, t.rows().get(1));
  }

  @Test
  void commasInSemicolonsAreDecimal() {
    TextTable t = read("a;b\n1,5;2\n2,25;3\n");
    assertEquals(';', t.separator());
    assertEquals(2.25, Cells.number(t.rows().get(1)[0], t.decimalComma()));
  }

  @Test
  void oneColumn() {
    assertEquals(2, read("a\n1\n2\n").rows().size());
  }

  @Test
  void encodings() {
    String text = "städte,n\nKöln,1\n";
    assertEquals("städte", read(("\uFEFF" + text)).names().get(0));
    assertEquals(
        "städte", read(("\uFEFF" + text).getBytes(StandardCharsets.UTF_16LE)).names().get(0));
    assertEquals(
        "städte", read(("\uFEFF" + text).getBytes(StandardCharsets.UTF_16BE)).names().get(0));
    byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(
        "Köln",
        new CsvReader(null, Charset.forName("windows-1252")).read("t.csv", latin).rows().get(0)[0]);
    TableException e = assertThrows(TableException.class, () -> read(latin));
    assertTrue(e.getMessage().contains("line 1 is not UTF-8"), e.getMessage());
  }

  @Test
  void refusals() {
    refused("", "is empty");
    refused(" \n\n", "is empty");
    refused("a,b\n", "no rows");
    refused("a,b\n1,2\n3\n", "line 3: 1 value where the header names 2 columns");
    refused("a,b\n1,2,3\n", "line 2: 3 values");
    refused("a,a\n1,2\n", "two columns named \"a\"");
    refused("1,2\n3,4\n", "no header");
    refused("a,b\n\"1,2\n3,4\n", "quotes");
    refused("a\0b,c\n1,2\n", "not text; is it a CSV file, and is its encoding right?");
  }

  @Test
  void cells() {
    for (String missing : List.of("", "NA", "NaN", "nan", "null", "NULL", "?", "n/a")) {
      assertTrue(Cells.isMissing(missing), missing);
    }
    for (String text : List.of("1d", "0x1p3", "Infinity", "1,5", "1e", "-", "1e999", "x")) {
      assertTrue(Double.isNaN(Cells.number(text, false)), text);
    }
    assertEquals(-0.5, Cells.number("-.5", false));
    assertEquals(1200, Cells.number("+1.2e3", false));
    assertEquals(1.5, Cells.number("1,5", true));
  }

  @Test
  void nearestName() {
    TextTable t = read("Price,area\n1,2\n");
    TableException e = assertThrows(TableException.class, () -> t.column("prise"));
    assertTrue(e.getMessage().contains("did you mean \"Price\"?"), e.getMessage());
    TableException far = assertThrows(TableException.class, () -> t.column("zzzzzz"));
    assertTrue(far.getMessage().contains("there are Price, area"), far.getMessage());
    assertEquals(3, TextTable.distance("kitten", "sitting"));
  }
}
