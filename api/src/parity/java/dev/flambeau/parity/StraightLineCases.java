package dev.flambeau.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * Ops made of straight lines, also at and beside the places where these meet. libtorch does not
 * differentiate hardsigmoid twice, and takes its slope, 1/6, for a float in float64 too.
 */
final class StraightLineCases {
  private static final Object[] NONE = {};

  private StraightLineCases() {}

  static void cases(Table table) {
    double[] near = {-3, Math.nextUp(-3f), Math.nextDown(-3f), 0, Math.nextDown(3f), 3};
    for (String op : List.of("hardsigmoid", "hardswish")) {
      boolean sigmoid = op.equals("hardsigmoid");
      if (sigmoid && table.isSecondOrder()) {
        continue;
      }
      for (DType dtype : new DType[] {DType.F32, DType.F64}) {
        for (TableTensor x : inputs(table, dtype, 6, near)) {
          boolean slope = !sigmoid || dtype == DType.F32;
          table.one(op, NONE, List.of(slope ? x.needsGrad() : x), in -> Aten.call(op, in[0]));
        }
        // No slopes here: at NaN it depends on an element's place, whether it has one.
        if (!table.isSecondOrder()) {
          table.one(op, NONE, List.of(PointwiseCases.specials(dtype)), in -> Aten.call(op, in[0]));
        }
      }
    }
    hardshrink(table);
  }

  private static void hardshrink(Table table) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (double lambd : new double[] {0.5, 0.3, 0, -0.5, Double.POSITIVE_INFINITY}) {
        Function<Tensor[], Tensor> op = in -> Aten.call("hardshrink", in[0], lambd);
        Object[] args = {lambd};
        double end = dtype == DType.F32 ? (float) lambd : lambd;
        double less = dtype == DType.F32 ? Math.nextDown((float) end) : Math.nextDown(end);
        double more = dtype == DType.F32 ? Math.nextUp((float) end) : Math.nextUp(end);
        double[] near = {-more, -end, -less, -0.0, 0, less, end, more};
        for (TableTensor x : inputs(table, dtype, 2, near)) {
          table.one("hardshrink", args, List.of(x.needsGrad()), op);
        }
        if (!table.isSecondOrder()) { // and no slopes, for the same reason
          table.one("hardshrink", args, List.of(PointwiseCases.specials(dtype)), op);
        }
      }
    }
  }

  /** Each layout, nothing, and the points where the lines meet. */
  private static List<TableTensor> inputs(Table table, DType dtype, double reach, double[] near) {
    List<TableTensor> inputs = new ArrayList<>();
    for (char layout : new char[] {'c', 't', 's'}) {
      inputs.add(table.values.uniform(dtype, -reach, reach, 4, 5).as(layout));
    }
    inputs.add(TableTensor.of(dtype, new long[] {near.length}, near));
    inputs.add(table.values.normal(dtype, 0, 3));
    inputs.add(table.values.normal(dtype, 0, 3, 0, 2));
    return inputs;
  }
}
