package dev.flambeau.examples;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Reads the IDX format of MNIST and its relatives (unsigned bytes only), also gzipped: two zero
 * bytes, a type, the number of dims, each dim as a big-endian int, then the elements.
 */
public final class IdxFile {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final int MOST_DIMS = 4;

  private IdxFile() {}

  /**
   * The content: uint8, in the file's shape.
   *
   * @throws IOException when it is no such file, or shorter or longer than it says
   */
  public static Tensor read(Path file) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        DataInputStream in = new DataInputStream(unzipped(raw))) {
      int magic = in.readInt();
      int dims = magic & 0xFF;
      if (magic >>> 8 != UNSIGNED_BYTE || dims < 1 || dims > MOST_DIMS) {
        throw new IOException(
            file
                + " is no IDX file of unsigned bytes: it begins with 0x"
                + Integer.toHexString(magic));
      }
      long[] shape = new long[dims];
      long size = 1;
      for (int d = 0; d < dims; d++) {
        shape[d] = in.readInt();
        size = shape[d] < 0 || size > Integer.MAX_VALUE ? -1 : size * shape[d];
      }
      if (size < 0 || size > Integer.MAX_VALUE - 8) {
        throw new IOException(file + " announces more bytes than fit into memory");
      }
      // Read as far as there is something: a wrong size must not ask for memory.
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length < size || in.read() >= 0) {
        throw new IOException(
            file
                + " holds "
                + (bytes.length < size ? "fewer" : "more")
                + " than the "
                + size
                + " bytes that it announces");
      }
      return Tensor.fromBuffer(
          ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), DType.UINT8, shape);
    } catch (EOFException e) {
      throw new IOException(file + " ends within its header", e);
    }
  }

  /** By the first two bytes, whatever the name. */
  private static InputStream unzipped(InputStream raw) throws IOException {
    raw.mark(2);
    boolean zipped = raw.read() == 0x1F && raw.read() == 0x8B;
    raw.reset();
    return zipped ? new GZIPInputStream(raw) : raw;
  }
}
