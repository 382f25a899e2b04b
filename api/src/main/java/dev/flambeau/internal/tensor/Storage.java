package dev.flambeau.internal.tensor;

import dev.flambeau.internal.memory.Reclaimer;
import dev.flambeau.internal.memory.SmallBlocks;
import dev.flambeau.internal.memory.ThreadBlocks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

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

  /** Graph nodes that copy what they saved before it is overwritten; null: none. */
  private volatile List<WeakReference<Saver>> savers;

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
    if (bytes <= 0) {
      if (bytes < 0) {
        throw new IllegalArgumentException("a tensor cannot have " + bytes + " bytes");
      }
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

  /** Who wants the values as they are now, and is told before a write. */
  public interface Saver {
    /** Copies what it saved of this memory, which is about to change. */
    void copyOf(Storage storage);
  }

  /** Tells a saver before the next write, if it is still there then. */
  public synchronized void addSaver(Saver saver) {
    List<WeakReference<Saver>> known = savers;
    if (known == null) {
      savers = known = new ArrayList<>(1);
    }
    known.removeIf(s -> s.get() == null);
    known.add(new WeakReference<>(saver));
  }

  /** Forgets a saver. */
  public synchronized void removeSaver(Saver saver) {
    if (savers != null) {
      savers.removeIf(s -> s.get() == null || s.get() == saver);
    }
  }

  private synchronized void tellSavers() {
    List<WeakReference<Saver>> all = savers;
    savers = null;
    if (all != null) {
      for (WeakReference<Saver> s : all) {
        Saver saver = s.get();
        if (saver != null) {
          saver.copyOf(this);
        }
      }
    }
  }

  /** Comes before every write by a program's op. */
  void beforeWrite() {
    if (savers != null) {
      tellSavers();
    }
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
