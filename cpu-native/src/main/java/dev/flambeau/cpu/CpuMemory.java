package dev.flambeau.cpu;

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
 * The caching allocator, and copies to and from Java. Arrays are read and written in place, inside
 * a critical region: nothing is copied twice.
 */
@Properties(inherit = CpuLibrary.class)
@NoException
final class CpuMemory implements Memory {
  private static final int LIVE = 0, CACHED = 1, EXCESS = 3;

  @Override
  @Name("fl_allocate")
  public native long allocate(long bytes);

  @Override
  @Name("fl_free")
  public native void free(long address, long bytes);

  @Override
  public long liveBytes() {
    return count(LIVE);
  }

  @Override
  public long cachedBytes() {
    return count(CACHED);
  }

  @Override
  @Name("fl_trim")
  public native void trim();

  @Override
  public boolean freesToSystem() {
    return false;
  }

  @Override
  public long detach(boolean all) {
    return detach(all ? 1 : 0);
  }

  @Override
  @Name("fl_give_back")
  public native void giveBack(long ticket);

  @Override
  public long excessBytes() {
    return count(EXCESS);
  }

  @Override
  public boolean hasBarrier() {
    return barrier(0) != 0;
  }

  @Override
  public boolean barrier() {
    return barrier(1) != 0;
  }

  @Override
  @Name("fl_read_double")
  public native double readDouble(int dtype, long address);

  @Override
  @Name("fl_read_long")
  public native long readLong(int dtype, long address);

  @Override
  public long addressOf(ByteBuffer direct) {
    if (!direct.isDirect()) {
      throw new IllegalArgumentException("addressOf: needs a direct buffer; got " + direct);
    }
    return address(direct);
  }

  @Override
  @Name("fl_upload")
  public native void upload(long target, @Cast("const void*") long host, long bytes);

  @Override
  @Name("fl_download")
  public native void download(@Cast("void*") long host, long source, long bytes);

  @Override
  public void upload(long target, float[] source) {
    upload(target, source, (long) source.length * Float.BYTES);
  }

  @Override
  public void upload(long target, double[] source) {
    upload(target, source, (long) source.length * Double.BYTES);
  }

  @Override
  public void upload(long target, long[] source) {
    upload(target, source, (long) source.length * Long.BYTES);
  }

  @Override
  public void upload(long target, int[] source) {
    upload(target, source, (long) source.length * Integer.BYTES);
  }

  @Override
  public void upload(long target, byte[] source) {
    upload(target, source, source.length);
  }

  @Override
  public void upload(long target, boolean[] source) {
    upload(target, source, source.length);
  }

  @Override
  public void download(float[] target, long source) {
    download(target, source, (long) target.length * Float.BYTES);
  }

  @Override
  public void download(double[] target, long source) {
    download(target, source, (long) target.length * Double.BYTES);
  }

  @Override
  public void download(long[] target, long source) {
    download(target, source, (long) target.length * Long.BYTES);
  }

  @Override
  public void download(int[] target, long source) {
    download(target, source, (long) target.length * Integer.BYTES);
  }

  @Override
  public void download(byte[] target, long source) {
    download(target, source, target.length);
  }

  @Override
  public void download(boolean[] target, long source) {
    download(target, source, target.length);
  }

  // JNI's own function: a Buffer that JavaCPP converts would have its position added.
  @Name("env->GetDirectBufferAddress")
  private static native @Cast("jlong") long address(@Raw Object direct);

  @Name("fl_memory")
  private static native long count(int what);

  @Name("fl_detach")
  private static native long detach(int all);

  @Name("fl_barrier")
  private static native int barrier(int make);

  @CriticalRegion
  @Name("fl_upload")
  private static native int upload(long target, @Const float[] source, long bytes);

  @CriticalRegion
  @Name("fl_upload")
  private static native int upload(long target, @Const double[] source, long bytes);

  @CriticalRegion
  @Name("fl_upload")
  private static native int upload(long target, @Const long[] source, long bytes);

  @CriticalRegion
  @Name("fl_upload")
  private static native int upload(long target, @Const int[] source, long bytes);

  @CriticalRegion
  @Name("fl_upload")
  private static native int upload(long target, @Const byte[] source, long bytes);

  @CriticalRegion
  @Name("fl_upload")
  private static native int upload(long target, @Const boolean[] source, long bytes);

  @CriticalRegion
  @Name("fl_download")
  private static native int download(float[] target, long source, long bytes);

  @CriticalRegion
  @Name("fl_download")
  private static native int download(double[] target, long source, long bytes);

  @CriticalRegion
  @Name("fl_download")
  private static native int download(long[] target, long source, long bytes);

  @CriticalRegion
  @Name("fl_download")
  private static native int download(int[] target, long source, long bytes);

  @CriticalRegion
  @Name("fl_download")
  private static native int download(byte[] target, long source, long bytes);

  @CriticalRegion
  @Name("fl_download")
  private static native int download(boolean[] target, long source, long bytes);
}
