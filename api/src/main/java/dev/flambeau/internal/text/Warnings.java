package dev.flambeau.internal.text;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Warnings for people, through the {@link System.Logger} named {@code dev.flambeau}; each text is
 * said once.
 */
public final class Warnings {
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private Warnings() {}

  /** Says this once in the life of the program. */
  public static void once(String message) {
    if (SAID.add(message)) {
      System.getLogger("dev.flambeau").log(System.Logger.Level.WARNING, message);
    }
  }
}
