package dev.flambeau.cli.training;

/** Asks a training that runs to end soon and keep what it has. */
@FunctionalInterface
public interface StopRequest {
  /** Never asks. */
  StopRequest NEVER = () -> false;

  /** Whether to end now. */
  boolean isRequested();
}
