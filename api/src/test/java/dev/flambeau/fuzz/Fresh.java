package dev.flambeau.fuzz;

import dev.flambeau.DType;
import dev.flambeau.Tensor;

/** New tensors of a program: values of all dtypes in several layouts. */
final class Fresh {
  private Fresh() {}

  /** How the tensors of a program lie in memory, where that may be chosen: equal values each. */
  enum Lie {
    AS_DRAWN,
    CONTIGUOUS,
    OTHER
  }

  static Arg make(Program p, String name) {
    Dice d = p.dice;
    long[] shape = Numbers.smallShape(d);
    if (p.large && d.chance(0.2)) {
      shape = d.of(new long[] {70_001}, new long[] {259, 270}, new long[] {3, 40_000, 1});
    }
    return make(p, name, p.tame ? tameType(d) : anyType(d), shape, false);
  }

  private static DType anyType(Dice d) {
    return d.chance(0.5) ? d.of(DType.FLOAT32, DType.FLOAT64) : d.of(DType.values());
  }

  private static DType tameType(Dice d) {
    return d.chance(0.8)
        ? d.of(DType.FLOAT32, DType.FLOAT64)
        : d.of(DType.INT64, DType.INT32, DType.BOOL);
  }

  /** Makes a tensor, and puts it among the program's. */
  static Arg make(Program p, String name, DType type, long[] shape, boolean index) {
    Dice d = p.dice;
    long salt = d.below(1000);
    double kind = d.real();
    boolean grad = type.isFloating() && d.chance(0.35);
    long low = index ? d.of(0, 0, 0, -2) : -8;
    long range = index ? d.of(1, 2, 3, 5) : 17;
    double unit = type.isFloating() ? 0.25 : 1;
    String values =
        "Fresh.values(DType."
            + type.name()
            + ", "
            + salt
            + ", "
            + low
            + ", "
            + range
            + ", "
            + unit
            + ", "
            + Numbers.text(shape)
            + ")";
    Tensor plain = values(type, salt, low, range, unit, shape);
    Tensor t = plain;
    String code = values;
    boolean other = p.lie == Lie.OTHER || p.lie == Lie.AS_DRAWN && kind > 0.6;
    if (other && shape.length >= 2 && kind < 0.85) {
      int a = 0;
      int b = shape.length - 1;
      t = plain.transpose(a, b).contiguous().transpose(a, b);
      code += ".transpose(0, -1).contiguous().transpose(0, -1)";
    } else if (other && shape.length >= 1) {
      int dim = shape.length - 1;
      t = Tensor.stack(new Tensor[] {plain, plain}, dim + 1).select(dim + 1, 1);
      code = "Tensor.stack(new Tensor[] {" + code + ", same}, " + (dim + 1) + ").select(-1, 1)";
    }
    if (grad) {
      t = t.detach().requiresGrad_();
      code += ".detach().requiresGrad_()";
    }
    p.say("var " + name + " = " + code + ";  // " + type.shortName() + " " + t.shape());
    p.tensors.put(name, t);
    p.last().put(name, t);
    return new Arg(name, t);
  }

  /** Multiples of {@code unit} from {@code low} on, in an order that {@code salt} gives. */
  static Tensor values(DType type, long salt, long low, long range, double unit, long... shape) {
    long n = 1;
    for (long s : shape) {
      n *= s;
    }
    double[] values = new double[(int) n];
    for (int i = 0; i < n; i++) {
      long k = low + Math.floorMod((i + salt) * 7_919 + (i + salt) / 13 * 31, range);
      values[i] = type == DType.BOOL ? k & 1 : type == DType.UINT8 ? Math.abs(k) : k * unit;
    }
    return Tensor.of(DType.FLOAT64, values).to(type).reshape(shape);
  }
}
