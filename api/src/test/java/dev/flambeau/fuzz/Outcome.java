package dev.flambeau.fuzz;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * What a step of a program gave, by name: a tensor's dtype, sizes and elements (the bits of
 * doubles, or whole numbers), or only a text.
 */
record Outcome(String name, String text, DType type, long[] sizes, long[] elements) {
  static Outcome of(String name, String text) {
    return new Outcome(name, text, null, new long[0], new long[0]);
  }

  static Outcome of(String name, Tensor t) {
    if (t == null || t.isReleased()) {
      return of(name, t == null ? "null" : "released");
    }
    try (var off = Autograd.noGrad()) {
      Tensor x = t.detach();
      long[] elements =
          t.dtype().isFloating()
              ? Arrays.stream(x.to(DType.FLOAT64).toDoubleArray())
                  .mapToLong(Double::doubleToLongBits)
                  .toArray()
              : x.to(DType.INT64).toLongArray();
      return new Outcome(name, "", t.dtype(), t.shape().toArray(), elements);
    }
  }

  boolean isTensor() {
    return type != null;
  }

  private double element(int i) {
    return type.isFloating() ? Double.longBitsToDouble(elements[i]) : elements[i];
  }

  /** Whether all elements are numbers of a size at which roundings stay small. */
  boolean isModerate() {
    for (int i = 0; i < elements.length && isTensor(); i++) {
      if (type.isFloating() && !(Math.abs(element(i)) < 1e5)) {
        return false;
      }
    }
    return true;
  }

  private boolean isLike(Outcome o) {
    return name.equals(o.name)
        && text.equals(o.text)
        && type == o.type
        && Arrays.equals(sizes, o.sizes);
  }

  /** Null if both are the same, up to rounding if that is allowed; else what differs. */
  String differs(Outcome o, boolean rounding) {
    if (!isLike(o)) {
      return this + " and " + o;
    }
    double most = 1;
    for (int i = 0; i < elements.length; i++) {
      most = Math.max(most, Math.abs(element(i)));
    }
    for (int i = 0; i < elements.length; i++) {
      if (elements[i] == o.elements[i]) {
        continue;
      }
      double by = Math.abs(element(i) - o.element(i));
      if (!rounding || !(by <= tolerance() * most)) {
        return this + " and " + o + ": element " + i + " is " + element(i) + " and " + o.element(i);
      }
    }
    return null;
  }

  private double tolerance() {
    return switch (type) {
      case FLOAT64 -> 1e-7;
      case FLOAT32 -> 2e-3;
      case FLOAT16, BFLOAT16 -> 5e-2;
      default -> 0;
    };
  }

  @Override
  public String toString() {
    return name + ": " + (isTensor() ? type + " " + Arrays.toString(sizes) : text);
  }

  /** The same with some of its elements, if they are many. */
  Outcome sampled() {
    int step = elements.length / 1024 + 1;
    long[] some = new long[(elements.length + step - 1) / step];
    Arrays.setAll(some, i -> elements[i * step]);
    return new Outcome(name, text, type, sizes, some);
  }

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(name);
    out.writeUTF(text);
    out.writeByte(type == null ? -1 : type.ordinal());
    out.writeInt(sizes.length);
    for (long s : sizes) {
      out.writeLong(s);
    }
    out.writeInt(elements.length);
    for (long e : elements) {
      out.writeLong(e);
    }
  }

  static Outcome read(DataInputStream in) throws IOException {
    String name = in.readUTF();
    String text = in.readUTF();
    int type = in.readByte();
    long[] sizes = new long[in.readInt()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = in.readLong();
    }
    long[] elements = new long[in.readInt()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = in.readLong();
    }
    return new Outcome(name, text, type < 0 ? null : DType.values()[type], sizes, elements);
  }
}
