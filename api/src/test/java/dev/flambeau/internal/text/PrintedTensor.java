package dev.flambeau.internal.text;

import java.util.Arrays;
import java.util.function.LongToDoubleFunction;
import java.util.function.LongUnaryOperator;
import java.util.function.ToDoubleFunction;

/** A tensor made of plain values, for printing tests that need no kernel. */
public record PrintedTensor(
    long[] shape,
    String dtype,
    LongToDoubleFunction reals,
    LongUnaryOperator integers,
    String device,
    boolean requiresGrad,
    String gradFnName,
    boolean isParameter)
    implements TensorFormat.Source {

  static PrintedTensor of(String dtype, long[] shape, double... values) {
    return new PrintedTensor(
        shape,
        "torch." + dtype,
        i -> values[(int) i],
        i -> (long) values[(int) i],
        "cpu",
        false,
        null,
        false);
  }

  /** Values written as text, each read in the dtype: a long does not fit a double. */
  public static PrintedTensor of(String dtype, long[] shape, String... values) {
    if (dtype.startsWith("float")) {
      ToDoubleFunction<String> read =
          dtype.equals("float32") ? Float::parseFloat : Double::parseDouble;
      return of(dtype, shape, Arrays.stream(values).mapToDouble(read).toArray());
    }
    return new PrintedTensor(
        shape,
        "torch." + dtype,
        i -> Double.NaN,
        i -> Long.parseLong(values[(int) i]),
        "cpu",
        false,
        null,
        false);
  }

  PrintedTensor on(String device) {
    return new PrintedTensor(
        shape, dtype, reals, integers, device, requiresGrad, gradFnName, isParameter);
  }

  /**
   * What is said behind the values: {@code requires_grad}, {@code parameter}, {@code grad_fn=X}.
   */
  public PrintedTensor marked(String mark) {
    boolean parameter = mark.equals("parameter");
    String node = mark.startsWith("grad_fn=") ? mark.substring("grad_fn=".length()) : null;
    return new PrintedTensor(shape, dtype, reals, integers, device, true, node, parameter);
  }

  @Override
  public TensorFormat.Kind kind() {
    if (dtype.startsWith("torch.float")) {
      return TensorFormat.Kind.FLOAT;
    }
    return dtype.equals("torch.bool") ? TensorFormat.Kind.BOOL : TensorFormat.Kind.INT;
  }

  @Override
  public double real(long position) {
    return reals.applyAsDouble(position);
  }

  @Override
  public long integer(long position) {
    return integers.applyAsLong(position);
  }
}
