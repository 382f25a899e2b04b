package dev.flambeau.internal.tensor;

import dev.flambeau.internal.memory.NativeCalls;
import dev.flambeau.internal.memory.Reclaimer;
import dev.flambeau.internal.memory.SmallBlocks;
import dev.flambeau.internal.memory.ThreadBlocks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * One block of native memory, shared by a tensor and its views. It counts its holders, which are
 * tensors and the graph nodes that saved one. The block is freed when the last of them releases it,
 * and at the latest when the garbage collector finds this storage unreachable, whatever the count.
 */
public sealed class Storage permits Storage.Foreign {
  private static final VarHandle HOLDERS;
  private static final VarHandle WRITTEN;

  /** Holders of a freed block: so many that no count gets back to what is alive. */
  private static final int FREED = Integer.MIN_VALUE / 2;

  static {
    try {
      var lookup = MethodHandles.lookup();
      HOLDERS = lookup.findVarHandle(Storage.class, "holders", int.class);
      WRITTEN = lookup.findVarHandle(Storage.class, "written", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Graph nodes that copy what they saved before it is overwritten. */
  private static final Map<Storage, Set<Saver>> SAVERS = new WeakHashMap<>();

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
  private final byte slot;
  private boolean written; // in place, by another thread than its maker
  private boolean constant; // no op may write into it
  private volatile boolean watched; // by savers
  final NativeCalls maker; // of the thread that made it; null: nothing to free

  private Storage(
      DeviceContext context,
      long address,
      long bytes,
      Reclaimer.Token token,
      int slot,
      NativeCalls maker) {
    this.context = context;
    this.address = address;
    this.bytes = bytes;
    this.token = token;
    this.slot = (byte) slot;
    this.maker = maker;
  }

  /** Memory that another object owns. */
  static final class Foreign extends Storage {
    private final Object owner; // stays reachable
    private final boolean readOnly;

    private Foreign(
        DeviceContext context, long address, long bytes, Object owner, boolean readOnly) {
      super(context, address, bytes, null, 0, null);
      this.owner = owner;
      this.readOnly = readOnly;
    }

    @Override
    void requireWritable(String op) {
      if (readOnly) {
        throw new IllegalStateException(
            op
                + ": this tensor shares the memory of a read-only buffer (fromBuffer), which cannot be"
                + " changed in place; change a copy()");
      }
    }

    @Override
    void writtenElsewhere() {
      requireWritable("in place");
    }
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
      return new Storage(context, address, bytes, single, single.add(address, block), t.calls);
    }
    // Small blocks share a token, and the collector watches one reference for all of them.
    Reclaimer.Token group = t.groupOf(context.reclaimer);
    if (group == null || group.isFull()) {
      t.group = group = context.reclaimer.newToken(Reclaimer.GROUP);
    }
    return new Storage(context, address, bytes, group, group.add(address, block), t.calls);
  }

  /**
   * Memory that {@code owner} owns, and which is not freed here; the owner stays reachable as long
   * as this.
   */
  static Storage foreign(
      DeviceContext context, long address, long bytes, Object owner, boolean readOnly) {
    return new Foreign(context, address, bytes, owner, readOnly);
  }

  /** Who wants the values as they are now, and is told before a write. */
  public interface Saver {
    /** Copies what it saved of this memory, which is about to change. */
    void copyOf(Storage storage);
  }

  /** Tells a saver before the next write, if it is still there then. */
  public void addSaver(Saver saver) {
    synchronized (SAVERS) {
      SAVERS.computeIfAbsent(this, s -> Collections.newSetFromMap(new WeakHashMap<>(2))).add(saver);
      watched = true;
    }
  }

  /** Forgets a saver. */
  public void removeSaver(Saver saver) {
    synchronized (SAVERS) {
      Set<Saver> known = SAVERS.get(this);
      if (known != null && known.remove(saver) && known.isEmpty()) {
        SAVERS.remove(this);
        watched = false;
      }
    }
  }

  private void tellSavers() {
    List<Saver> all;
    synchronized (SAVERS) {
      Set<Saver> known = SAVERS.remove(this);
      all = known == null ? List.of() : new ArrayList<>(known);
      watched = false;
    }
    for (Saver saver : all) {
      saver.copyOf(this);
    }
  }

  /** Comes before every write by {@code op}: refuses memory that must not be written. */
  void beforeWrite(String op) {
    requireWritable(op);
    if (watched) {
      tellSavers();
    }
  }

  /**
   * One holder more. A thread that takes this hold through a handle looks after that whether the
   * handle still is live, and lets go again if not ({@link TensorHandle#hold}).
   */
  void retain() {
    HOLDERS.getAndAdd(this, 1);
  }

  /**
   * One holder less. The last one needs no atomic decrement: whoever takes a hold meanwhile does so
   * through a handle that was closed before its own hold was released, so he finds it closed and
   * lets go; and as the count is then far below 1, no two holders think they were the last.
   */
  void release() {
    for (int n = (int) HOLDERS.getVolatile(this); n != 1; n = (int) HOLDERS.getVolatile(this)) {
      if (HOLDERS.compareAndSet(this, n, n - 1)) {
        return;
      }
    }
    holders = FREED;
    if (token != null) {
      token.free(slot, maker, (boolean) WRITTEN.getVolatile(this));
    }
  }

  /** Refuses memory that must not be written. */
  void requireWritable(String op) {
    if (constant) {
      throw new IllegalStateException(
          op + ": this tensor is a constant of the library and cannot be changed; use a copy()");
    }
  }

  /**
   * Says that a thread which did not make this is about to write to it. The fence stands between
   * that and the look whether the tensor is live: see {@link NativeCalls}.
   */
  void writtenElsewhere() {
    if (maker != null) {
      WRITTEN.setVolatile(this, true);
      VarHandle.fullFence();
    }
  }

  /** Marks memory that all of the library reads: no op may write into it from now on. */
  public void markConstant() {
    constant = true;
  }

  /** Whether there is one holder only, which may then take the memory over. */
  public boolean isExclusive() {
    return (int) HOLDERS.getVolatile(this) == 1 && !(this instanceof Foreign);
  }
}
