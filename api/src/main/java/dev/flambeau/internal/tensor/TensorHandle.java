package dev.flambeau.internal.tensor;

import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Shape;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.memory.NativeCalls;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The part of a tensor that refers to memory: its storage, its layout, and whether it still holds
 * the storage. The static methods read this of any tensor.
 */
public abstract sealed class TensorHandle extends Tensor permits TensorImpl {
  /** Whether the handle still holds its storage, and if not, what released it. */
  public enum State {
    LIVE(""),
    CHANGING("setData gives it memory of the same layout and dtype"),
    MOVING("setData gives it memory of another layout or dtype"),
    MOVED("setData met other threads that computed without a pause"),
    CLOSED("close() was called on it"),
    SCOPE("the scope it was made in has ended; scope.keep(tensor) keeps it"),
    BACKWARD("backward freed it; call it with retainGraph, or use retainGrad()"),
    REPLACED("its owner replaced it; copy() what must stay");

    final String reason;

    State(String reason) {
      this.reason = reason;
    }
  }

  private static final long PATIENCE = 10_000_000_000L; // ns, for the ops of other threads

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(TensorHandle.class, "state", State.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  static final int REQUIRES_GRAD = 1;
  static final int PARAMETER = 2;
  static final int ESCAPED = 4;
  static final int RETAINS_GRAD = 16;

  // Of a gradient: the program has it, so that zeroGrad does not free it; the program gave it, so
  // that backward does not add to it in place.
  static final int GRAD_TAKEN = 8;
  static final int GRAD_GIVEN = 32;

  // Only replace changes these three.
  Storage storage;
  Layout layout;
  DType dtype;

  // Not volatile: only the change from LIVE must be seen by one thread alone, and goes through the
  // handle.
  private State state = State.LIVE;

  int flags;

  private int keptBy; // depth of the outermost scope that keeps this; 0: none

  TensorHandle(Storage storage, Layout layout, DType dtype, int flags) {
    this.storage = storage;
    this.layout = layout;
    this.dtype = dtype;
    this.flags = flags;
  }

  // ---- what it is

  @Override
  public Shape shape() {
    return Shape.of(layout.sizes);
  }

  @Override
  public long size(int dim) {
    if (layout.sizes.length == 0) {
      throw new IndexOutOfBoundsException("size: a 0-d tensor has no dim " + dim);
    }
    return layout.sizes[Dims.wrap("size", dim, layout.sizes.length)];
  }

  @Override
  public int dim() {
    return layout.sizes.length;
  }

  @Override
  public long numel() {
    return layout.numel;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public Device device() {
    return storage.context.device;
  }

  @Override
  public long[] stride() {
    return layout.strides.clone();
  }

  @Override
  public long stride(int dim) {
    if (layout.sizes.length == 0) {
      throw new IndexOutOfBoundsException("stride: a 0-d tensor has no dim " + dim);
    }
    return layout.strides[Dims.wrap("stride", dim, layout.sizes.length)];
  }

  @Override
  public long storageOffset() {
    return layout.offset;
  }

  @Override
  public boolean isContiguous() {
    return layout.contiguous;
  }

  @Override
  public boolean isSameStorage(Tensor other) {
    return storage == storage(Require.given("isSameStorage", "other", other));
  }

  @Override
  public int version() {
    return storage.version;
  }

  // ---- what the engine reads of any tensor (a cast to the final class costs least)

  /** The sizes of its dims: the array itself, not to be changed. */
  public static long[] sizes(Tensor x) {
    return ((TensorImpl) x).layout.sizes;
  }

  /** Where its elements are within its storage. */
  public static Layout layout(Tensor x) {
    return ((TensorImpl) x).layout;
  }

  /** Its device. */
  public static DeviceContext context(Tensor x) {
    return ((TensorImpl) x).storage.context;
  }

  /** Its memory. */
  public static Storage storage(Tensor x) {
    return ((TensorImpl) x).storage;
  }

  /**
   * Address of its first element, to read. From here to {@link DeviceContext#check} this thread
   * counts as in a native call, and the memory stays, even if another thread closes the tensor.
   */
  public static long address(Tensor x) {
    TensorHandle h = (TensorImpl) x;
    Storage s = h.storage;
    long at = s.address + h.layout.offset * h.dtype.bytes();
    NativeCalls.enter(s.maker);
    return h.state == State.LIVE && h.storage == s ? at : h.afterChange(false);
  }

  /** As {@link #address}, to write. */
  public static long outputAddress(Tensor x) {
    TensorHandle h = (TensorImpl) x;
    Storage s = h.storage;
    long at = s.address + h.layout.offset * h.dtype.bytes();
    if (NativeCalls.enter(s.maker) != s.maker) {
      s.writtenElsewhere();
    }
    return h.state == State.LIVE && h.storage == s ? at : h.afterChange(true);
  }

  /** The address when another thread's {@link #replace} is through; throws if this was released. */
  private long afterChange(boolean write) {
    awaitChange();
    return write ? outputAddress(this) : address(this);
  }

  /** Waits for a {@link #replace} on another thread; throws if this was released or moves. */
  private void awaitChange() {
    State now = (State) STATE.getAcquire(this);
    while (now == State.CHANGING) {
      Thread.onSpinWait();
      now = (State) STATE.getAcquire(this);
    }
    if (now == State.LIVE) {
      return;
    }
    NativeCalls.leave(storage.maker); // there will be no call
    if (now == State.MOVING) {
      throw new IllegalStateException(
          "this tensor of shape "
              + Dims.text(layout.sizes)
              + " is being given other memory by another thread");
    }
    throw released(now);
  }

  /** Whether the memory that two tensors reach over meets, whatever their storages are. */
  public static boolean meet(Tensor a, Tensor b) {
    Storage s = storage(a);
    Storage t = storage(b);
    if (s != t && (s.address + s.bytes <= t.address || t.address + t.bytes <= s.address)) {
      return false;
    }
    Layout x = layout(a);
    Layout y = layout(b);
    long first = s.address + x.offset * a.dtype().bytes();
    long other = t.address + y.offset * b.dtype().bytes();
    return s.context == t.context
        && first < other + y.reach() * b.dtype().bytes()
        && other < first + x.reach() * a.dtype().bytes();
  }

  /**
   * Whether to write into {@code a}, element by element, may change elements of {@code b} that are
   * yet to be read: their memory meets, and they are not the same view. That they may is enough.
   */
  public static boolean partlyOverlap(Tensor a, Tensor b) {
    return meet(a, b)
        && !(storage(a).address == storage(b).address
            && layout(a).offset == layout(b).offset
            && a.dtype() == b.dtype()
            && layout(a).sameOrder(layout(b)));
  }

  /** Refuses memory that {@code op} must not write. */
  public static void requireWritable(String op, Tensor x) {
    storage(x).requireWritable(op);
  }

  /**
   * Says that {@code op} is about to write into its memory, which must be no constant of the
   * library and not read-only.
   */
  public static void beforeWrite(String op, Tensor x) {
    storage(x).beforeWrite(op);
  }

  /** Says that {@code op} wrote into its memory. */
  public static void written(Tensor x, String op) {
    Storage s = storage(x);
    s.version++;
    s.writer = op;
  }

  // ---- life

  @Override
  public void close() {
    drop(State.CLOSED);
  }

  @Override
  public boolean isReleased() {
    State s = state;
    return s != State.LIVE && s != State.CHANGING && s != State.MOVING;
  }

  @Override
  public Tensor escape() {
    flags |= ESCAPED;
    return this;
  }

  /** Undoes {@link #escape}: scopes may free it again. */
  void unescape() {
    flags &= ~ESCAPED;
  }

  public boolean hasEscaped() {
    return (flags & ESCAPED) != 0;
  }

  /** Lets it outlive the scope at this depth, and those inside. */
  public void keep(int depth) {
    keptBy = keptBy == 0 ? depth : Math.min(keptBy, depth);
  }

  /** Whether it outlives the scope at this depth, which now closes. */
  boolean outlives(int depth) {
    boolean kept = keptBy != 0 && keptBy <= depth;
    if (keptBy == depth) {
      keptBy = 0;
    }
    return kept;
  }

  public void drop(State why) {
    while (!STATE.compareAndSet(this, State.LIVE, why)) {
      if (isReleased()) {
        return;
      }
      Thread.onSpinWait(); // setData is at work on another thread
    }
    storage.release();
  }

  /** As {@link #drop}, for a handle that no other thread has. */
  public void dropOwn(State why) {
    if (state == State.LIVE) {
      state = why;
      storage.release();
    }
  }

  void checkLive() {
    if (isReleased()) {
      throw released(state);
    }
  }

  /** Refuses a released tensor that the program gives: {@code what} it is, for the message. */
  public static void requireLive(String what, Tensor x) {
    if (x.isReleased()) {
      TensorHandle h = (TensorImpl) x;
      throw new IllegalStateException(
          what + " that cannot be used: " + h.released(h.state).getMessage());
    }
  }

  /** Takes a hold of the storage for another handle or node. */
  Storage hold() {
    Storage s = storage;
    s.retain();
    // Closing sets the state and then reads the count, this does it the other way round: so if the
    // handle is live now, whoever closes it sees this hold.
    return STATE.getVolatile(this) == State.LIVE && storage == s ? s : holdAgain(s);
  }

  private Storage holdAgain(Storage before) {
    before.release();
    awaitChange();
    return hold();
  }

  /** Memory, on which the reader has a hold, and what lies in it how: as they belong together. */
  record Place(Storage storage, Layout layout, DType dtype) {}

  /** Takes a hold of the storage, and reads what belongs to it. */
  Place place() {
    while (true) {
      Storage s = hold();
      Layout l = layout;
      DType t = dtype;
      if (STATE.getVolatile(this) == State.LIVE && storage == s && layout == l && dtype == t) {
        return new Place(s, l, t);
      }
      s.release();
    }
  }

  /**
   * Exchanges the memory, on which the caller has a hold, and releases that of before. An op of
   * another thread may have read the layout or dtype already, and take the address later: where
   * these change, every other thread is first seen outside of all ops, and again after the change.
   * An op that begins meanwhile is refused.
   */
  void replace(String op, Place by) {
    boolean same =
        dtype == by.dtype
            && storage.context == by.storage.context
            && Arrays.equals(layout.sizes, by.layout.sizes)
            && Arrays.equals(layout.strides, by.layout.strides);
    State during = same ? State.CHANGING : State.MOVING;
    while (!STATE.compareAndSet(this, State.LIVE, during)) {
      if (isReleased()) {
        by.storage.release();
        throw released(state);
      }
      Thread.onSpinWait(); // another thread exchanges it
    }
    if (!same && !NativeCalls.awaitOthers(PATIENCE)) {
      STATE.setVolatile(this, State.LIVE);
      by.storage.release();
      throw busy(op);
    }
    Storage before = storage;
    this.layout = by.layout;
    this.dtype = by.dtype;
    VarHandle.releaseFence(); // who sees the new storage sees the new layout
    storage = by.storage;
    boolean done = same || NativeCalls.awaitOthers(PATIENCE);
    STATE.setVolatile(this, done ? State.LIVE : State.MOVED);
    before.context.reclaimer.keepForCalls(before); // whose handle no longer keeps it
    before.release();
    if (!done) { // who has read its layout may still be about to take an address
      by.storage.release();
      throw busy(op);
    }
  }

  private static IllegalStateException busy(String op) {
    return new IllegalStateException(
        op
            + ": other threads compute without a pause; give a tensor other memory between their ops");
  }

  private IllegalStateException released(State by) {
    return new IllegalStateException(
        "this tensor of shape " + Dims.text(layout.sizes) + " was released: " + by.reason);
  }
}
