package dev.flambeau.parity;

import java.util.Arrays;
import java.util.List;

/** Products of matrices and vectors, with all rank rules. */
final class MatrixCases {
  private static final Object[] NONE = {};
  private final Table table;

  private MatrixCases(Table table) {
    this.table = table;
  }

  static Table cases(Table table) {
    MatrixCases c = new MatrixCases(table);
    c.matmul();
    c.refusedProducts();
    c.named();
    c.linear();
    new MatrixCases(table.joined(124, DType.I8, DType.I16)).matmul();
    return c.table;
  }

  private TableTensor given(DType dtype, char layout, long... shape) {
    TableTensor x = table.values.normal(dtype, shape).as(layout);
    return dtype.floating() ? x.needsGrad() : x;
  }

  private void matmul() {
    long[][][] shapes = {
      {{4}, {4}},
      {{3, 4}, {4, 2}},
      {{3, 4}, {4}},
      {{4}, {4, 2}},
      {{2, 3, 4}, {4}},
      {{4}, {2, 4, 3}},
      {{2, 3, 4}, {4, 2}},
      {{3, 4}, {2, 4, 2}},
      {{2, 3, 4}, {2, 4, 2}},
      {{1, 3, 4}, {2, 4, 1}},
      {{2, 1, 2, 3}, {3, 3, 2}},
      {{2, 2, 3}, {2, 1, 3, 2}},
      {{1, 1}, {1, 1}},
      {{7, 9}, {9, 5}},
      {{0, 3}, {3, 2}},
      {{2, 0}, {0, 3}},
      {{2, 3, 0}, {0, 2}},
      {{0}, {0}}
    };
    for (DType dtype : table.dtypes) {
      for (long[][] s : shapes) {
        for (char layout : dtype.floating() ? new char[] {'c', 't', 's'} : new char[] {'c'}) {
          List<TableTensor> in2 = List.of(given(dtype, layout, s[0]), given(dtype, layout, s[1]));
          table.maybe("matmul", NONE, in2, in -> Aten.call("matmul", in[0], in[1]));
        }
      }
    }
  }

  private void refusedProducts() {
    long[][][] wrong = {
      {{4, 3}, {4, 5}}, {{3}, {4}}, {{}, {3}}, {{3, 4}, {3}}, {{2, 3, 4}, {3, 4, 2}}
    };
    for (long[][] s : wrong) {
      List<TableTensor> in2 = List.of(given(DType.F32, 'c', s[0]), given(DType.F32, 'c', s[1]));
      table.maybe("matmul", NONE, in2, in -> Aten.call("matmul", in[0], in[1]));
    }
    List<TableTensor> mixed = List.of(given(DType.F32, 'c', 2, 3), given(DType.F64, 'c', 3, 2));
    table.maybe("matmul", NONE, mixed, in -> Aten.call("matmul", in[0], in[1]));
    List<TableTensor> half =
        List.of(given(DType.F32, 'c', 2, 3), table.values.normal(DType.F32, 3, 2));
    table.one("matmul", NONE, half, in -> Aten.call("matmul", in[0], in[1]));
  }

  private void named() {
    for (DType dtype : new DType[] {DType.F32, DType.F64, DType.I64}) {
      for (char layout : new char[] {'c', 't', 's'}) {
        two("mm", given(dtype, layout, 3, 4), given(dtype, layout, 4, 2));
        two("bmm", given(dtype, layout, 2, 3, 4), given(dtype, layout, 2, 4, 2));
        two("mv", given(dtype, layout, 3, 4), given(dtype, layout, 4));
        two("dot", given(dtype, layout, 5), given(dtype, layout, 5));
        for (long[] bias : new long[][] {{2}, {3, 2}, {3, 1}, {}}) {
          List<TableTensor> in3 =
              List.of(
                  given(dtype, 'c', bias), given(dtype, layout, 3, 4), given(dtype, layout, 4, 2));
          table.one("addmm", NONE, in3, in -> Aten.call("addmm", in[0], in[1], in[2]));
          Object[] args = dtype.floating() ? new Object[] {0.5, -2.0} : new Object[] {3L, 2L};
          table.one(
              "addmm", args, in3, in -> Aten.call("addmm", in[0], in[1], in[2], args[0], args[1]));
        }
        List<TableTensor> m = List.of(given(dtype, layout, 3, 4));
        table.one("t", NONE, m, in -> Aten.call("t", in[0]));
        table.one("mT", NONE, m, in -> Aten.call("mT", in[0]));
      }
      two("mm", given(dtype, 'c', 2, 3), given(dtype, 'c', 2));
      two("bmm", given(dtype, 'c', 2, 3), given(dtype, 'c', 3, 2));
      two("dot", given(dtype, 'c', 2, 3), given(dtype, 'c', 3));
      two("mv", given(dtype, 'c', 3), given(dtype, 'c', 3));
      table.one("t", NONE, List.of(given(dtype, 'c', 3)), in -> Aten.call("t", in[0]));
      table.one("mT", NONE, List.of(given(dtype, 'c', 2, 3, 4)), in -> Aten.call("mT", in[0]));
    }
  }

  private void two(String op, TableTensor a, TableTensor b) {
    table.maybe(op, NONE, List.of(a, b), in -> Aten.call(op, in[0], in[1]));
  }

  private void linear() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (long[] x : new long[][] {{4}, {3, 4}, {2, 3, 4}, {2, 2, 1, 4}, {0, 4}}) {
        for (boolean bias : new boolean[] {false, true}) {
          List<TableTensor> in3 =
              Arrays.asList(
                  given(dtype, bias ? 'c' : 't', x),
                  given(dtype, 'c', 2, 4),
                  bias ? given(dtype, 'c', 2) : null);
          table.one("linear", NONE, in3, in -> Aten.call("linear", in[0], in[1], in[2]));
        }
      }
    }
  }
}
