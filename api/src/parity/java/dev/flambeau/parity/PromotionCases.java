package dev.flambeau.parity;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The type that each pair of types gives: tensors, 0-d tensors, Java numbers, conversions, lists of
 * tensors.
 */
final class PromotionCases {
  private static final Object[] NONE = {};

  private PromotionCases() {}

  static Table cases() {
    Table table = new Table("promotion", 102);
    ofEachType(table);
    Table later = table.joined(122, DType.I8, DType.I16);
    ofEachType(later);
    for (DType to : later.dtypes) {
      for (DType from : new DType[] {DType.F32, DType.F64, DType.I64, DType.I32}) {
        out(later, from, to);
      }
    }
    return table;
  }

  /** Numbers that the type does not hold. */
  private static void out(Table table, DType from, DType to) {
    double[] v = {127.9, 128, -129.5, 255, 300, 32768, -32769, 70000, 1e6, 3e9, -5e12, 1e300};
    List<TableTensor> in1 = List.of(TableTensor.of(from, new long[] {v.length}, v));
    table.one("to", new Object[] {to.code}, in1, in -> Aten.call("to.dtype", in[0], to));
  }

  private static void ofEachType(Table table) {
    Map<String, String> ops = new LinkedHashMap<>();
    for (String op : "add sub mul div remainder eq lt".split(" ")) {
      ops.put(op, op + ".Tensor");
    }
    ops.put("pow", "pow.Tensor_Tensor");
    ops.put("minimum", "minimum");
    ops.put("maximum", "maximum");
    ops.put("logicalAnd", "logical_and");
    DType last = null; // pairs come by their first
    for (DType[] both : table.pairs()) {
      if (last != null && last != both[0]) {
        numbers(table, last);
      }
      pair(table, ops, both[0], both[1]);
      last = both[0];
    }
    numbers(table, last);
  }

  private static void pair(Table table, Map<String, String> ops, DType a, DType b) {
    ops.forEach(
        (op, schema) -> {
          for (long[][] s : new long[][][] {{{3}, {3}}, {{3}, {}}, {{}, {3}}, {{}, {}}}) {
            List<TableTensor> in2 = List.of(small(table, a, s[0]), small(table, b, s[1]));
            table.maybe(op, NONE, in2, in -> Aten.call(schema, in[0], in[1]));
          }
        });
    List<TableTensor> in3 =
        List.of(
            table.values.normal(DType.B1, 3), small(table, a, 3L), small(table, b, new long[0]));
    table.maybe("where", NONE, in3, in -> Aten.call("where.self", in[0], in[1], in[2]));
    List<TableTensor> pair = List.of(small(table, a, 2L), small(table, b, 2L));
    table.maybe("cat", new Object[] {0L}, pair, in -> Aten.call("cat", in, 0));
    table.maybe("stack", new Object[] {0L}, pair, in -> Aten.call("stack", in, 0));
    table.maybe("dot", NONE, pair, in -> Aten.call("dot", in[0], in[1]));
    table.one(
        "to",
        new Object[] {b.code},
        List.of(whole(table, a)),
        in -> Aten.call("to.dtype", in[0], b));
  }

  private static void numbers(Table table, DType a) {
    if (!table.dtypes.contains(a)) {
      return;
    }
    for (String op : "add sub mul div remainder rsub eq lt".split(" ")) {
      for (Object s : new Object[] {2L, 2.0}) {
        for (long[] shape : new long[][] {{3}, {}}) {
          List<TableTensor> in1 = List.of(small(table, a, shape));
          table.maybe(op, new Object[] {s}, in1, in -> Aten.withNumber(op, in[0], s));
        }
      }
    }
  }

  /** Whole and positive, so that each type holds it and no division is by zero. */
  private static TableTensor small(Table table, DType dtype, long... shape) {
    return table.values.uniform(dtype, 1, 5, shape);
  }

  private static TableTensor whole(Table table, DType dtype) {
    return TableTensor.of(dtype, new long[] {5}, 0, 1, 3.7, 0.2, 120);
  }
}
