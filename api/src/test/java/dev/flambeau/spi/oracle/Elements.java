package dev.flambeau.spi.oracle;

import java.nio.ByteBuffer;

/**
 * The elements of one dtype from a place in memory on, read and written by index. Reading widens to
 * double or long, writing narrows: a float32 is rounded once, float16 and bfloat16 by way of
 * float32, integers wrap, a bool is whether the value is not 0. A double becomes the integer
 * towards 0; where there is none, the least one: of 64 bits for int64 and uint8, of 32 for the
 * others. Narrower ones take its low bits.
 */
public abstract class Elements {
  private final ByteBuffer block;
  private final int first;
  private final int bytes;

  private Elements(ByteBuffer block, int first, int bytes) {
    this.block = block;
    this.first = first;
    this.bytes = bytes;
  }

  /** By the names of the header: {@code int32} and {@code uint8} say all there is to know. */
  public static Elements of(int dtype, ByteBuffer block, int first) {
    String name = DtypeInfo.name(dtype);
    return switch (name) {
      case "float32" -> new Float32(block, first);
      case "float64" -> new Float64(block, first);
      case "float16", "bfloat16" -> new Float16(block, first, DtypeInfo.half(dtype));
      case "bool" -> new Bool(block, first);
      default -> {
        if (!name.matches("u?int(8|16|32|64)")) {
          throw DtypeInfo.unknown(dtype);
        }
        yield new Int(block, first, DtypeInfo.bytes(dtype), name.startsWith("u"));
      }
    };
  }

  /** Element {@code i} as a double. */
  public abstract double get(long i);

  public abstract void set(long i, double value);

  /** Element {@code i} as an integer. */
  public abstract long getLong(long i);

  public abstract void setLong(long i, long value);

  /** Where element {@code i} lies in the block; the block checks its own bounds. */
  final int at(long i) {
    return Math.toIntExact(first + i * bytes);
  }

  final ByteBuffer block() {
    return block;
  }

  private static final class Float32 extends Elements {
    Float32(ByteBuffer block, int first) {
      super(block, first, 4);
    }

    @Override
    public double get(long i) {
      return block().getFloat(at(i));
    }

    @Override
    public void set(long i, double value) {
      block().putFloat(at(i), (float) value);
    }

    @Override
    public long getLong(long i) {
      return (long) get(i);
    }

    @Override
    public void setLong(long i, long value) {
      block().putFloat(at(i), value);
    }
  }

  private static final class Float64 extends Elements {
    Float64(ByteBuffer block, int first) {
      super(block, first, 8);
    }

    @Override
    public double get(long i) {
      return block().getDouble(at(i));
    }

    @Override
    public void set(long i, double value) {
      block().putDouble(at(i), value);
    }

    @Override
    public long getLong(long i) {
      return (long) get(i);
    }

    @Override
    public void setLong(long i, long value) {
      block().putDouble(at(i), value);
    }
  }

  private static final class Float16 extends Elements {
    private final Half format;

    Float16(ByteBuffer block, int first, Half format) {
      super(block, first, 2);
      this.format = format;
    }

    @Override
    public double get(long i) {
      return format.widen(block().getShort(at(i)));
    }

    @Override
    public void set(long i, double value) {
      block().putShort(at(i), format.narrow((float) value));
    }

    @Override
    public long getLong(long i) {
      return (long) get(i);
    }

    @Override
    public void setLong(long i, long value) {
      block().putShort(at(i), format.narrow((float) value));
    }
  }

  /** Integers of some width. */
  private abstract static class Whole extends Elements {
    Whole(ByteBuffer block, int first, int bytes) {
      super(block, first, bytes);
    }

    @Override
    public final double get(long i) {
      return getLong(i);
    }

    @Override
    public void set(long i, double value) {
      setLong(i, value < 0x1p63 ? (long) value : Long.MIN_VALUE);
    }
  }

  private static final class Int extends Whole {
    private final int bits;
    private final boolean unsigned;

    Int(ByteBuffer block, int first, int bytes, boolean unsigned) {
      super(block, first, bytes);
      this.bits = 8 * bytes;
      this.unsigned = unsigned;
    }

    /** Signed ones of up to 32 bits have the low bits of what int32 would hold. */
    @Override
    public void set(long i, double value) {
      if (unsigned || bits == 64) {
        super.set(i, value);
      } else {
        setLong(i, value > -0x1p31 - 1 && value < 0x1p31 ? (long) value : Integer.MIN_VALUE);
      }
    }

    @Override
    public long getLong(long i) {
      int at = at(i);
      long value =
          switch (bits) {
            case 8 -> block().get(at);
            case 16 -> block().getShort(at);
            case 32 -> block().getInt(at);
            default -> block().getLong(at);
          };
      return unsigned ? value & -1L >>> 64 - bits : value;
    }

    @Override
    public void setLong(long i, long value) {
      int at = at(i);
      switch (bits) {
        case 8 -> block().put(at, (byte) value);
        case 16 -> block().putShort(at, (short) value);
        case 32 -> block().putInt(at, (int) value);
        default -> block().putLong(at, value);
      }
    }
  }

  private static final class Bool extends Whole {
    Bool(ByteBuffer block, int first) {
      super(block, first, 1);
    }

    @Override
    public long getLong(long i) {
      return block().get(at(i)) != 0 ? 1 : 0;
    }

    @Override
    public void set(long i, double value) {
      setLong(i, value != 0 ? 1 : 0);
    }

    @Override
    public void setLong(long i, long value) {
      block().put(at(i), (byte) (value != 0 ? 1 : 0));
    }
  }
}
