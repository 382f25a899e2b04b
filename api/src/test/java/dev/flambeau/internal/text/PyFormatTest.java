package dev.flambeau.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Resources;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Against Python's own text of hundreds of doubles, see src/test/python/print_cases.py. */
class PyFormatTest {
  @Test
  void writesNumbersAsPythonDoes() {
    List<String> lines = Resources.lines("print/numbers.txt");
    for (String line : lines) {
      String[] expected = line.split("\t", -1);
      double x = Double.longBitsToDouble(Long.parseUnsignedLong(expected[0], 16));
      assertEquals(expected[1], PyFormat.repr(x), "repr");
      assertEquals(expected[2], PyFormat.general(x, 6), "%.6g");
      assertEquals(expected[3], PyFormat.general(x, 9), "%.9g");
      assertEquals(expected[4], PyFormat.general(x, 3), "%.3g");
      if (!expected[5].isEmpty()) {
        assertEquals(expected[5], PyFormat.fixed(x, 0), "%.0f");
        assertEquals(expected[6], PyFormat.fixed(x, 4), "%.4f");
      }
      assertEquals(expected[7], PyFormat.scientific(x, 4), "%.4e");
    }
  }

  @Test
  void writesTheExamplesOfTheDocumentation() {
    assertEquals("1e-05", PyFormat.repr(1e-5));
    assertEquals("1e+16", PyFormat.repr(1e16));
    assertEquals("1.0", PyFormat.repr(1));
    assertEquals("-0.0", PyFormat.repr(-0.0));
    assertEquals("nan", PyFormat.repr(Double.NaN));
    assertEquals("-inf", PyFormat.repr(Double.NEGATIVE_INFINITY));
    assertEquals("0.10000000149011612", PyFormat.repr(0.1f));
    assertEquals("1.2500e-01", PyFormat.scientific(0.125, 4));
    assertEquals("1e+01", PyFormat.general(9.99, 0));
    assertEquals("0e+00", PyFormat.scientific(0, 0));
  }

  @Test
  void doesNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertEquals("1234.5", PyFormat.repr(1234.5));
      assertEquals("1234.50", PyFormat.fixed(1234.5, 2));
      assertEquals("1.23e+03", PyFormat.general(1234.5, 3));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void refusesNegativeDigits() {
    var error = assertThrows(IllegalArgumentException.class, () -> PyFormat.general(1, -1));
    assertEquals(
        "PyFormat.general: the number of digits must be 0 or more, got -1", error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> PyFormat.fixed(1, -1));
    assertThrows(IllegalArgumentException.class, () -> PyFormat.scientific(1, -1));
  }
}
