package dev.flambeau;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.flambeau.internal.tensor.Devices;
import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import dev.flambeau.rows.PlainTensor;
import dev.flambeau.spi.oracle.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Every row's values, in every dtype it knows. On a backend's kernels: against the same op on the
 * plain-Java ones, which tests the kernels. On the plain-Java kernels, where that would compare an
 * op with itself: against the row's own reference, which tests shapes, masks and dtypes.
 */
@Tag("kernels")
public class OpForwardTest {
  /** The second device of tests. */
  public static final Device ORACLE = oracle();

  private static synchronized Device oracle() {
    String other = System.getProperty("flambeau.test.device", "");
    if (!other.isEmpty()) {
      return Device.of(other);
    }
    Device d = new Device("oracle", 0);
    if (!Backends.isAvailable(d)) {
      Backends.register(new JavaBackend("oracle", Devices.cpu().memory, 2));
    }
    return d;
  }

  /** Tests a row's result on one of its shapes in one dtype. */
  private interface Check {
    void on(OpCase c, int shape, DType type, double rtol, double atol);
  }

  @TestFactory
  Stream<DynamicTest> values() {
    boolean alone = TestBackend.isPlainJava();
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      if (!alone || c.reference != null) {
        Check check = alone ? OpForwardTest::asItsReference : OpForwardTest::asOnTheOracle;
        tests.add(DynamicTest.dynamicTest(c.name, () -> inEveryType(c, check)));
      }
    }
    return tests.stream();
  }

  private static void inEveryType(OpCase c, Check check) {
    for (int i = 0; i < c.shapes.size(); i++) {
      check.on(c, i, DType.FLOAT32, 2e-6, 1e-6);
      check.on(c, i, DType.FLOAT64, 4e-15, 4e-15);
      for (DType type : DType.values()) {
        if (c.integers && type.isInteger()) {
          check.on(c, i, type, 1e-6, 0);
        }
      }
    }
  }

  private static void asOnTheOracle(OpCase c, int shape, DType type, double rtol, double atol) {
    Tensor[] actual = c.outputs(c.inputs(shape, type, Device.cpu()));
    Tensor[] expected = c.outputs(c.inputs(shape, type, ORACLE));
    close(c + " on " + type, expected, actual, rtol * c.ulps, atol * c.ulps);
  }

  private static void asItsReference(OpCase c, int shape, DType type, double rtol, double atol) {
    Tensor[] in = c.inputs(shape, type, Device.cpu());
    PlainTensor[] expected = c.reference.of(PlainTensor.of(in));
    Tensor[] actual = c.outputs(in);
    assertEquals(expected.length, actual.length, c + ": outputs");
    for (int i = 0; i < expected.length; i++) {
      String what = c + " on " + type + (i == 0 ? "" : ", output " + i);
      close(what, expected[i], actual[i], rtol * c.ulps, atol * c.ulps);
    }
  }

  static void close(String what, Tensor[] expected, Tensor[] actual, double rtol, double atol) {
    assertEquals(expected.length, actual.length, what + ": outputs");
    for (int i = 0; i < expected.length; i++) {
      close(what + (i == 0 ? "" : ", output " + i), expected[i], actual[i], rtol, atol);
    }
  }

  static void close(String what, Tensor expected, Tensor actual, double rtol, double atol) {
    close(what, PlainTensor.of(expected), actual, rtol, atol);
  }

  private static void close(
      String what, PlainTensor expected, Tensor actual, double rtol, double atol) {
    assertEquals(expected.dtype(), actual.dtype(), what);
    long[] sizes = Arrays.stream(expected.sizes()).asLongStream().toArray();
    assertArrayEquals(sizes, sizes(actual), what + ": shape");
    double[] e = expected.values();
    double[] a = actual.detach().toDoubleArray();
    for (int i = 0; i < e.length; i++) {
      boolean same = e[i] == a[i] || Double.isNaN(e[i]) && Double.isNaN(a[i]);
      if (!same && !(Math.abs(e[i] - a[i]) <= atol + rtol * Math.abs(e[i]))) {
        fail(what + ": element " + i + " is " + a[i] + ", expected " + e[i] + " in " + actual);
      }
    }
  }
}
