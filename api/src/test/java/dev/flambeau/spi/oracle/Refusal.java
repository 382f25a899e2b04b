package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;

/**
 * Why the oracle refuses a call: the status that {@link JavaKernels} answers with, and its message.
 */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  final int status;

  Refusal(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  static Refusal unsupported(String op, int dtype) {
    return new Refusal(Kernels.UNSUPPORTED, op + ": does not exist for " + DtypeInfo.name(dtype));
  }

  public static Refusal half(int dtype) {
    return new Refusal(
        Kernels.UNSUPPORTED,
        "torch."
            + DtypeInfo.name(dtype)
            + " tensors are stored and converted on the CPU, and computed with on a GPU only; use"
            + " to(DType.FLOAT32)");
  }

  static Refusal badIndex(String op, long index, long length) {
    String message = op + ": index " + index + " is out of range for " + length + " elements";
    return new Refusal(Kernels.BAD_INDEX, message);
  }
}
