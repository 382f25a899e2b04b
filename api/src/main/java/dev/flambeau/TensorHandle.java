package dev.flambeau;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A tensor as a hold on memory: what it looks at, and until when. Programs see {@link Tensor}. */
public abstract sealed class TensorHandle extends TensorFactories permits Tensor {
  /** Whether the handle still holds its memory, and if not, who let go. */
  enum State {
    LIVE(""),
    CLOSED("close() was called on it"),
    SCOPE("the scope it was made in has ended; scope.keep(tensor) keeps it"),
    BACKWARD("backward freed it; call it with retainGraph, or use retainGrad()"),
    REPLACED("its owner replaced it; copy() what must stay");

    final String reason;

    State(String reason) {
      this.reason = reason;
    }
  }

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
  static final int GRAD_TAKEN = 8;
  static final int RETAINS_GRAD = 16;

  // Only setData changes these three.
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

  /** The sizes of the dimensions. */
  public Shape shape() {
    return Shape.wrap(layout.sizes);
  }

  /** Size of dimension {@code dim}; negative dims count from the end. */
  public long size(int dim) {
    if (layout.sizes.length == 0) {
      throw new IndexOutOfBoundsException("size: a 0-d tensor has no dim " + dim);
    }
    return layout.sizes[Dims.wrap("size", dim, layout.sizes.length)];
  }

  /** Number of dimensions. */
  public int dim() {
    return layout.sizes.length;
  }

  /** Number of elements. */
  public long numel() {
    return layout.numel;
  }

  /** Type of the elements. */
  public DType dtype() {
    return dtype;
  }

  /** Where the elements are. */
  public Device device() {
    return storage.context.device;
  }

  /** Steps between neighbours along each dimension, in elements. */
  public long[] stride() {
    return layout.strides.clone();
  }

  /** Step along {@code dim}, in elements. */
  public long stride(int dim) {
    return layout.strides[Dims.wrap("stride", dim, layout.sizes.length)];
  }

  /** Where the first element is in the storage, in elements. */
  public long storageOffset() {
    return layout.offset;
  }

  /** Whether the elements lie in row-major order without gaps. */
  public boolean isContiguous() {
    return layout.contiguous;
  }

  /** Whether both tensors look at the same memory block. */
  public boolean isSameStorage(Tensor other) {
    return storage == other.storage();
  }

  /** How often the memory was written in place since it was made. */
  public int version() {
    return storage.version;
  }

  Layout layout() {
    return layout;
  }

  long[] sizes() {
    return layout.sizes;
  }

  DeviceContext context() {
    return storage.context;
  }

  /** Address of the first element. */
  long address() {
    if (state != State.LIVE) {
      throw released();
    }
    return storage.address + layout.offset * dtype.bytes();
  }

  Storage storage() {
    return storage;
  }

  /** Says that {@code op} wrote into the memory. */
  void written(String op) {
    storage.version++;
    storage.writer = op;
  }

  // ---- life

  /**
   * Frees the memory now, unless a view or a graph still needs it. Never necessary; using the
   * tensor afterwards is an error. A second call does nothing.
   */
  public void close() {
    drop(State.CLOSED);
  }

  /** Whether this handle has let go of its memory. */
  public boolean isReleased() {
    return state != State.LIVE;
  }

  /** Takes the tensor out of all scopes: for what an object stores beyond the call. */
  public Tensor escape() {
    flags |= ESCAPED;
    return (Tensor) this;
  }

  boolean hasEscaped() {
    return (flags & ESCAPED) != 0;
  }

  /** Lets it outlive the scope at this depth, and those inside. */
  void keep(int depth) {
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

  void drop(State why) {
    if (STATE.compareAndSet(this, State.LIVE, why)) {
      storage.release();
    }
  }

  /** As {@link #drop}, for a handle that no other thread can know. */
  void dropOwn(State why) {
    if (state == State.LIVE) {
      state = why;
      storage.release();
    }
  }

  void checkLive() {
    if (state != State.LIVE) {
      throw released();
    }
  }

  private IllegalStateException released() {
    return new IllegalStateException(
        "this tensor of shape " + Dims.text(layout.sizes) + " was released: " + state.reason);
  }
}
