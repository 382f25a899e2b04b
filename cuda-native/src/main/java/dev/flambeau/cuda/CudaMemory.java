package dev.flambeau.cuda;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Const;
import org.bytedeco.javacpp.annotation.CriticalRegion;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.annotation.Raw;

/**
 * One GPU's memory. Copies go through pinned memory in pieces: several threads copy memory of the
 * host; an array is held in a critical region (which blocks the garbage collector) only while a
 * piece is copied on the host, never while anything waits for the GPU. Copies to the device return
 * once they are queued; copies from it wait, and report what went wrong on the device meanwhile.
 */
@Properties(inherit = CudaLibrary.class)
@NoException
final class CudaMemory implements Memory {
  private static final int LIVE = 0, CACHED = 1;
  private static final long PIECE = CudaKernels.STAGING_BYTES;
  private static final long SMALL = 4096; // above what the api reuses by itself

  private final int index;
  private final CudaKernels kernels;

  CudaMemory(int index, CudaKernels kernels) {
    this.index = index;
    this.kernels = kernels;
  }

  @Override
  public boolean isHost() {
    return false;
  }

  @Override
  public long allocate(long bytes) {
    long address = allocateOn(index, bytes);
    if (address == 0) {
      int status = valueStatus();
      if (status != Kernels.OUT_OF_MEMORY) { // the caller may free some and try again
        throw failure("allocate", status);
      }
    }
    return address;
  }

  @Override
  public String shortage() {
    return kernels.lastError();
  }

  @Override
  @Name("fl_free")
  public native void free(long address, long bytes);

  @Override
  public long totalBytes() {
    return checked("memory", deviceBytes(index));
  }

  @Override
  public long liveBytes() {
    check("memory", CudaLibrary.select(index));
    return checked("memory", count(LIVE));
  }

  @Override
  public long cachedBytes() {
    check("memory", CudaLibrary.select(index));
    return checked("memory", count(CACHED));
  }

  @Override
  public void trim() {
    check("trim", CudaLibrary.select(index));
    trimSelected();
    check("trim", valueStatus());
  }

  @Override
  public double readDouble(int dtype, long address) {
    double value = read(dtype, address);
    check("read", valueStatus());
    return value;
  }

  @Override
  public long readLong(int dtype, long address) {
    return checked("read", readInteger(dtype, address));
  }

  @Override
  public long addressOf(ByteBuffer direct) {
    if (!direct.isDirect()) {
      throw new IllegalArgumentException("addressOf: needs a direct buffer; got " + direct);
    }
    return address(direct);
  }

  /** Copies bytes [offset, offset + bytes) of an array to or from a piece. */
  private interface Piece {
    void copy(long staged, long offset, long bytes);
  }

  private void send(long target, long bytes, Piece piece) {
    check("upload", CudaLibrary.select(index));
    for (long done = 0; done < bytes; done += PIECE) {
      long size = Math.min(PIECE, bytes - done);
      long staged = stage(size);
      if (staged == 0) {
        throw failure("upload", valueStatus());
      }
      piece.copy(staged, done, size);
      check("upload", send(target + done, staged, size));
    }
  }

  private void fetch(long source, long bytes, Piece piece) {
    check("download", CudaLibrary.select(index));
    for (long done = 0; done < bytes; done += PIECE) {
      long size = Math.min(PIECE, bytes - done);
      long staged = stage(size);
      if (staged == 0) {
        throw failure("download", valueStatus());
      }
      try {
        check("download", fetch(staged, source + done, size));
        piece.copy(staged, done, size);
      } finally {
        unstage(staged);
      }
    }
  }

  @Override
  public void upload(long target, long host, long bytes) {
    check("upload", uploadHost(target, host, bytes));
  }

  @Override
  public void uploadBeside(long target, long host, long bytes) {
    // Small blocks are reused without a call of the library, so no copy may still write to them.
    check(
        "upload",
        bytes > SMALL ? uploadHostBeside(target, host, bytes) : uploadHost(target, host, bytes));
  }

  @Override
  public void join() {
    check("upload", CudaLibrary.select(index));
    check("upload", joinSelected());
  }

  @Override
  public void download(long host, long source, long bytes) {
    check("download", downloadHost(host, source, bytes));
  }

  /** The value that a call returned, unless the call failed. */
  private long checked(String op, long value) {
    check(op, valueStatus());
    return value;
  }

  private void check(String op, int status) {
    if (status != Kernels.OK) {
      throw failure(op, status);
    }
  }

  private RuntimeException failure(String op, int status) {
    String reason = kernels.lastError();
    return switch (status) {
      case Kernels.BAD_INDEX -> new IndexOutOfBoundsException(reason);
      case Kernels.DIVIDE_BY_ZERO -> new ArithmeticException(reason);
      case Kernels.UNSUPPORTED -> new IllegalArgumentException(reason);
      default -> new IllegalStateException(op + " on cuda:" + index + ": " + reason);
    };
  }

  @Override
  public void upload(long target, float[] source) {
    send(
        target,
        (long) source.length * Float.BYTES,
        (staged, at, size) -> copyIn(staged, source, at, size));
  }

