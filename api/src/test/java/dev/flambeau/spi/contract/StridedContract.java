package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.EXACT;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Kernels with a geometry table against the oracle: rank 1 to 6, broadcast, transposed, sliced,
 * flipped.
 */
abstract class StridedContract {
  private static final long[][] SIZES = {
    {1},
    {17},
    {1000},
    {3, 5},
    {64, 33},
    {1, 7},
    {2, 3, 4},
    {5, 1, 16},
    {2, 3, 2, 5},
    {2, 1, 3, 2, 4},
    {2, 3, 2, 2, 3, 5},
    {257, 255}
  };

  @TestFactory
  List<DynamicTest> everyLayout() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (long[] sizes : SIZES) {
      for (Strides.Kind kind : Strides.Kind.values()) {
        String name = Arrays.toString(sizes) + " " + kind;
        tests.add(dynamicTest("binary " + name, () -> binary(sizes, kind)));
        tests.add(dynamicTest("where " + name, () -> where(sizes, kind)));
        tests.add(dynamicTest("copy " + name, () -> copy(sizes, kind)));
      }
    }
    return tests;
  }

  private static void binary(long[] sizes, Strides.Kind kind) {
    int[] ops = {Kernels.SUB, Kernels.DIV, Kernels.REMAINDER, Kernels.MAXIMUM, Kernels.LT};
    for (Strides.Kind other : others(sizes, kind)) {
      Strides.Kind out = Strides.OUTPUTS[(kind.ordinal() + other.ordinal()) % 4];
      for (int op : ops) {
        for (int dtype : dtypes(sizes, op, Samples.DTYPES)) {
          binary(op, dtype, sizes, kind, other, out);
        }
      }
    }
  }

  private static void binary(
      int op, int dtype, long[] sizes, Strides.Kind left, Strides.Kind right, Strides.Kind out) {
    Strides la = Strides.of(left, sizes);
    Strides lb = Strides.of(right, sizes);
    Strides ly = Strides.of(out, sizes);
    try (DifferentialCheck check = DifferentialCheck.open()) {
      String what =
          "strided " + HeaderEnum.BINARY.name(op) + ", " + left + " and " + right + " to " + out;
      var a = check.of(dtype, Samples.values(dtype, la.span(), 1));
      var b = check.of(dtype, PointwiseContract.divisors(op, dtype, lb.span()));
      var y = check.output(PointwiseContract.resultOf(op, dtype), ly.span());
      var table = check.table(Strides.table(sizes, ly, la, lb));
      check.call(
          what,
          (k, s) -> k.binaryStrided(op, dtype, s.at(table), la.at(s, a), lb.at(s, b), ly.at(s, y)));
      check.same(what, y, PointwiseContract.binaryTolerance(op));
    }
  }

  /** Every op on some layouts; those above go over the loops that all ops share. */
  @TestFactory
  List<DynamicTest> everyOp() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int op : HeaderEnum.BINARY.all()) {
      for (int dtype : Samples.DTYPES) {
        String name = "strided " + HeaderEnum.BINARY.name(op) + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> everyOp(op, dtype)));
      }
    }
    return tests;
  }

  private static void everyOp(int op, int dtype) {
    long[] sizes = {4, 17};
    Strides.Kind[] rights = {Strides.Kind.FLIPPED, Strides.Kind.INNER_BROADCAST};
    for (Strides.Kind right : rights) {
      binary(op, dtype, sizes, Strides.Kind.SLICED, right, Strides.Kind.TRANSPOSED);
    }
  }

  /** Every dtype on small sizes; the large ones are there for the loops, so two do. */
  private static int[] dtypes(long[] sizes, int op, int[] every) {
    boolean small = Arrays.stream(sizes).reduce(1, (a, b) -> a * b) < 500;
    return small ? every : new int[] {op % 2, Kernels.INT64};
  }

  /** Every layout beside this one; of many elements, which are there for the threads, the next. */
  private static List<Strides.Kind> others(long[] sizes, Strides.Kind kind) {
    List<Strides.Kind> all = List.of(Strides.Kind.values());
    boolean many = Arrays.stream(sizes).reduce(1, (a, b) -> a * b) > 10_000;
    return many ? List.of(all.get((kind.ordinal() + 1) % all.size())) : all;
  }

  private static void where(long[] sizes, Strides.Kind kind) {
    for (Strides.Kind other : others(sizes, kind)) {
      Strides lc = Strides.of(other, sizes);
      Strides la = Strides.of(kind, sizes);
      Strides lb = Strides.of(Strides.Kind.values()[(other.ordinal() + 3) % 6], sizes);
      Strides ly = Strides.of(Strides.OUTPUTS[other.ordinal() % 4], sizes);
      for (int dtype : dtypes(sizes, other.ordinal(), Samples.STORED)) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = "where, " + DtypeInfo.name(dtype) + ", condition " + other + ", a " + kind;
          var c = check.of(Kernels.BOOL, Samples.ordinary(Kernels.BOOL, lc.span(), 1));
          var a = check.of(dtype, Samples.values(dtype, la.span(), 2));
          var b = check.of(dtype, Samples.values(dtype, lb.span(), 3));
          var y = check.output(dtype, ly.span());
          var table = check.table(Strides.table(sizes, ly, lc, la, lb));
          check.call(
              what,
              (k, s) ->
                  k.where(dtype, s.at(table), lc.at(s, c), la.at(s, a), lb.at(s, b), ly.at(s, y)));
          check.same(what, y, EXACT);
        }
      }
    }
  }

  private static void copy(long[] sizes, Strides.Kind kind) {
    Strides lx = Strides.of(kind, sizes);
    for (Strides.Kind out : Strides.OUTPUTS) {
      Strides ly = Strides.of(out, sizes);
      for (int from : Samples.STORED) {
        for (int to : Samples.STORED) {
          if (to != from && Math.max(lx.span(), ly.span()) > 500) {
            continue;
          }
          try (DifferentialCheck check = DifferentialCheck.open()) {
            String what = "copy " + DtypeInfo.name(from) + " to " + DtypeInfo.name(to) + " " + out;
            var x = check.of(from, Samples.values(from, lx.span(), 4));
            var y = check.output(to, ly.span());
            var table = check.table(Strides.table(sizes, ly, lx));
            check.call(what, (k, s) -> k.copy(from, to, s.at(table), lx.at(s, x), ly.at(s, y)));
            check.same(what, y, EXACT);
          }
        }
      }
    }
  }
}
