package dev.flambeau.data;

import java.util.Iterator;

/**
 * One pass over a {@link DataLoader}. Leaving a pass early needs no close; closing stops its
 * workers sooner.
 */
public interface BatchIterator extends Iterator<Batch>, AutoCloseable {
  /** Ends the pass: nothing comes after it. */
  @Override
  void close();
}
