package dev.flambeau.parity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Unary and binary pointwise ops: values, gradients, layouts, broadcasting, special values,
 * in-place forms.
 */
final class PointwiseCases {
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final Object[] NONE = {};
  private final Table table;

  private PointwiseCases(Table table) {
    this.table = table;
  }

  /**
   * A unary op of the tables: libtorch's name, its arguments there, and whether it wants positive
   * values.
   */
  private record Unary(String schema, Object[] args, boolean positive) {
    Tensor call(String name, Tensor x) {
      Object[] all = new Object[args.length + 1];
      all[0] = x;
      System.arraycopy(args, 0, all, 1, args.length);
      return Aten.call(name, all);
    }
  }

  private static final Map<String, Unary> UNARY = new LinkedHashMap<>();

  private static final List<String> IN_PLACE = List.of("add", "sub", "mul", "div", "remainder");

  static {
    for (String op :
        ("neg abs sign exp expm1 sin cos tanh sigmoid erf floor ceil round relu silu square"
                + " reciprocal isnan isinf isfinite")
            .split(" ")) {
      UNARY.put(op, new Unary(op, NONE, false));
    }
    for (String op : "log log1p sqrt rsqrt".split(" ")) {
      UNARY.put(op, new Unary(op, NONE, true));
    }
    UNARY.put("logicalNot", new Unary("logical_not", NONE, false));
    UNARY.put("gelu", new Unary("gelu", new Object[] {"none"}, false));
    UNARY.put("geluTanh", new Unary("gelu", new Object[] {"tanh"}, false));
  }

  static Table cases(Table table) {
    PointwiseCases c = new PointwiseCases(table);
    UNARY.forEach(c::unary);
    c.withParameters();
    c.binary();
    c.scalars();
    c.scalarsOfFloats();
    c.clamping();
    c.choosing();
    c.inPlace();
    c.inPlaceOfFloats();
    PointwiseCases later = new PointwiseCases(table.joined(121, DType.I8, DType.I16));
    UNARY.forEach(later::whole);
    BINARY.forEach(later::binary);
    later.scalars();
    later.clamping();
    later.choosing();
    for (String op : IN_PLACE) {
      later.inPlace(op);
    }
    WrappingCases.cases(later.table);
    StraightLineCases.cases(table.joined(131));
    return c.table;
  }

  /**
   * Both signs of zero, of the ends of each type, of its denormals, and of where the functions
   * bend.
   */
  static TableTensor specials(DType dtype) {
    double tiny = dtype == DType.F32 ? Float.MIN_VALUE : Double.MIN_VALUE;
    double normal = dtype == DType.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
    double huge = dtype == DType.F32 ? Float.MAX_VALUE : Double.MAX_VALUE;
    double big = dtype == DType.F32 ? 88.7 : 709.7;
    double[] half = {
      0,
      tiny,
      normal / 4,
      normal,
      1e-20,
      1e-5,
      0.25,
      0.5,
      1,
      1.5,
      2.5,
      3.49,
      9.3,
      17,
      20.1,
      big,
      big * 1.2,
      1e30,
      huge,
      INF
    };
    double[] all = new double[2 * half.length + 1];
    for (int i = 0; i < half.length; i++) {
      all[2 * i] = half[i];
      all[2 * i + 1] = -half[i];
    }
    all[2 * half.length] = NAN;
    return TableTensor.of(dtype, new long[] {all.length}, all);
  }

