package dev.flambeau.internal.text;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Warnings, through the {@link System.Logger} named {@code dev.flambeau}; each kind is logged once.
 */
public final class Warnings {
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private Warnings() {}

  /** Logs this text, a constant of the library's, unless it has been logged before. */
  public static void once(String message) {
    if (SAID.add(message)) {
      log(message);
    }
  }

  /**
   * Logs a text that says what a program did, unless one of this kind has been logged before.
   *
   * @param kind one of a few that the library has, whatever the program does: it is kept
   */
  public static void once(String kind, Supplier<String> message) {
    if (SAID.add(kind)) {
      log(message.get());
    }
  }

  private static void log(String message) {
    System.getLogger("dev.flambeau").log(System.Logger.Level.WARNING, message);
  }
}
