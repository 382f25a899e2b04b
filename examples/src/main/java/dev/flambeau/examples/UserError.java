package dev.flambeau.examples;

/** Something that the user can put right: the message is one clear line, and is all they see. */
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UserError(String message) {
    super(message);
  }

  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
