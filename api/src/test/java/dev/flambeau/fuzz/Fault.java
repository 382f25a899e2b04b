package dev.flambeau.fuzz;

/** What must not happen. It is no Exception, so that nothing in between takes it for one. */
final class Fault extends Error {
  private static final long serialVersionUID = 1;

  Fault(String message) {
    super(message);
  }

  Fault(String message, Throwable cause) {
    super(message, cause);
  }
}
