package dev.flambeau;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * A random number generator, what PyTorch calls a {@code Generator}: the same seed gives the
 * numbers that PyTorch's CPU generator gives (MT19937, and PyTorch's rules for turning its output
 * into uniform, normal and other numbers). Other devices draw numbers of their own from the same
 * seed.
 *
 * <p>One generator serves the whole program unless a thread uses another:
 *
 * <pre>{@code
 * try (var use = Rng.use(new Rng(42))) {
 *   Tensor x = Tensor.randn(3);
 * }
 * }</pre>
 *
 * A generator may be shared by threads; each fill takes its numbers in one piece.
 */
public final class Rng {
  private static final long DEFAULT_SEED =
      67280421310721L; // PyTorch's, for programs that never seed
  private static final int RESULT =
      Kernels.RANDOM_STATE_BYTES; // room for one number after the state

  // Where a counting generator's state has them.
  private static final int SEED = 0;
  private static final int OFFSET = 8;

  private static final class Holder {
    static final Rng GLOBAL = new Rng(DEFAULT_SEED);
  }

  private final State cpu = new State();
  private final Map<DeviceContext, State> others = new HashMap<>();
  private long seed;

  /** Where the numbers of one device are. */
  private static final class State {
    final ByteBuffer bytes = ByteBuffer.allocateDirect(RESULT + 8).order(ByteOrder.nativeOrder());
    private Memory addressedBy;
    private long address;

    long address(Memory memory) {
      if (addressedBy != memory) {
        address = memory.addressOf(bytes);
        addressedBy = memory;
      }
      return address;
    }
  }

  /** What decides a mask: the same draw gives the same one. */
  record Draw(long seed, long offset) {}

  /** A generator of its own, seeded. */
  public Rng(long seed) {
    manualSeed(seed);
  }

  /** Gives a thread its former generator back when closed. */
  public interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /** Lets this thread draw from {@code rng} until closed. */
  public static Use use(Rng rng) {
    ThreadState t = ThreadState.get();
    Rng before = t.rng;
    t.rng = rng;
    return () -> t.rng = before;
  }

  /** The generator that this thread draws from. */
  public static Rng current() {
    Rng r = ThreadState.get().rng;
    return r != null ? r : Holder.GLOBAL;
  }

  /**
   * Starts the sequence that belongs to a seed, on all devices; on the CPU only its low 32 bits
   * count, as in PyTorch.
   */
  public synchronized Rng manualSeed(long seed) {
    this.seed = seed;
    others.clear(); // seeded anew when next used
    seed(Backends.cpu(), cpu);
    return this;
  }

  private void seed(DeviceContext c, State state) {
    check(c, c.kernels.randomSeed(state.address(c.memory), seed));
  }

  private State state(DeviceContext c) {
    if (c == Backends.cpu()) {
      return cpu;
    }
    State state = others.get(c);
    if (state == null) {
      state = new State();
      seed(c, state);
      others.put(c, state);
    }
    return state;
  }

  /** The seed last set. */
  public long initialSeed() {
    return seed;
  }

  /** The next int64 in [0, 2^63), as {@code torch.empty(1, dtype=int64).random_()}. */
  public synchronized long nextLong() {
    draw(Kernels.INTEGERS, Kernels.INT64, 0, Long.MIN_VALUE);
    return cpu.bytes.getLong(RESULT);
  }

  /** The next double in [0, 1). */
  public synchronized double nextDouble() {
    draw(
        Kernels.UNIFORM,
        Kernels.FLOAT64,
        Double.doubleToRawLongBits(0),
        Double.doubleToRawLongBits(1));
    return cpu.bytes.getDouble(RESULT);
  }

  /** A whole number in [0, bound), drawn as {@code torch.randint} does. */
  public synchronized long nextLong(long bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("nextLong: the bound must be at least 1, got " + bound);
    }
    draw(Kernels.INTEGERS, Kernels.INT64, 0, bound);
    return cpu.bytes.getLong(RESULT);
  }

  /** A permutation of 0..n-1, as {@code torch.randperm}. */
  public long[] permutation(long n) {
    try (var use = use(this)) {
      Tensor p = Tensor.randperm(n);
      long[] out = p.toLongArray();
      p.close();
      return out;
    }
  }

  /** Where the generator is on the CPU; {@link #setState(byte[])} brings it back there. */
  public byte[] state() {
    return state(Device.cpu());
  }

  /** Where the generator is on a device; {@link #setState(Device, byte[])} brings it back there. */
  public synchronized byte[] state(Device device) {
    byte[] out = new byte[Kernels.RANDOM_STATE_BYTES];
    state(Backends.context(device)).bytes.get(0, out);
    return out;
  }

  /** Continues from a {@link #state()}. */
  public void setState(byte[] saved) {
    setState(Device.cpu(), saved);
  }

  /** Continues from a {@link #state(Device)} of a device of the same type. */
  public synchronized void setState(Device device, byte[] saved) {
    if (saved.length != Kernels.RANDOM_STATE_BYTES) {
      throw new IllegalArgumentException(
          "setState: expected " + Kernels.RANDOM_STATE_BYTES + " bytes, got " + saved.length);
    }
    state(Backends.context(device)).bytes.put(0, saved);
  }

  /** Takes one draw of a device whose generator counts. */
  synchronized Draw draw(DeviceContext c) {
    ByteBuffer bytes = state(c).bytes;
    Draw draw = new Draw(bytes.getLong(SEED), bytes.getLong(OFFSET));
    bytes.putLong(OFFSET, draw.offset + 1);
    return draw;
  }

  private void draw(int kind, int dtype, long p, long q) {
    DeviceContext c = Backends.cpu();
    long a = cpu.address(c.memory);
    check(c, c.kernels.random(kind, dtype, 1, a, 0, a + RESULT, p, q));
  }

  /** Fills a dense tensor. {@code p}, {@code q}: encoded as the kind wants them. */
  synchronized void fill(String op, int kind, Tensor probabilities, Tensor y, long p, long q) {
    if (y.numel() > 0) {
      DeviceContext c = y.context();
      long x = probabilities == null ? 0 : probabilities.address();
      int status =
          c.kernels.random(
              kind, y.dtype().code(), y.numel(), state(c).address(c.memory), x, y.address(), p, q);
      c.check(op, status, y, probabilities);
    }
  }

  private void check(DeviceContext c, int status) {
    if (status != Kernels.OK) {
      throw new IllegalStateException("random: " + c.kernels.lastError());
    }
  }
}
