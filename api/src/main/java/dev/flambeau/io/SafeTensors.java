package dev.flambeau.io;

import dev.flambeau.DType;
import dev.flambeau.Scope;
import dev.flambeau.Shape;
import dev.flambeau.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named tensors in a <a href="https://github.com/huggingface/safetensors">safetensors</a> file, bit
 * for bit, as Python and others read and write them:
 *
 * <pre>{@code
 * SafeTensors.save(path, model.stateDict());
 * model.loadStateDict(SafeTensors.load(path));
 * }</pre>
 *
 * Types are those of {@link DType}, all of them. Files are not trusted: what does not hold together
 * is refused with an {@link IOException} that says why, before memory is allocated.
 *
 * @param tensors by name, in the order of their bytes; no scope frees them
 * @param metadata texts that came along
 */
public record SafeTensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  private static final int CHUNK_BYTES = 4 << 20;

  /**
   * Writes tensors, as {@link #save(Path, Map, Map)} does, without texts.
   *
   * @throws IllegalArgumentException for a tensor that is null or named {@code __metadata__}
   * @throws IOException if the file cannot be written
   */
  public static void save(Path path, Map<String, Tensor> tensors) throws IOException {
    save(path, tensors, Map.of());
  }

  /**
   * Writes tensors and texts to a file beside {@code path}, then moves it there: {@code path} has
   * the old content or the new, never a part. Where {@code path} is a symbolic link, it stays, and
   * the file that it points to is the one written. A file that a killed program left beside it
   * ({@code .name.UUID.tmp}) is removed; what another program is writing is not.
   *
   * @throws IllegalArgumentException for a tensor that is null or named {@code __metadata__}
   * @throws IOException if it cannot be written
   */
  public static void save(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    WholeFile.write(path, out -> write(out, tensors, metadata));
  }

  /**
   * The bytes that a file would have.
   *
   * @throws IllegalArgumentException for a tensor that is null or named {@code __metadata__}
   */
  public static byte[] toBytes(Map<String, Tensor> tensors, Map<String, String> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      write(Channels.newChannel(out), tensors, metadata);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /**
   * Reads the tensors of a file.
   *
   * @throws IOException if it cannot be read or does not hold together
   */
  public static Map<String, Tensor> load(Path path) throws IOException {
    return read(path).tensors();
  }

  /**
   * Reads the tensors and texts of a file.
   *
   * @throws IOException if it cannot be read or does not hold together
   */
  public static SafeTensors read(Path path) throws IOException {
    try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
      return read(in, in.size(), path.toString());
    }
  }

  /**
   * Reads what {@link #toBytes} gave.
   *
   * @throws IOException if the bytes do not hold together
   */
  public static SafeTensors fromBytes(byte[] bytes) throws IOException {
    return read(Channels.newChannel(new ByteArrayInputStream(bytes)), bytes.length, "the bytes");
  }

  // ---- writing

  private static void write(
      WritableByteChannel out, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<Header.Entry> entries = layOut(tensors);
    byte[] header = new Header(entries, metadata).toBytes();
    if (header.length > Header.MAX_BYTES) {
      throw new IllegalArgumentException(
          "safetensors: a header of " + header.length + " bytes; at most " + Header.MAX_BYTES);
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    writeAll(out, length.putLong(0, header.length));
    writeAll(out, ByteBuffer.wrap(header));
    for (Header.Entry e : entries) {
      writeElements(out, tensors.get(e.name()));
    }
  }

  /** Wide types first, so that all are aligned, then by name: the reference's order. */
  private static List<Header.Entry> layOut(Map<String, Tensor> tensors) {
    List<Map.Entry<String, Tensor>> sorted = new ArrayList<>(tensors.entrySet());
    for (Map.Entry<String, Tensor> e : sorted) {
      if (e.getKey().equals(Header.METADATA)) {
        throw new IllegalArgumentException(
            "safetensors: the name " + Header.METADATA + " is taken; choose another");
      }
      if (e.getValue() == null) {
        throw new IllegalArgumentException("safetensors: " + e.getKey() + " is null");
      }
    }
    sorted.sort(
        Comparator.comparingInt((Map.Entry<String, Tensor> e) -> -Header.rank(e.getValue().dtype()))
            .thenComparing(Map.Entry::getKey));
    List<Header.Entry> out = new ArrayList<>();
    long at = 0;
    for (Map.Entry<String, Tensor> e : sorted) {
      Tensor t = e.getValue();
      long end = at + t.numel() * t.dtype().bytes();
      out.add(new Header.Entry(e.getKey(), t.dtype(), t.shape(), at, end));
      at = end;
    }
    return out;
  }

  private static void writeElements(WritableByteChannel out, Tensor t) throws IOException {
    int step = CHUNK_BYTES / t.dtype().bytes();
    try (var scope = Scope.open()) {
      Tensor flat = t.detach().contiguous().view(t.numel());
      for (long i = 0; i < t.numel(); i += step) {
        long n = Math.min(step, t.numel() - i);
        writeAll(out, ByteBuffer.wrap(flat.narrow(0, i, n).toByteArray()));
      }
    }
  }

  private static void writeAll(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  // ---- reading

  private static SafeTensors read(ReadableByteChannel in, long size, String source)
      throws IOException {
    try {
      return read(in, size);
    } catch (IOException e) {
      throw new IOException("safetensors: cannot read " + source + ": " + e.getMessage(), e);
    }
  }

  private static SafeTensors read(ReadableByteChannel in, long size) throws IOException {
    if (size < Long.BYTES) {
      throw new IOException("it has " + size + " bytes, too few for a header");
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readAll(in, length);
    long headerBytes = length.getLong(0);
    if (headerBytes < 0 || headerBytes > Header.MAX_BYTES) {
      throw new IOException(
          "it announces a header of "
              + Long.toUnsignedString(headerBytes)
              + " bytes; at most "
              + Header.MAX_BYTES
              + " are read");
    }
    long dataBytes = size - Long.BYTES - headerBytes;
    if (dataBytes < 0) {
      throw new IOException(
          "it announces a header of " + headerBytes + " bytes, but has only " + size);
    }
    byte[] json = new byte[(int) headerBytes];
    readAll(in, ByteBuffer.wrap(json));
    Header header = Header.parse(json, dataBytes);
    int chunkBytes = (int) Math.max(Long.BYTES, Math.min(CHUNK_BYTES, dataBytes));
    ByteBuffer chunk = ByteBuffer.allocateDirect(chunkBytes).order(ByteOrder.LITTLE_ENDIAN);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Header.Entry e : header.entries()) {
      tensors.put(e.name(), readElements(in, e.name(), e.dtype(), e.shape(), chunk));
    }
    return new SafeTensors(tensors, header.metadata());
  }

  private static Tensor readElements(
      ReadableByteChannel in, String name, DType type, Shape shape, ByteBuffer chunk)
      throws IOException {
    try (var scope = Scope.open()) {
      Tensor out = Tensor.empty(type, shape.toArray()).escape();
      long total = shape.numel();
      Tensor flat = out.view(total);
      long step = chunk.capacity() / type.bytes();
      for (long i = 0; i < total; i += step) {
        long n = Math.min(step, total - i);
        chunk.clear().limit((int) (n * type.bytes()));
        readAll(in, chunk);
        chunk.flip();
        if (type == DType.BOOL) {
          checkBooleans(name, chunk);
        }
        flat.narrow(0, i, n).copy_(Tensor.fromBuffer(chunk, type, n));
      }
      return out;
    }
  }

  private static void checkBooleans(String name, ByteBuffer bytes) throws IOException {
    for (int i = 0; i < bytes.limit(); i++) {
      if ((bytes.get(i) & ~1) != 0) {
        throw new IOException(
            "tensor " + name + " is bool, but has a byte " + (bytes.get(i) & 0xff));
      }
    }
  }

  private static void readAll(ReadableByteChannel in, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (in.read(bytes) < 0) {
        throw new EOFException("it ends early");
      }
    }
  }
}
