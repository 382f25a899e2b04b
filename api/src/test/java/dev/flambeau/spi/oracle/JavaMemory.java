package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory in Java arrays: an address is a block's number in the high half and an offset in the low
 * half. Every access is checked against its block, and a number is never given twice, so that use
 * after free is always caught.
 */
public final class JavaMemory implements Memory {
  /** Fills undefined contents: as a float 3.4e38, which no correct result is made of. */
  private static final byte POISON = 0x7F;

  /** Where the numbers of a device's blocks begin: no address of theirs is one of the host's. */
  private static final int FIRST_DEVICE_ID = 1 << 28;

  private final ConcurrentMap<Integer, Block> blocks = new ConcurrentHashMap<>();
  private final ConcurrentMap<HostKey, Integer> hostIds = new ConcurrentHashMap<>();
  private final ReferenceQueue<ByteBuffer> collected = new ReferenceQueue<>();
  private final AtomicInteger lastId;
  private final AtomicLong live = new AtomicLong();
  private final Memory host;

  /** Host memory itself. */
  public JavaMemory() {
    host = this;
    lastId = new AtomicInteger();
  }

  /**
   * The memory of a device beside a host: an address of the one is invalid in the other, so that
   * mixing them up fails.
   */
  JavaMemory(Memory host) {
    this.host = host;
    lastId = new AtomicInteger(FIRST_DEVICE_ID);
  }

  /** Something that has bytes, as long as they exist. */
  private interface Block {
    /** The bytes in native order, or null when their owner is gone. */
    ByteBuffer bytes();
  }

  /** A block of our own; its bytes live until it is freed. */
  private record Allocated(ByteBuffer bytes, long size) implements Block {}

  /**
   * A caller's direct buffer, held weakly: keeping it alive is the caller's duty, and this tests
   * it.
   */
  private record Host(WeakReference<ByteBuffer> buffer) implements Block {
    @Override
    public ByteBuffer bytes() {
      ByteBuffer direct = buffer.get();
      return direct == null ? null : direct.duplicate().clear().order(ByteOrder.nativeOrder());
    }
  }

  /** A direct buffer by identity. */
  private static final class HostKey extends WeakReference<ByteBuffer> {
    private final int hash;

    HostKey(ByteBuffer buffer, ReferenceQueue<ByteBuffer> queue) {
      super(buffer, queue);
      hash = System.identityHashCode(buffer);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      ByteBuffer buffer = get();
      return other == this || other instanceof HostKey key && buffer != null && key.get() == buffer;
    }
  }

  @Override
  public long allocate(long bytes) {
    if (bytes < 0 || bytes > Integer.MAX_VALUE - 8) {
      return 0;
    }
    byte[] contents;
    try {
      contents = new byte[(int) bytes];
    } catch (OutOfMemoryError e) {
      return 0;
    }
    Arrays.fill(contents, POISON);
    ByteBuffer buffer = ByteBuffer.wrap(contents).order(ByteOrder.nativeOrder());
    live.addAndGet(bytes);
    return register(new Allocated(buffer, bytes));
  }

  @Override
  public void free(long address, long bytes) {
    Block block = blocks.remove(id(address));
    if (!(block instanceof Allocated own) || (int) address != 0) {
      throw new IllegalStateException("free: no block begins at " + show(address));
    }
    if (own.size != bytes) {
      throw new IllegalStateException(
          "free: the block has " + own.size + " bytes, the caller says " + bytes);
    }
    live.addAndGet(-bytes);
  }

  @Override
  public long liveBytes() {
    return live.get();
  }

  @Override
  public long cachedBytes() {
    return 0;
  }

  @Override
  public void trim() {
    dropCollected();
  }

  @Override
  public boolean isHost() {
    return host == this;
  }

  @Override
  public void upload(long target, long source, long bytes) {
    byte[] copy = new byte[Math.toIntExact(bytes)];
    host.download(copy, source);
    upload(target, copy);
  }

  @Override
  public void download(long target, long source, long bytes) {
    byte[] copy = new byte[Math.toIntExact(bytes)];
    download(copy, source);
    host.upload(target, copy);
  }

  @Override
  public void upload(long target, float[] source) {
    slice(target, 4L * source.length).asFloatBuffer().put(source);
  }

  @Override
  public void upload(long target, double[] source) {
    slice(target, 8L * source.length).asDoubleBuffer().put(source);
  }

