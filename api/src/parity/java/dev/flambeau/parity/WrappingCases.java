package dev.flambeau.parity;

import java.util.List;

/** Results that leave the range of a whole type. */
final class WrappingCases {
  private static final Object[] NONE = {};

  private WrappingCases() {}

  static void cases(Table table) {
    for (DType dtype : table.dtypes) {
      double top = Math.scalb(1.0, 8 * dtype.bytes - 1) - 1;
      double[] ends = {top, -top - 1, top - 1, -top, 1, -1};
      TableTensor a = TableTensor.of(dtype, new long[] {6, 1}, ends);
      TableTensor b = TableTensor.of(dtype, new long[] {1, 6}, ends);
      for (String op : "add sub mul div remainder minimum maximum lt ge".split(" ")) {
        binary(table, op, a, b);
      }
      binary(table, "pow", a, TableTensor.of(dtype, new long[] {1, 6}, 0, 1, 2, 5, 11, 13));
      for (String op : "neg abs sign square relu".split(" ")) {
        table.one(op, NONE, List.of(a), in -> Aten.call(op, in[0]));
      }
    }
  }

  private static void binary(Table table, String op, TableTensor a, TableTensor b) {
    String schema = PointwiseCases.BINARY.get(op);
    table.one(op, NONE, List.of(a, b), in -> Aten.call(schema, in[0], in[1]));
  }
}
