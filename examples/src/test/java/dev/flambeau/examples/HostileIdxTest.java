package dev.flambeau.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Scope;
import dev.flambeau.io.HostileBytes;
import dev.flambeau.io.HostileFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** IDX files that nobody should have written, plain and zipped. */
class HostileIdxTest {
  private static final long[] FAILED_ONCE = {};

  @TempDir private Path folder;

  @Test
  void files() throws IOException {
    byte[] good = idx(new int[] {4, 3, 5}, new byte[60]);
    attack(500, 50, r -> r.spoilt(good));
    byte[] zipped = zipped(good);
    attack(500, 10, r -> r.spoilt(zipped));
    attack(800, 100, HostileIdxTest::madeUp);
  }

  private void attack(int count, int least, Function<HostileBytes, byte[]> make)
      throws IOException {
    new HostileFiles(folder.resolve("x-idx3-ubyte"), IOException.class)
        .attack(
            count,
            least,
            FAILED_ONCE,
            make,
            file -> {
              try (var scope = Scope.open()) {
                assertTrue(IdxFile.read(file).numel() <= 1032 * Files.size(file));
              }
            });
  }

  /** Any sizes, with as many elements or not, zipped or not, the zipped ones far larger. */
  private static byte[] madeUp(HostileBytes r) {
    int[] dims = new int[r.oneIn(10) ? r.below(300) : 1 + r.below(4)];
    boolean zips = r.oneIn(2);
    long size = 1;
    for (int d = 0; d < dims.length; d++) {
      dims[d] = r.oneIn(6) ? (int) r.bits() : r.below(zips ? 100 : 12);
      size = Math.min(size * Math.max(dims[d], 0), 1 << 21);
    }
    if (r.oneIn(6)) {
      size = Math.max(0, size + r.below(5) - 2);
    }
    byte[] file = idx(dims, new byte[(int) size]);
    if (r.oneIn(20)) {
      file[r.below(4)] = (byte) r.bits();
    }
    return zips ? zipped(file) : file;
  }

  private static byte[] idx(int[] dims, byte[] elements) {
    ByteBuffer head = ByteBuffer.allocate(4 + 4 * dims.length).putInt(0x0800 | dims.length);
    for (int d : dims) {
      head.putInt(d);
    }
    return HostileBytes.joined(head.array(), elements);
  }

  private static byte[] zipped(byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }
}
