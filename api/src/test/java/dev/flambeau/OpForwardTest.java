package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.flambeau.spi.JavaBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every row's values, in every dtype it knows, against the same op on the plain-Java kernels. */
class OpForwardTest {
  static final Device ORACLE = oracle();

  private static synchronized Device oracle() {
    String other = System.getProperty("flambeau.test.device", "");
    if (!other.isEmpty()) {
      return Device.of(other);
    }
    Device d = new Device("oracle", 0);
    if (!Backends.isAvailable(d)) {
      Backends.register(new JavaBackend("oracle", Backends.cpu().memory, 2));
    }
    return d;
  }

  @TestFactory
  Stream<DynamicTest> asOnTheOracle() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      tests.add(
          DynamicTest.dynamicTest(
              c.name,
              () -> {
                for (int i = 0; i < c.shapes.size(); i++) {
                  compare(c, i, DType.FLOAT32, 2e-6, 1e-6);
                  compare(c, i, DType.FLOAT64, 4e-15, 4e-15);
                  if (c.integers) {
                    compare(c, i, DType.INT64, 1e-6, 0);
                    compare(c, i, DType.INT32, 1e-6, 0);
                  }
                }
              }));
    }
    return tests.stream();
  }

  private static void compare(OpCase c, int shape, DType type, double rtol, double atol) {
    Tensor actual = c.fn.apply(c.inputs(shape, type, Device.cpu()));
    Tensor expected = c.fn.apply(c.inputs(shape, type, ORACLE));
    close(c + " on " + type, expected, actual, rtol * c.ulps, atol * c.ulps);
  }

  static void close(String what, Tensor expected, Tensor actual, double rtol, double atol) {
    assertEquals(expected.dtype(), actual.dtype(), what);
    assertArrayEquals(expected.sizes(), actual.sizes(), what + ": shape");
    double[] e = expected.detach().toDoubleArray();
    double[] a = actual.detach().toDoubleArray();
    for (int i = 0; i < e.length; i++) {
      boolean same = e[i] == a[i] || Double.isNaN(e[i]) && Double.isNaN(a[i]);
      if (!same && !(Math.abs(e[i] - a[i]) <= atol + rtol * Math.abs(e[i]))) {
        fail(what + ": element " + i + " is " + a[i] + ", expected " + e[i] + " in " + actual);
      }
    }
  }
}
