package dev.flambeau.internal.tensor;

import dev.flambeau.internal.memory.Reclaimer;
import dev.flambeau.internal.memory.SmallBlocks;
import dev.flambeau.internal.memory.ThreadBlocks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One block of native memory, shared by a tensor and its views. It counts its holders, which are
 * tensors and the graph nodes that saved one. The block is freed when the last of them releases it,
 * and at the latest when the garbage collector finds this storage unreachable, whatever the count.
 */
public final class Storage {
  private static final VarHandle HOLDERS;

  static {
    try {
      HOLDERS = MethodHandles.lookup().findVarHandle(Storage.class, "holders", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final Object CONSTANT = new Object(); // who owns it

  final DeviceContext context;
  final long address;
  public final long bytes;

  /** Counts the writes, so that autograd sees when something it saved was changed. */
  int version;

  /** The op that wrote last, for messages. */
  public String writer;

  // Not volatile: its first value needs no fence, and later ones go through the handle.
  private int holders = 1;
  private final Reclaimer.Token token; // null: nothing to free
  private final int slot;
  private Object owner; // the owner of foreign memory

  private Storage(
      DeviceContext context,
      long address,
      long bytes,
      Reclaimer.Token token,
      int slot,
      Object owner) {
    this.context = context;
    this.address = address;
    this.bytes = bytes;
    this.token = token;
    this.slot = slot;
    this.owner = owner;
  }

  /** A new block; its contents are undefined. */
  static Storage allocate(ThreadBlocks t, DeviceContext context, long bytes) {
    if (bytes == 0) {
      return new Storage(context, 0, 0, null, 0, null);
    }
    long block = SmallBlocks.blockBytes(bytes);
    long address = context.reclaimer.allocate(t, block);
    if (bytes > Reclaimer.SMALL) {
      Reclaimer.Token single = context.reclaimer.newToken(1);
      return new Storage(context, address, bytes, single, single.add(address, block), null);
    }
    // Small blocks share a token, and the collector watches one reference for all of them.
    Reclaimer.Token group = t.groupOf(context.reclaimer);
    if (group == null || group.isFull()) {
      t.group = group = context.reclaimer.newToken(Reclaimer.GROUP);
    }
    return new Storage(context, address, bytes, group, group.add(address, block), null);
  }

  /**
   * Memory that {@code owner} owns, and which is not freed here; the owner stays reachable as long
   * as this.
   */
  static Storage foreign(DeviceContext context, long address, long bytes, Object owner) {
    return new Storage(context, address, bytes, null, 0, owner);
  }

  void retain() {
    HOLDERS.getAndAdd(this, 1);
  }

  void release() {
    // A count of one needs no atomic decrement: no other thread has a hold to release.
    boolean last = (int) HOLDERS.getAcquire(this) == 1 || (int) HOLDERS.getAndAdd(this, -1) == 1;
    if (last && token != null) {
      token.free(slot);
    }
  }

  /** Marks memory that all of the library reads: no op may write into it from now on. */
  public void markConstant() {
    owner = CONSTANT;
  }

  /** Whether no op may write into this memory. */
  public boolean isConstant() {
    return owner == CONSTANT;
  }

  /** Whether there is one holder only, which may then take the memory over. */
  public boolean isExclusive() {
    return (int) HOLDERS.getVolatile(this) == 1 && owner == null;
  }
}
