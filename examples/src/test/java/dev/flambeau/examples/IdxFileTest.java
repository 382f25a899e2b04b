package dev.flambeau.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFileTest {
  private static final byte[] TWO_BY_THREE = {
    0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 3, (byte) 200, (byte) 255
  };

  @TempDir private Path folder;

  private Path file(byte... content) throws IOException {
    return Files.write(folder.resolve("x-idx2-ubyte"), content);
  }

  @Test
  void plainAndZipped() throws IOException {
    Path zipped = folder.resolve("zipped");
    try (var out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(TWO_BY_THREE);
    }
    for (Path p : new Path[] {file(TWO_BY_THREE), zipped}) {
      Tensor t = IdxFile.read(p);
      assertEquals(DType.UINT8, t.dtype());
      assertEquals("torch.Size([2, 3])", t.shape().toString());
      assertArrayEquals(new long[] {0, 1, 2, 3, 200, 255}, t.toLong().toLongArray());
    }
  }

  @Test
  void refusals() throws IOException {
    refused("header", new byte[0]);
    refused("header", Arrays.copyOf(TWO_BY_THREE, 9));
    refused("fewer", Arrays.copyOf(TWO_BY_THREE, 17));
    refused("more", Arrays.copyOf(TWO_BY_THREE, 19));
    byte[] floats = TWO_BY_THREE.clone();
    floats[2] = 0x0D;
    refused("no IDX file", floats);
    byte[] huge = TWO_BY_THREE.clone();
    huge[4] = huge[8] = 0x7F;
    refused("memory", huge);
    byte[] negative = TWO_BY_THREE.clone();
    negative[4] = (byte) 0xFF;
    refused("memory", negative);
  }

  private static byte[] idx(long elements, int... dims) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeInt(0x0800 | dims.length);
    for (int d : dims) {
      out.writeInt(d);
    }
    for (long i = 0; i < elements; i++) {
      out.writeByte((int) i);
    }
    return bytes.toByteArray();
  }

  private static byte[] zipped(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  /** Announced sizes ask for nothing that the file cannot hold, however often it unpacks. */
  @Test
  void sizesThatNoFileHas() throws IOException {
    int much = 1 << 20;
    refused("no memory is asked for", idx(1000, much, much));
    refused("no memory is asked for", zipped(idx(1000, much, much)));
    refused("no memory is asked for", idx(1000, 1 << 30));
    refused("no memory is asked for", zipped(idx(1000, 1 << 30)));
    refused("no memory is asked for", idx(0, -1, -1, -1, -1));
    refused("no memory is asked for", idx(0, -1, -1, -1, 0));
    assertEquals(
        "torch.Size([0, 28, 28])", IdxFile.read(file(idx(0, 0, 28, 28))).shape().toString());
  }

  /** What comes out of a small zipped file is read as far as it was announced, and no further. */
  @Test
  void zippedOutOfProportion() throws IOException {
    byte[] bomb = zipped(new byte[1 << 26]);
    refused("no IDX file", bomb);
    refused("more than the 3 bytes", zipped(idx(1 << 20, 3)));
    refused("fewer than the 5 bytes", zipped(idx(3, 5)));
    byte[] cut = zipped(idx(70_000, 70_000));
    refused("fewer than the 70000 bytes", Arrays.copyOf(cut, cut.length / 2));
    refused("x-idx2-ubyte", Arrays.copyOf(cut, 12));
    cut[cut.length - 6] ^= 1; // the check sum
    refused("x-idx2-ubyte", cut);
    byte[] zeros = new byte[8 + (1 << 24)];
    System.arraycopy(idx(0, 1 << 24), 0, zeros, 0, 8);
    assertEquals(1 << 24, IdxFile.read(file(zipped(zeros))).numel());
    Tensor read = IdxFile.read(file(zipped(idx(3_000_000, 1000, 3000))));
    assertEquals(7000 % 256, read.get(2, 1000).toLong().item());
    assertEquals(2_999_999 % 256, read.get(-1, -1).toLong().item());
  }

  private void refused(String message, byte[] content) throws IOException {
    Path p = file(content);
    IOException e = assertThrows(IOException.class, () -> IdxFile.read(p));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().contains(p.toString()), e.getMessage());
  }
}
