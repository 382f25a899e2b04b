package dev.flambeau;

import dev.flambeau.internal.kernels.Generator;

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
  private final Generator generator;

  private Rng(Generator generator) {
    this.generator = generator;
  }

  /** A generator of its own, seeded. */
  public Rng(long seed) {
    this(new Generator(seed));
    generator.handle(g -> this);
  }

  /** Gives the thread that opened it its former generator back when closed. */
  public interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /** Lets this thread draw from {@code rng} (null: the program's) until closed. */
  public static Use use(Rng rng) {
    return Generator.use(rng == null ? null : rng.generator);
  }

  /** The generator that this thread draws from. */
  public static Rng current() {
    return Generator.current().handle(Rng::new);
  }

  /**
   * Starts the sequence that belongs to a seed, on all devices; on the CPU only its low 32 bits
   * count, as in PyTorch.
   */
  public Rng manualSeed(long seed) {
    generator.manualSeed(seed);
    return this;
  }

  /** The seed last set. */
  public long initialSeed() {
    return generator.initialSeed();
  }

  /** The next int64 in [0, 2^63), as {@code torch.empty(1, dtype=int64).random_()}. */
  public long nextLong() {
    return generator.nextLong();
  }

  /** The next double in [0, 1). */
  public double nextDouble() {
    return generator.nextDouble();
  }

  /** A whole number in [0, bound), drawn as {@code torch.randint} does. */
  public long nextLong(long bound) {
    return generator.nextLong(bound);
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
  public byte[] state(Device device) {
    return generator.state(device);
  }

  /**
   * Continues from a {@link #state()}.
   *
   * @throws IllegalArgumentException for bytes that are no state of a generator
   */
  public void setState(byte[] saved) {
    setState(Device.cpu(), saved);
  }

  /**
   * Continues from a {@link #state(Device)} of a device of the same type.
   *
   * @throws IllegalArgumentException for bytes that are no state of a generator there
   */
  public void setState(Device device, byte[] saved) {
    generator.setState(device, saved);
  }
}