  @Override
  public void upload(long target, double[] source) {
    send(
        target,
        (long) source.length * Double.BYTES,
        (staged, at, size) -> copyIn(staged, source, at, size));
  }

  @Override
  public void upload(long target, long[] source) {
    send(
        target,
        (long) source.length * Long.BYTES,
        (staged, at, size) -> copyIn(staged, source, at, size));
  }

  @Override
  public void upload(long target, int[] source) {
    send(
        target,
        (long) source.length * Integer.BYTES,
        (staged, at, size) -> copyIn(staged, source, at, size));
  }

  @Override
  public void upload(long target, byte[] source) {
    send(target, source.length, (staged, at, size) -> copyIn(staged, source, at, size));
  }

  @Override
  public void upload(long target, boolean[] source) {
    send(target, source.length, (staged, at, size) -> copyIn(staged, source, at, size));
  }

  @Override
  public void download(float[] target, long source) {
    fetch(
        source,
        (long) target.length * Float.BYTES,
        (staged, at, size) -> copyOut(target, at, staged, size));
  }

  @Override
  public void download(double[] target, long source) {
    fetch(
        source,
        (long) target.length * Double.BYTES,
        (staged, at, size) -> copyOut(target, at, staged, size));
  }

  @Override
  public void download(long[] target, long source) {
    fetch(
        source,
        (long) target.length * Long.BYTES,
        (staged, at, size) -> copyOut(target, at, staged, size));
  }

  @Override
  public void download(int[] target, long source) {
    fetch(
        source,
        (long) target.length * Integer.BYTES,
        (staged, at, size) -> copyOut(target, at, staged, size));
  }

  @Override
  public void download(byte[] target, long source) {
    fetch(source, target.length, (staged, at, size) -> copyOut(target, at, staged, size));
  }

  @Override
  public void download(boolean[] target, long source) {
    fetch(source, target.length, (staged, at, size) -> copyOut(target, at, staged, size));
  }

  // JNI's own function: a Buffer that JavaCPP converts would have its position added.
  @Name("env->GetDirectBufferAddress")
  private static native @Cast("jlong") long address(@Raw Object direct);

  @Name("fl_allocate_on")
  private static native long allocateOn(int device, long bytes);

  @Name("fl_device_bytes")
  private static native long deviceBytes(int device);

  @Name("fl_memory")
  private static native long count(int what);

  @Name("fl_trim")
  private static native void trimSelected();

  @Name("fl_read_double")
  private static native double read(int dtype, long address);

  @Name("fl_read_long")
  private static native long readInteger(int dtype, long address);

  @Name("fl_value_status")
  private static native int valueStatus();

  @Name("fl_stage")
  private static native long stage(long bytes);

  @Name("fl_unstage")
  private static native void unstage(long staged);

  @Name("fl_send")
  private static native int send(long target, long staged, long bytes);

  @Name("fl_join")
  private static native int joinSelected();

  @Name("fl_fetch")
  private static native int fetch(long staged, long source, long bytes);

  @Name("fl_upload")
  private static native int uploadHost(long target, @Cast("const void*") long source, long bytes);

  @Name("fl_upload_beside")
  private static native int uploadHostBeside(
      long target, @Cast("const void*") long source, long bytes);

  @Name("fl_download")
  private static native int downloadHost(@Cast("void*") long target, long source, long bytes);

  @CriticalRegion
  @Name("fl_copy_in")
  private static native void copyIn(long staged, @Const float[] source, long offset, long bytes);

  @CriticalRegion
  @Name("fl_copy_in")
  private static native void copyIn(long staged, @Const double[] source, long offset, long bytes);

  @CriticalRegion
  @Name("fl_copy_in")
  private static native void copyIn(long staged, @Const long[] source, long offset, long bytes);

  @CriticalRegion
  @Name("fl_copy_in")
  private static native void copyIn(long staged, @Const int[] source, long offset, long bytes);

  @CriticalRegion
  @Name("fl_copy_in")
  private static native void copyIn(long staged, @Const byte[] source, long offset, long bytes);

  @CriticalRegion
  @Name("fl_copy_in")
  private static native void copyIn(long staged, @Const boolean[] source, long offset, long bytes);

  @CriticalRegion
  @Name("fl_copy_out")
  private static native void copyOut(float[] target, long offset, long staged, long bytes);

  @CriticalRegion
  @Name("fl_copy_out")
  private static native void copyOut(double[] target, long offset, long staged, long bytes);

  @CriticalRegion
  @Name("fl_copy_out")
  private static native void copyOut(long[] target, long offset, long staged, long bytes);

  @CriticalRegion
  @Name("fl_copy_out")
  private static native void copyOut(int[] target, long offset, long staged, long bytes);

  @CriticalRegion
  @Name("fl_copy_out")
  private static native void copyOut(byte[] target, long offset, long staged, long bytes);

  @CriticalRegion
  @Name("fl_copy_out")
  private static native void copyOut(boolean[] target, long offset, long staged, long bytes);
}
