package dev.flambeau.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Buffers for {@code Tensor.fromBuffer}: of all kinds, also those that nobody may write to. */
final class Buffers {
  private Buffers() {}

  private static final int BYTES = 256;

  /** A buffer that is only read, with what is in it: it must stay. */
  record ReadOnly(String text, ByteBuffer buffer) {
    void check() {
      for (int i = 0; i < BYTES; i++) {
        if (buffer.get(i) != 1) {
          throw new Fault("the read-only buffer was written to: " + text);
        }
      }
    }
  }

  private static ByteBuffer direct() {
    ByteBuffer b = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
    for (int i = 0; i < BYTES; i++) {
      b.put(i, (byte) 1);
    }
    return b;
  }

  static Arg any(Program p) {
    switch (p.dice.below(7)) {
      case 0:
        return new Arg("ByteBuffer.allocate(256)", ByteBuffer.allocate(BYTES));
      case 1:
        return new Arg(
            "ByteBuffer.allocateDirect(256).order(ByteOrder.BIG_ENDIAN)",
            ByteBuffer.allocateDirect(BYTES).order(ByteOrder.BIG_ENDIAN));
      case 2:
      case 3:
        return readOnly(
            p,
            "direct().asReadOnlyBuffer()",
            direct().asReadOnlyBuffer().order(ByteOrder.nativeOrder()));
      case 4:
        return readOnly(p, "mapped(READ_ONLY)", mapped());
      case 5:
        ByteBuffer b = direct();
        p.reachable.add(b);
        int position = p.dice.below(BYTES + 1);
        return new Arg("direct().position(" + position + ")", b.position(position));
      default:
        return new Arg("direct()", direct());
    }
  }

  private static Arg readOnly(Program p, String text, ByteBuffer b) {
    p.reachable.add(new ReadOnly(text, b));
    return new Arg(text, b);
  }

  private static ByteBuffer mapped() {
    try {
      Path file = Files.createTempFile("fuzz", ".bin");
      try {
        byte[] ones = new byte[BYTES];
        Arrays.fill(ones, (byte) 1);
        Files.write(file, ones);
        try (FileChannel c = FileChannel.open(file)) {
          return c.map(FileChannel.MapMode.READ_ONLY, 0, BYTES).order(ByteOrder.nativeOrder());
        }
      } finally {
        file.toFile().delete();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
