package dev.flambeau.internal.text;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Warnings, through the {@link System.Logger} named {@code dev.flambeau}; each text is logged once.
 */
public final class Warnings {
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private Warnings() {}

  /** Logs this text, unless the program has logged it before. */
  public static void once(String message) {
    if (SAID.add(message)) {
      System.getLogger("dev.flambeau").log(System.Logger.Level.WARNING, message);
    }
  }
}