  @Override
  public void upload(long target, long[] source) {
    slice(target, 8L * source.length).asLongBuffer().put(source);
  }

  @Override
  public void upload(long target, int[] source) {
    slice(target, 4L * source.length).asIntBuffer().put(source);
  }

  @Override
  public void upload(long target, byte[] source) {
    slice(target, source.length).put(source);
  }

  @Override
  public void upload(long target, boolean[] source) {
    ByteBuffer bytes = slice(target, source.length);
    for (boolean value : source) {
      bytes.put((byte) (value ? 1 : 0));
    }
  }

  @Override
  public void download(float[] target, long source) {
    slice(source, 4L * target.length).asFloatBuffer().get(target);
  }

  @Override
  public void download(double[] target, long source) {
    slice(source, 8L * target.length).asDoubleBuffer().get(target);
  }

  @Override
  public void download(long[] target, long source) {
    slice(source, 8L * target.length).asLongBuffer().get(target);
  }

  @Override
  public void download(int[] target, long source) {
    slice(source, 4L * target.length).asIntBuffer().get(target);
  }

  @Override
  public void download(byte[] target, long source) {
    slice(source, target.length).get(target);
  }

  @Override
  public void download(boolean[] target, long source) {
    ByteBuffer bytes = slice(source, target.length);
    for (int i = 0; i < target.length; i++) {
      target[i] = bytes.get() != 0;
    }
  }

  @Override
  public double readDouble(int dtype, long address) {
    return stored(dtype, address).get(0);
  }

  @Override
  public long readLong(int dtype, long address) {
    return stored(dtype, address).getLong(0);
  }

  @Override
  public long addressOf(ByteBuffer direct) {
    if (!direct.isDirect()) {
      throw new IllegalArgumentException("addressOf: needs a direct buffer, not " + direct);
    }
    dropCollected();
    HostKey key = new HostKey(direct, collected);
    Integer known = hostIds.get(key);
    if (known == null) {
      known = hostIds.computeIfAbsent(key, k -> id(register(new Host(k))));
    }
    return (long) known << 32;
  }

  /**
   * The elements from an address on, to compute with: a refusal for float16 and bfloat16, which are
   * moved and converted only.
   */
  public Elements elements(int dtype, long address) {
    if (DtypeInfo.isHalf(dtype)) {
      throw Refusal.half(dtype);
    }
    return stored(dtype, address);
  }

  /** The elements from an address on, of any dtype, to move or convert. */
  Elements stored(int dtype, long address) {
    return Elements.of(dtype, bytes(address), (int) address);
  }

  /**
   * One element outside all blocks, given as {@code fill} is: a double's bits for floating types,
   * else an integer.
   */
  Elements scalar(int dtype, long value) {
    Elements element = Elements.of(dtype, ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()), 0);
    if (DtypeInfo.isFloating(dtype)) {
      element.set(0, Double.longBitsToDouble(value));
    } else {
      element.setLong(0, value);
    }
    return element;
  }

  /** The geometry table at an address. */
  Geometry geometry(long address, int operands) {
    return Geometry.read(elements(Kernels.INT64, address), operands);
  }

  private ByteBuffer slice(long address, long bytes) {
    if (bytes == 0) {
      return ByteBuffer.allocate(0);
    }
    return bytes(address)
        .slice((int) address, Math.toIntExact(bytes))
        .order(ByteOrder.nativeOrder());
  }

  private ByteBuffer bytes(long address) {
    Block block = blocks.get(id(address));
    ByteBuffer bytes = block == null ? null : block.bytes();
    if (bytes == null) {
      throw new IllegalStateException(
          "nothing lives at " + show(address) + ": freed, or never was");
    }
    return bytes;
  }

  private long register(Block block) {
    int id = lastId.incrementAndGet();
    if (id < 0) {
      throw new IllegalStateException("all block numbers are used up");
    }
    blocks.put(id, block);
    return (long) id << 32;
  }

  private void dropCollected() {
    for (var gone = collected.poll(); gone != null; gone = collected.poll()) {
      if (gone instanceof HostKey key) {
        Integer id = hostIds.remove(key);
        if (id != null) {
          blocks.remove(id);
        }
      }
    }
  }

  private static int id(long address) {
    return (int) (address >>> 32);
  }

  private static String show(long address) {
    return "block " + id(address) + " + " + (address & 0xFFFFFFFFL);
  }
}
