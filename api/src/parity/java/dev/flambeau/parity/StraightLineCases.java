package dev.flambeau.parity;

import java.util.ArrayList;
import java.util.List;

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
        List<TableTensor> inputs = new ArrayList<>();
        for (char layout : new char[] {'c', 't', 's'}) {
          inputs.add(table.values.uniform(dtype, -6, 6, 4, 5).as(layout));
        }
        inputs.add(TableTensor.of(dtype, new long[] {near.length}, near));
        inputs.add(table.values.normal(dtype, 0, 3));
        inputs.add(table.values.normal(dtype, 0, 3, 0, 2));
        for (TableTensor x : inputs) {
          boolean slope = !sigmoid || dtype == DType.F32;
          table.one(op, NONE, List.of(slope ? x.needsGrad() : x), in -> Aten.call(op, in[0]));
        }
        // No slopes here: at NaN it depends on an element's place, whether it has one.
        if (!table.isSecondOrder()) {
          table.one(op, NONE, List.of(PointwiseCases.specials(dtype)), in -> Aten.call(op, in[0]));
        }
      }
    }
  }
}
