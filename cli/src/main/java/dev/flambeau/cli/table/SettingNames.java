package dev.flambeau.cli.table;

/**
 * What a program calls its settings where people set them, for messages that tell them which one to
 * change: on a command line {@code encoding} is {@code --encoding}.
 */
@FunctionalInterface
public interface SettingNames {
  /** In plain words: {@code encoding}, {@code max categories}. */
  SettingNames PLAIN = words -> words;

  /** The program's name for the setting that these words describe. */
  String of(String words);
}
