package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;

import dev.flambeau.Device;
import dev.flambeau.Rng;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Devices;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What is behind {@link Rng}: the state of a generator on each device, and how numbers are drawn
 * from it. Each fill takes its numbers in one piece.
 */
public final class Generator {
  private static final long DEFAULT_SEED =
      67280421310721L; // PyTorch's, for programs that never seed
  private static final int RESULT =
      Kernels.RANDOM_STATE_BYTES; // the place of one number after the state

  /** What one thread draws from; null: the program's. */
  private static final class Choice {
    Generator generator;
  }

  private static final ThreadLocal<Choice> CHOICE = new ThreadLocal<>();

  private static final class Holder {
    static final Generator DEFAULT = new Generator(DEFAULT_SEED);
  }

  private final State cpu = new State();
  private final Map<DeviceContext, State> others = new HashMap<>();
  private long seed;
  private Rng handle;

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
  public record Draw(long seed, long offset) {}

  public Generator(long seed) {
    manualSeed(seed);
  }

  /** What programs hold of this generator; made when it is first asked for. */
  public synchronized Rng handle(Function<Generator, Rng> maker) {
    if (handle == null) {
      handle = maker.apply(this);
    }
    return handle;
  }

  /** The generator that this thread draws from. */
  public static Generator current() {
    Choice choice = CHOICE.get();
    Generator g = choice == null ? null : choice.generator;
    return g != null ? g : Holder.DEFAULT;
  }

  /**
   * Lets this thread draw from another generator, or for null from the program's, until the result
   * is closed, on whichever thread.
   */
  public static Rng.Use use(Generator generator) {
    Choice known = CHOICE.get();
    Choice choice = known != null ? known : new Choice();
    CHOICE.set(choice);
    Generator before = choice.generator;
    choice.generator = generator;
    return () -> choice.generator = before;
  }

  /** Starts the sequence that belongs to a seed, on all devices. */
  public synchronized void manualSeed(long seed) {
    this.seed = seed;
    others.clear(); // seeded anew when next used
    seed(Devices.cpu(), cpu);
  }

  private void seed(DeviceContext c, State state) {
    check(c, c.kernels.randomSeed(state.address(c.memory), seed));
  }

  private State state(DeviceContext c) {
    if (c == Devices.cpu()) {
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

  public long initialSeed() {
    return seed;
  }

  public synchronized long nextLong() {
    draw(Kernels.INTEGERS, Kernels.INT64, 0, Long.MIN_VALUE);
    return cpu.bytes.getLong(RESULT);
  }

  public synchronized double nextDouble() {
    draw(
        Kernels.UNIFORM,
        Kernels.FLOAT64,
        Double.doubleToRawLongBits(0),
        Double.doubleToRawLongBits(1));
    return cpu.bytes.getDouble(RESULT);
  }

  public synchronized long nextLong(long bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("nextLong: the bound must be at least 1, got " + bound);
    }
    draw(Kernels.INTEGERS, Kernels.INT64, 0, bound);
    return cpu.bytes.getLong(RESULT);
  }

  public synchronized byte[] state(Device device) {
    byte[] out = new byte[Kernels.RANDOM_STATE_BYTES];
    state(Devices.context(device)).bytes.get(0, out);
    return out;
  }

  public synchronized void setState(Device device, byte[] saved) {
    DeviceContext c = Devices.context(device);
    String wrong = RandomState.fault(saved, c.memory.isHost());
    if (wrong != null) {
      throw new IllegalArgumentException(
          "setState: "
              + wrong
              + ", which no generator on "
              + device
              + " has; give what state("
              + device.type()
              + ") returned");
    }
    state(c).bytes.put(0, saved);
  }

  /** Takes one draw of a device whose generator counts. */
  public synchronized Draw draw(DeviceContext c) {
    ByteBuffer bytes = state(c).bytes;
    Draw draw = new Draw(bytes.getLong(RandomState.SEED), bytes.getLong(RandomState.OFFSET));
    bytes.putLong(RandomState.OFFSET, draw.offset + 1);
    return draw;
  }

  private void draw(int kind, int dtype, long p, long q) {
    DeviceContext c = Devices.cpu();
    long a = cpu.address(c.memory);
    check(c, c.kernels.random(kind, dtype, 1, a, 0, a + RESULT, p, q));
  }

  /** Fills a dense tensor. {@code p}, {@code q}: encoded as the kind wants them. */
  public synchronized void fill(
      String op, int kind, Tensor probabilities, Tensor y, long p, long q) {
    if (y.numel() > 0) {
      DeviceContext c = context(y);
      long x = probabilities == null ? 0 : address(probabilities);
      int status =
          c.kernels.random(
              kind,
              code(y.dtype()),
              y.numel(),
              state(c).address(c.memory),
              x,
              outputAddress(y),
              p,
              q);
      c.check(op, status, y, probabilities);
    }
  }

  private void check(DeviceContext c, int status) {
    if (status != Kernels.OK) {
      throw new IllegalStateException("random: " + c.kernels.lastError());
    }
  }
}
