package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.epsilon;
import static dev.flambeau.spi.contract.Tolerance.ulps;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import dev.flambeau.spi.oracle.OptimizerRow;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Optimizer steps against the oracle, by {@link OptimizerRow}: every flag and state, several
 * parameters in one call, several steps.
 */
abstract class OptimContract {
  private static final int[] SIZES = {1, 17, 100, 65537};
  private static final int STEPS = 3;

  @TestFactory
  List<DynamicTest> steps() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int kind : HeaderEnum.OPTIMIZER.all()) {
      OptimizerRow row = OptimizerRow.of(kind);
      for (int dtype : new int[] {Kernels.FLOAT32, Kernels.FLOAT64, Kernels.INT64}) {
        for (OptimizerRow.Form form : row.forms()) {
          String name = HeaderEnum.OPTIMIZER.name(kind) + " " + DtypeInfo.name(dtype) + form.text();
          tests.add(dynamicTest(name, () -> steps(name, row, dtype, form)));
        }
      }
    }
    return tests;
  }

  private static void steps(String name, OptimizerRow row, int dtype, OptimizerRow.Form form) {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      List<Operands> all =
          IntStream.of(SIZES).mapToObj(n -> new Operands(check, dtype, n)).toList();
      for (int step = 1; step <= STEPS; step++) {
        double[] numbers = row.numbers().of(form, step);
        var table = table(check, all, form.states(), i -> numbers);
        check.call(
            name, (k, s) -> k.step(row.kind(), dtype, form.flags(), all.size(), s.at(table)));
        all.forEach(o -> o.compare(check, name));
      }
    }
  }

  /** A parameter, its gradient, and states that are 0 at first. */
  private record Operands(
      int dtype,
      DifferentialCheck.Operand p,
      DifferentialCheck.Operand g,
      List<DifferentialCheck.Operand> states) {
    Operands(DifferentialCheck check, int dtype, int n) {
      this(
          dtype,
          check.of(dtype, Samples.ordinary(dtype, n, 1)),
          check.of(dtype, Samples.ordinary(dtype, n, 2)),
          IntStream.range(Kernels.ROW_STATES, Kernels.ROW_NUMBERS)
              .mapToObj(k -> check.of(dtype, new double[n]))
              .toList());
    }

    long[] row(DifferentialCheck.Side side, int has, double[] numbers) {
      long[] row = new long[Kernels.ROW_LENGTH];
      row[Kernels.ROW_N] = p.length();
      row[Kernels.ROW_PARAMETER] = side.at(p);
      row[Kernels.ROW_GRADIENT] = side.at(g);
      for (int k = 0; k < states.size(); k++) {
        row[Kernels.ROW_STATES + k] = (has >> k & 1) == 0 ? 0 : side.at(states.get(k));
      }
      for (int k = 0; k < numbers.length; k++) {
        row[Kernels.ROW_NUMBERS + k] = Double.doubleToRawLongBits(numbers[k]);
      }
      return row;
    }

    /** Parameters, gradients and states are of size 1 to 8; each step adds a few roundings. */
    void compare(DifferentialCheck check, String name) {
      Tolerance near =
          DtypeInfo.isFloating(dtype) ? ulps(8).plus(32 * epsilon(dtype)) : Tolerance.EXACT;
      check.same(name + ": parameter", p, near);
      for (int k = 0; k < states.size(); k++) {
        check.same(name + ": state " + k, states.get(k), near);
      }
    }
  }

  private interface Numbers {
    double[] of(int row);
  }

  private static DifferentialCheck.Operand table(
      DifferentialCheck check, List<Operands> all, int has, Numbers numbers) {
    return check.table(
        side ->
            IntStream.range(0, all.size())
                .mapToObj(i -> all.get(i).row(side, has, numbers.of(i)))
                .flatMapToLong(java.util.Arrays::stream)
                .toArray());
  }

  /** More rows than a launch carries, with more sets of numbers, some without elements. */
  @Test
  void rowsHaveNumbersOfTheirOwn() {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      List<Operands> all = new ArrayList<>();
      for (int i = 0; i < 900; i++) {
        all.add(new Operands(check, Kernels.FLOAT32, 1 + i % 7));
      }
      for (int sets : new int[] {2, 8, 9, 1000}) {
        var table =
            table(
                check,
                all,
                1,
                i -> new double[] {0.01 + i % sets * 1e-4, 0.5, 0, 0.01, i % 3 == 0 ? 1 : 0});
        for (int count : new int[] {48, 49, 400, 900}) {
          String name = count + " rows, " + sets + " sets of numbers";
          check.call(name, (k, s) -> k.step(Kernels.SGD, Kernels.FLOAT32, 0, count, s.at(table)));
        }
      }
      all.forEach(o -> o.compare(check, "rows with numbers of their own"));
    }
  }

  /** A momentum buffer that is not yet set holds anything. */
  @Test
  void theFirstBufferIsTheGradient() {
    for (int dtype : Samples.FLOATS) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        int n = 1000;
        double[] gradient = Samples.ordinary(dtype, n, 3);
        gradient[5] = -0.0;
        Operands o =
            new Operands(
                dtype,
                check.of(dtype, new double[n]),
                check.of(dtype, gradient),
                List.of(check.of(dtype, Samples.fill(n, i -> Double.NaN))));
        var table = check.table(s -> o.row(s, 1, new double[] {0.5, 0.9, 0.5, 0, 1}));
        check.call("first", (k, s) -> k.step(Kernels.SGD, dtype, 0, 1, s.at(table)));
        assertArrayEquals(gradient, check.subjectValues(o.states.get(0)), DtypeInfo.name(dtype));
      }
    }
  }

  @Test
  void anUnknownOptimizerIsRefused() {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      Operands o = new Operands(check, Kernels.FLOAT32, 3);
      var table = check.table(s -> o.row(s, 0, new double[0]));
      int status = check.subject((k, s) -> k.step(99, Kernels.FLOAT32, 0, 1, s.at(table)));
      assertEquals(Kernels.UNSUPPORTED, status);
      assertEquals("step: there is no optimizer 99", check.subject().lastError());
    }
  }

  /**
   * AdamW's decay is a step of its own: what it leaves is rounded before the rest is taken off. All
   * else is chosen to be exact, fused or not.
   */
  @Test
  void theDecayIsRoundedFirst() {
    double rate = 0.1;
    double decay = 0.3;
    double eps = 1e-8;
    for (int dtype : Samples.FLOATS) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        int n = 1000;
        double[] before = Samples.ordinary(dtype, n, 7);
        Operands o =
            new Operands(
                dtype,
                check.of(dtype, before),
                check.of(dtype, Samples.fill(n, i -> 1)),
                List.of(check.of(dtype, new double[n]), check.of(dtype, new double[n])));
        double[] numbers = {rate / 0.5, 0.5, 0.5, Math.sqrt(0.5), eps, 1 - rate * decay};
        var table = check.table(s -> o.row(s, 3, numbers));
        check.call(
            "adamw", (k, s) -> k.step(Kernels.ADAM, dtype, Kernels.DECOUPLED, 1, s.at(table)));
        double[] expected =
            Samples.fill(
                n,
                i -> {
                  if (dtype == Kernels.FLOAT64) {
                    double root = Math.sqrt(0.5);
                    return before[i] * (1 - rate * decay) - rate / 0.5 * 0.5 / (root / root + eps);
                  }
                  float root = (float) Math.sqrt(0.5);
                  float kept = (float) before[i] * (float) (1 - rate * decay);
                  float scale = (float) Math.sqrt(0.5f) / root + (float) eps;
                  return kept - (float) (rate / 0.5) * 0.5f / scale;
                });
        assertArrayEquals(expected, check.subjectValues(o.p), DtypeInfo.name(dtype));
      }
    }
  }
}
