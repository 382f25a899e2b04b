package dev.flambeau.cli.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against what Python 3 prints. */
class DecimalsTest {
  @Test
  void shortestIsRepr() {
    Map<Double, String> repr =
        Map.ofEntries(
            Map.entry(0.001, "0.001"),
            Map.entry(3e-4, "0.0003"),
            Map.entry(1e-4, "0.0001"),
            Map.entry(1e-5, "1e-05"),
            Map.entry(1.25e-7, "1.25e-07"),
            Map.entry(1e-100, "1e-100"),
            Map.entry(1.0, "1.0"),
            Map.entry(0.1 + 0.2, "0.30000000000000004"),
            Map.entry(-2.5, "-2.5"),
            Map.entry(2e-3, "0.002"),
            Map.entry(2e23, "2e+23"),
            Map.entry(1e15, "1000000000000000.0"),
            Map.entry(1e16, "1e+16"),
            Map.entry(1e30, "1e+30"),
            Map.entry(-1e-9, "-1e-09"),
            Map.entry(0x1p-44, "5.684341886080802e-14"),
            Map.entry(Double.MIN_VALUE, "5e-324"),
            Map.entry(Double.MAX_VALUE, "1.7976931348623157e+308"),
            Map.entry(0.0, "0.0"),
            Map.entry(-0.0, "-0.0"));
    repr.forEach((x, text) -> assertEquals(text, Decimals.shortest(x)));
    SplittableRandom random = new SplittableRandom(0);
    for (int i = 0; i < 1_000; i++) {
      double x = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(x)) {
        assertEquals(x, Double.parseDouble(Decimals.shortest(x)));
      }
    }
  }

  @Test
  void generalIsPercentG() {
    Map<Double, String> four =
        Map.ofEntries(
            Map.entry(0.0, "0"),
            Map.entry(-0.0, "-0"),
            Map.entry(0.2, "0.2"),
            Map.entry(0.00123456, "0.001235"),
            Map.entry(0.0001, "0.0001"),
            Map.entry(0.000099999, "0.0001"),
            Map.entry(0.0000123456, "1.235e-05"),
            Map.entry(0.5, "0.5"),
            Map.entry(1234.5, "1234"), // ties go to the even digit
            Map.entry(1235.5, "1236"),
            Map.entry(9999.5, "1e+04"),
            Map.entry(-12345.0, "-1.234e+04"),
            Map.entry(1.5e300, "1.5e+300"));
    four.forEach((x, text) -> assertEquals(text, Decimals.general(x, 4)));
    assertEquals("1e+01", Decimals.general(9.99, 1));
  }

  @Test
  void theLocaleIsNotAsked() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertEquals("0.25", Decimals.shortest(0.25));
      assertEquals("1.234e+04", Decimals.general(12344, 4));
    } finally {
      Locale.setDefault(before);
    }
  }
}
