package dev.flambeau;

/** A registered hook; closing it removes it. */
public interface Hook extends AutoCloseable {
  @Override
  void close();
}
