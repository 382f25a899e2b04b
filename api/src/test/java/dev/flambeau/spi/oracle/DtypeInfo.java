package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;
import java.util.HashMap;
import java.util.Map;

/** What the oracle has to know of a dtype's code: its name in the header says it. */
public final class DtypeInfo {
  private static final Map<Integer, Integer> BYTES = sizes();

  private DtypeInfo() {}

  /** The refusal of a dtype that the header has and the oracle lacks. */
  static Refusal unknown(int dtype) {
    return new Refusal(Kernels.UNSUPPORTED, "the oracle has no " + name(dtype));
  }

  public static boolean isFloating(int dtype) {
    return dtype == Kernels.FLOAT32 || dtype == Kernels.FLOAT64 || isHalf(dtype);
  }

  /** Whether this is one of the 16-bit types, which are moved and converted only. */
  public static boolean isHalf(int dtype) {
    return dtype == Kernels.FLOAT16 || dtype == Kernels.BFLOAT16;
  }

  /** The format of one of the 16-bit types. */
  public static Half half(int dtype) {
    return dtype == Kernels.FLOAT16 ? Half.FLOAT16 : Half.BFLOAT16;
  }

  /** Bytes of one element. */
  public static int bytes(int dtype) {
    Integer bytes = BYTES.get(dtype);
    if (bytes == null) {
      throw unknown(dtype);
    }
    return bytes;
  }

  private static Map<Integer, Integer> sizes() {
    Map<Integer, Integer> sizes = new HashMap<>();
    for (int dtype : HeaderEnum.DTYPE.all()) {
      String name = name(dtype);
      if (name.equals("bool")) {
        sizes.put(dtype, 1);
      } else if (name.matches("(u?int|b?float)\\d+")) {
        sizes.put(dtype, Integer.parseInt(name.replaceAll("\\D", "")) / 8);
      }
    }
    return sizes;
  }

  /** Whether the dtype has no negative numbers. */
  public static boolean isUnsigned(int dtype) {
    return name(dtype).startsWith("u");
  }

  public static String name(int dtype) {
    return HeaderEnum.DTYPE.name(dtype);
  }

  /** A scalar as an operand of this dtype: a float32 kernel computes with the nearest float. */
  public static double round(int dtype, double scalar) {
    if (isHalf(dtype)) {
      Half half = half(dtype);
      return half.widen(half.narrow((float) scalar));
    }
    return dtype == Kernels.FLOAT32 ? (float) scalar : scalar;
  }
}
