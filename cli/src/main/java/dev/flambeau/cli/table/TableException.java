package dev.flambeau.cli.table;

/**
 * A table that cannot be read, or that lacks what is asked of it. The message is one line for the
 * people whose table it is: it names the file, where it can the line or column, and what would
 * help.
 */
public final class TableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a message alone. */
  public TableException(String message) {
    super(message);
  }

  /** With what led to it. */
  public TableException(String message, Throwable cause) {
    super(message, cause);
  }
}
