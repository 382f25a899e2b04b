package dev.flambeau.examples;

import dev.flambeau.DType;
import dev.flambeau.Scope;
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
 *
 * <p>Files are not trusted: memory is asked for when the file is large enough to hold what it
 * announces, and nothing after that is read.
 */
public final class IdxFile {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final int MOST_DIMS = 4;
  private static final int MOST_UNZIPPED = 1032; // bytes out of one: what deflate can do
  private static final double MOST_SIZES = 0x1p57; // of an empty tensor
  private static final int CHUNK_BYTES = 1 << 20;

  private IdxFile() {}

  /**
   * The content: uint8, in the file's shape.
   *
   * @throws IOException when it is no such file, or shorter or longer than it says
   */
  public static Tensor read(Path file) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
      boolean zipped = isZipped(raw);
      long most = Files.size(file) * (zipped ? MOST_UNZIPPED : 1);
      return read(new DataInputStream(zipped ? new GZIPInputStream(raw) : raw), most);
    } catch (EOFException e) {
      throw new IOException(file + " ends within its header", e);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** The content, which must fit into so many bytes. */
  private static Tensor read(DataInputStream in, long most) throws IOException {
    int magic = in.readInt();
    int dims = magic & 0xFF;
    if (magic >>> 8 != UNSIGNED_BYTE || dims < 1 || dims > MOST_DIMS) {
      throw new IOException(
          "no IDX file of unsigned bytes: it begins with 0x" + Integer.toHexString(magic));
    }
    long[] shape = new long[dims];
    long size = 1;
    double sizes = 1; // of all dims that have one
    for (int d = 0; d < dims; d++) {
      shape[d] = Integer.toUnsignedLong(in.readInt());
      sizes *= Math.max(shape[d], 1);
      size = shape[d] > 0 && size > most / shape[d] ? most + 1 : size * shape[d];
    }
    if (size > most || sizes > MOST_SIZES) {
      throw new IOException(
          "it announces more bytes than the " + most + " it may hold; no memory is asked for");
    }
    try {
      Tensor elements = read(in, size, shape);
      if (in.read() >= 0) {
        throw new IOException("it holds more than the " + size + " bytes that it announces");
      }
      return elements;
    } catch (OutOfMemoryError e) {
      throw new IOException("its " + size + " bytes are too much for the memory", e);
    }
  }

  private static Tensor read(InputStream in, long size, long[] shape) throws IOException {
    try (var scope = Scope.open()) {
      Tensor out = scope.keep(Tensor.empty(DType.UINT8, shape));
      Tensor flat = out.view(size);
      byte[] chunk = new byte[(int) Math.min(size, CHUNK_BYTES)];
      ByteBuffer bytes = ByteBuffer.allocateDirect(chunk.length);
      for (long at = 0; at < size; ) {
        int n = read(in, chunk, (int) Math.min(chunk.length, size - at));
        if (n == 0) {
          throw new IOException("it holds fewer than the " + size + " bytes that it announces");
        }
        bytes.clear().put(chunk, 0, n).flip();
        flat.narrow(0, at, n).copy_(Tensor.fromBuffer(bytes, DType.UINT8, n));
        at += n;
      }
      return out;
    }
  }

  /** As many bytes as there are, and at most so many. */
  private static int read(InputStream in, byte[] chunk, int most) throws IOException {
    try {
      return in.readNBytes(chunk, 0, most);
    } catch (EOFException e) {
      return 0; // a zipped stream that is cut short says so
    }
  }

  /** By the first two bytes, whatever the name. */
  private static boolean isZipped(InputStream raw) throws IOException {
    raw.mark(2);
    boolean zipped = raw.read() == 0x1F && raw.read() == 0x8B;
    raw.reset();
    return zipped;
  }
}
