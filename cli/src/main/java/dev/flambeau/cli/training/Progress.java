package dev.flambeau.cli.training;

/** Is told how training goes. */
public interface Progress extends AutoCloseable {
  /** Tells nobody. */
  Progress SILENT =
      new Progress() {
        @Override
        public void start(int epochs, String metric) {}

        @Override
        public void epoch(Epoch epoch) {}

        @Override
        public void close() {}
      };

  /** Training begins. */
  void start(int epochs, String metric);

  /** An epoch is over. */
  void epoch(Epoch epoch);

  /** Training is over. */
  @Override
  void close();
}
