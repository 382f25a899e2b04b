package dev.flambeau.bench;

/**
 * A library behind one interface: the same work, each in the library's own words. An engine has a
 * constructor without parameters; what it cannot do it refuses with {@link
 * UnsupportedOperationException}.
 */
public interface Engine {
  /** Starts the library with this many threads. */
  void start(int threads);

  /** Which version and backend it is. */
  String about();

  /**
   * A training step: gradients to zero, forward, loss, backward, SGD with momentum, the loss read.
   *
   * @param release whether memory is given back as the library's documents ask; false for a loop as
   *     a newcomer writes it
   */
  Task train(Net net, boolean release);

  /** A forward pass of {@code rows} rows without gradients and without dropout. */
  Task infer(Net net, int rows);

  /** One operation, into a new result. */
  Task op(Op op);
}
