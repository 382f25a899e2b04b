package dev.flambeau.internal.tensor;

import java.nio.ByteOrder;

/** Raw bytes of elements are little-endian outside, in the machine's order inside. */
public final class Bytes {
  private Bytes() {}

  public static byte[] swapIfBigEndian(byte[] bytes, int width) {
    if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
      for (int i = 0; i < bytes.length; i += width) {
        for (int a = i, b = i + width - 1; a < b; a++, b--) {
          byte t = bytes[a];
          bytes[a] = bytes[b];
          bytes[b] = t;
        }
      }
    }
    return bytes;
  }
}