  private void unary(String op, Unary u) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (char layout : new char[] {'c', 't', 's'}) {
        TableTensor x =
            u.positive()
                ? table.values.uniform(dtype, 0.05, 6, 4, 5)
                : table.values.uniform(dtype, -6, 6, 4, 5);
        table.one(op, NONE, List.of(x.as(layout).needsGrad()), in -> u.call(u.schema, in[0]));
      }
      table.one(op, NONE, List.of(specials(dtype).needsGrad()), in -> u.call(u.schema, in[0]));
      table.one(
          op,
          NONE,
          List.of(table.values.normal(dtype, 0, 3).needsGrad()),
          in -> u.call(u.schema, in[0]));
      table.one(
          op,
          NONE,
          List.of(TableTensor.of(dtype, new long[0], 0.75).needsGrad()),
          in -> u.call(u.schema, in[0]));
    }
    whole(op, u);
  }

  private void whole(String op, Unary u) {
    for (DType dtype : table.dtypes) {
      if (!dtype.floating()) {
        TableTensor x = table.values.normal(dtype, 2, 4);
        table.maybe(op, NONE, List.of(x), in -> u.call(u.schema, in[0]));
      }
    }
  }

  private void withParameters() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (var x : List.of(table.values.uniform(dtype, -4, 4, 3, 5).as('t'), specials(dtype))) {
        List<TableTensor> in1 = List.of(x.needsGrad());
        for (double slope : new double[] {0.01, 0.3}) {
          table.one(
              "leakyRelu", new Object[] {slope}, in1, in -> Aten.call("leaky_relu", in[0], slope));
        }
        for (double alpha : new double[] {1.0, 0.4}) {
          table.one(
              "elu", new Object[] {alpha}, in1, in -> Aten.call("elu", in[0], alpha, 1.0, 1.0));
        }
        for (double[] p : new double[][] {{1, 20}, {2.5, 4}}) {
          table.one(
              "softplus",
              new Object[] {p[0], p[1]},
              in1,
              in -> Aten.call("softplus", in[0], p[0], p[1]));
        }
      }
    }
  }

  static final Map<String, String> BINARY = new LinkedHashMap<>();

  static {
    for (String op : "add sub mul div remainder eq ne lt le gt ge".split(" ")) {
      BINARY.put(op, op + ".Tensor");
    }
    BINARY.put("pow", "pow.Tensor_Tensor");
    BINARY.put("minimum", "minimum");
    BINARY.put("maximum", "maximum");
    BINARY.put("logicalAnd", "logical_and");
    BINARY.put("logicalOr", "logical_or");
    BINARY.put("logicalXor", "logical_xor");
  }

  private void binary(String op, String schema) {
    long[][][] shapes = {
      {{3, 4}, {3, 4}},
      {{3, 4}, {4}},
      {{3, 1}, {1, 4}},
      {{2, 3, 2}, {3, 1}},
      {{}, {3}},
      {{0, 3}, {1, 3}}
    };
    for (DType dtype : table.dtypes) {
      for (int i = 0; i < (dtype.floating() ? shapes.length : 3); i++) {
        boolean power = op.equals("pow");
        TableTensor a =
            dtype.floating() && power
                ? table.values.uniform(dtype, 0.1, 3, shapes[i][0])
                : table.values.normal(dtype, shapes[i][0]);
        TableTensor b =
            i % 2 == 1 && !op.equals("remainder")
                ? table.values.ties(dtype, shapes[i][1])
                : nonZero(dtype, shapes[i][1]);
        binary(op, schema, "cts".charAt(i % 3), a, b, dtype.floating());
      }
    }
  }

  private void binary() {
    BINARY.forEach(
        (op, schema) -> {
          binary(op, schema);
          for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            double top = dtype == DType.F32 ? 1e30 : 1e200;
            double[] v = {0, -0.0, 1, -1, 0.5, 2, -2.5, 3, top, -top, INF, -INF, NAN};
            TableTensor a = TableTensor.of(dtype, new long[] {13, 1}, v);
            TableTensor b = TableTensor.of(dtype, new long[] {1, 13}, v);
            binary(op, schema, 'c', a, b, false);
          }
        });
    TableTensor zero = TableTensor.of(DType.I64, new long[] {2}, 0, 3);
    TableTensor seven = TableTensor.of(DType.I64, new long[] {2}, 7, -7);
    table.maybe(
        "remainder", NONE, List.of(seven, zero), in -> Aten.call("remainder.Tensor", in[0], in[1]));
    table.maybe("div", NONE, List.of(seven, zero), in -> Aten.call("div.Tensor", in[0], in[1]));
    TableTensor a = table.values.normal(DType.F32, 2, 3);
    TableTensor b = table.values.normal(DType.F32, 4);
    table.maybe("add", NONE, List.of(a, b), in -> Aten.call("add.Tensor", in[0], in[1]));
  }

  /** Ties are wanted elsewhere; a zero divisor of whole numbers is a case of its own. */
  private TableTensor nonZero(DType dtype, long[] shape) {
    return dtype.floating()
        ? table.values.normal(dtype, shape)
        : table.values.uniform(dtype, 1, 6, shape);
  }

  private void binary(
      String op, String schema, char layout, TableTensor a, TableTensor b, boolean grad) {
    TableTensor x = a.as(layout);
    TableTensor y = b.as(layout);
    List<TableTensor> in2 = grad ? List.of(x.needsGrad(), y.needsGrad()) : List.of(x, y);
    table.maybe(op, NONE, in2, in -> Aten.call(schema, in[0], in[1]));
  }

  private void scalars() {
    for (String op : "add sub mul div remainder rsub eq ne lt le gt ge pow".split(" ")) {
      for (DType dtype : table.dtypes) {
        for (Object s : new Object[] {3L, 2.5, 2L, 0.5, -1L}) {
          TableTensor x =
              dtype.floating()
                  ? table.values.uniform(dtype, 0.2, 4, 5)
                  : table.values.normal(dtype, 5);
          table.maybe(
              op,
              new Object[] {s},
              List.of(dtype.floating() ? x.needsGrad() : x),
              in ->
                  op.equals("pow")
                      ? Aten.call("pow.Tensor_Scalar", in[0], s)
                      : Aten.withNumber(op, in[0], s));
        }
      }
    }
  }

  private void scalarsOfFloats() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (double e : new double[] {0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.7, INF, NAN}) {
        table.one(
            "pow",
            new Object[] {e},
            List.of(specials(dtype).needsGrad()),
            in -> Aten.call("pow.Tensor_Scalar", in[0], e));
      }
      table.one(
          "remainder",
          new Object[] {-1.5},
          List.of(table.values.normal(dtype, 7)),
          in -> Aten.call("remainder.Scalar", in[0], -1.5));
    }
  }

  private void clamping() {
    for (DType dtype : table.dtypes) {
      for (Object[] lohi : new Object[][] {{-1L, 2L}, {-0.5, 0.75}, {2L, 1L}}) {
        TableTensor x =
            dtype.floating()
                ? table.values.normal(dtype, 3, 4).needsGrad()
                : table.values.normal(dtype, 6);
        table.maybe("clamp", lohi, List.of(x), in -> Aten.call("clamp", in[0], lohi[0], lohi[1]));
        table.maybe(
            "clampMin",
            new Object[] {lohi[0]},
            List.of(x),
            in -> Aten.call("clamp_min", in[0], lohi[0]));
        table.maybe(
            "clampMax",
            new Object[] {lohi[1]},
            List.of(x),
            in -> Aten.call("clamp_max", in[0], lohi[1]));
      }
      if (dtype.floating()) {
        List<TableTensor> x = List.of(specials(dtype).needsGrad());
        table.one("clamp", new Object[] {-1.0, 1.0}, x, in -> Aten.call("clamp", in[0], -1.0, 1.0));
      }
    }
  }

  private void choosing() {
    for (DType dtype : table.dtypes) {
      boolean grad = dtype.floating();
      for (long[][] s :
          new long[][][] {{{3, 4}, {3, 4}, {3, 4}}, {{3, 1}, {4}, {}}, {{4}, {2, 1}, {2, 4}}}) {
        TableTensor a = table.values.normal(dtype, s[1]);
        TableTensor b = table.values.normal(dtype, s[2]);
        TableTensor cond = table.values.normal(DType.B1, s[0]);
        var in3 = grad ? List.of(cond, a.needsGrad(), b.needsGrad()) : List.of(cond, a, b);
        table.one("where", NONE, in3, in -> Aten.call("where.self", in[0], in[1], in[2]));
      }
      TableTensor x = table.values.normal(dtype, 3, 4).as('t');
      for (double v : new double[] {0, 3, -2}) {
        for (long[] maskShape : new long[][] {{3, 4}, {4}}) {
          TableTensor mask = table.values.normal(DType.B1, maskShape);
          List<TableTensor> in2 = List.of(grad ? x.needsGrad() : x, mask);
          if (v >= 0 || dtype != DType.U8) {
            table.maybe(
                "maskedFill",
                new Object[] {v},
                in2,
                in -> Aten.call("masked_fill.Scalar", in[0], in[1], v));
          }
        }
      }
    }
  }

  /** {@code y = x.copy(); y.op_(...)}: the values, the node and the gradient that reach x. */
  private void inPlace() {
    List<String> ops =
        new ArrayList<>(
            List.of(
                "neg abs exp sqrt tanh sigmoid relu floor ceil round square log reciprocal"
                    .split(" ")));
    for (String op : ops) {
      for (DType dtype : new DType[] {DType.F32, DType.F64, DType.I64}) {
        TableTensor x =
            dtype.floating()
                ? table.values.uniform(dtype, 0.3, 3, 3, 4).needsGrad()
                : table.values.normal(dtype, 4);
        table.maybe(
            op + "_", NONE, List.of(x), in -> Aten.call(op + "_", Aten.call("clone", in[0])));
      }
    }
    for (String op : IN_PLACE) {
      for (DType dtype : new DType[] {DType.F32, DType.F64}) {
        TableTensor x = table.values.normal(dtype, 3, 4).needsGrad();
        TableTensor y = table.values.normal(dtype, 4).needsGrad();
        table.one(
            op + "_",
            NONE,
            List.of(x, y),
            in -> Aten.call(op + "_.Tensor", Aten.call("clone", in[0]), in[1]));
        table.one(
            op + "_",
            new Object[] {2L},
            List.of(x),
            in -> Aten.withNumber(op + "_", Aten.call("clone", in[0]), 2L));
      }
      inPlace(op);
    }
  }

  private void inPlace(String op) {
    for (DType[] both : table.pairs()) {
      TableTensor x = nonZero(both[0], new long[] {3});
      TableTensor y = nonZero(both[1], new long[] {3});
      table.maybe(
          op + "_",
          NONE,
          List.of(x, y),
          in -> Aten.call(op + "_.Tensor", Aten.call("clone", in[0]), in[1]));
    }
  }

  private void inPlaceOfFloats() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      TableTensor x = table.values.normal(dtype, 3, 4).needsGrad();
      table.one(
          "fill_",
          new Object[] {1.5},
          List.of(x),
          in -> Aten.call("fill_.Scalar", Aten.call("clone", in[0]), 1.5));
      table.one("zero_", NONE, List.of(x), in -> Aten.call("zero_", Aten.call("clone", in[0])));
      TableTensor y = table.values.normal(dtype, 4).needsGrad();
      table.one(
          "copy_", NONE, List.of(x, y), in -> Aten.call("copy_", Aten.call("clone", in[0]), in[1]));
      table.one(
          "clamp_",
          new Object[] {-0.5, 0.5},
          List.of(x),
          in -> Aten.call("clamp_", Aten.call("clone", in[0]), -0.5, 0.5));
      table.one(
          "pow_",
          new Object[] {2.0},
          List.of(x),
          in -> Aten.call("pow_.Scalar", Aten.call("clone", in[0]), 2.0));
      TableTensor mask = table.values.normal(DType.B1, 4);
      table.one(
          "maskedFill_",
          new Object[] {2.0},
          List.of(x, mask),
          in -> Aten.call("masked_fill_.Scalar", Aten.call("clone", in[0]), in[1], 2.0));
      for (String op : new String[] {"sin", "cos"}) {
        table.one(op + "_", NONE, List.of(x), in -> Aten.call(op + "_", Aten.call("clone", in[0])));
      }
      // A number divided by a tensor is the number times the reciprocal.
      table.one(
          "rdiv",
          new Object[] {2.5},
          List.of(x),
          in -> Aten.withNumber("mul", Aten.call("reciprocal", in[0]), 2.5));
      // In place through a view: the base's history is rewritten.
      table.one(
          "select.mul_",
          new Object[] {0L, 1L, 5L},
          List.of(x),
          in -> {
            Tensor base = Aten.call("clone", in[0]);
            Aten.withNumber("mul_", Aten.call("select.int", base, 0, 1), 5L);
            return base;
          });
      table.one(
          "view.add_",
          NONE,
          List.of(x, table.values.normal(dtype, 12).needsGrad()),
          in -> {
            Tensor base = Aten.call("clone", in[0]);
            Aten.call("add_.Tensor", Aten.call("view", base, new long[] {12}), in[1]);
            return base;
          });
    }
  }
}
