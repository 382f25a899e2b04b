package dev.flambeau.spi;

/**
 * Whether a backend can serve, and if not, why: an answer, never an exception.
 *
 * @param available true when the backend's devices can be used
 * @param reason what is missing, in words for people; empty when available
 * @param cause what went wrong, or null
 */
public record Availability(boolean available, String reason, Throwable cause) {
  /** The backend can serve. */
  public static Availability yes() {
    return new Availability(true, "", null);
  }

  /** The backend cannot serve, and why. */
  public static Availability no(String reason, Throwable cause) {
    return new Availability(false, reason, cause);
  }
}
