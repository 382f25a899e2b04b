package dev.flambeau.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
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

  private void refused(String message, byte[] content) throws IOException {
    Path p = file(content);
    IOException e = assertThrows(IOException.class, () -> IdxFile.read(p));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
