package dev.flambeau.spi;

/**
 * Whether a backend can be used, and if not, why.
 *
 * @param available true when the backend's devices can be used
 * @param reason what is missing, for a message; empty when available
 * @param cause what went wrong, or null
 */
public record Availability(boolean available, String reason, Throwable cause) {
  /** The backend can be used. */
  public static Availability yes() {
    return new Availability(true, "", null);
  }

  /** The backend cannot be used, and why. */
  public static Availability no(String reason, Throwable cause) {
    return new Availability(false, reason, cause);
  }
}
