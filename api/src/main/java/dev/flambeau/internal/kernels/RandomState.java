package dev.flambeau.internal.kernels;

import dev.flambeau.spi.Kernels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the bytes of a generator's state are. The CPU's is MT19937: {@code flambeau.h} has its
 * layout. A generator on another device counts: seed, offset, and zeros.
 */
final class RandomState {
  // Of one that counts.
  static final int SEED = 0;
  static final int OFFSET = 8;
  private static final int END = 16;

  private static final int WORDS = 624;
  private static final int POSITION = 4 * WORDS;
  private static final int HAS_NORMAL = POSITION + 4;
  private static final int NORMAL = POSITION + 8;

  private RandomState() {}

  /** Why no generator can be in this state; null: one can. */
  static String fault(byte[] saved, boolean onHost) {
    if (saved.length != Kernels.RANDOM_STATE_BYTES) {
      return "a state has " + Kernels.RANDOM_STATE_BYTES + " bytes, this one " + saved.length;
    }
    ByteBuffer b = ByteBuffer.wrap(saved).order(ByteOrder.nativeOrder());
    return onHost ? ofTwister(b) : ofCounter(b);
  }

  private static String ofTwister(ByteBuffer b) {
    int position = b.getInt(POSITION);
    if (position < 0 || position > WORDS) {
      return "it says that " + position + " of " + WORDS + " words are used up";
    }
    int hasNormal = b.getInt(HAS_NORMAL);
    if (hasNormal != 0 && hasNormal != 1) {
      return "it says that it keeps " + hasNormal + " normal numbers";
    }
    double normal = b.getDouble(NORMAL);
    if (!Double.isFinite(normal)) {
      return "it keeps the normal number " + normal;
    }
    // Of the first word only the top bit counts. From zeros come zeros, for ever.
    boolean zero = b.getInt(0) >= 0;
    for (int i = 1; zero && i < WORDS; i++) {
      zero = b.getInt(4 * i) == 0;
    }
    return zero ? "its words are all 0" : null;
  }

  private static String ofCounter(ByteBuffer b) {
    if (b.getLong(OFFSET) < 0) {
      return "it says that " + b.getLong(OFFSET) + " draws were made";
    }
    for (int i = END; i < b.capacity(); i++) {
      if (b.get(i) != 0) {
        return "byte " + i + ", behind seed and count, is " + b.get(i);
      }
    }
    return null;
  }
}
