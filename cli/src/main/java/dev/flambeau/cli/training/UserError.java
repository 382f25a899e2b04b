package dev.flambeau.cli.training;

/** Something that the user can put right: the message is one clear line, and is all they see. */
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a message alone. */
  public UserError(String message) {
    super(message);
  }

  /** With what led to it, for {@code --debug}. */
  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
