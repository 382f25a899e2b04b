package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.Scopes;
import java.util.List;

/**
 * A call of the program's own code, a hook or a function: when it ends, scopes and grad modes that
 * the code left open end too.
 */
final class UserCode implements AutoCloseable {
  private final GradMode mode;
  private final long modes;
  private final Scopes scopes;
  private final int depth;
  private final int top;
  private final int library;

  /**
   * @param library the depth of the outermost scope that the library has open around the code: what
   *     the code makes belongs to the scope around that one, as the program may keep it. 0: none is
   */
  UserCode(GradMode mode, Scopes scopes, int library) {
    this.mode = mode;
    this.modes = mode.opened();
    this.scopes = scopes;
    this.depth = scopes.depth();
    this.top = scopes.top();
    this.library = library;
  }

  /** Lets what the code returned outlive the scopes that it left open. */
  Tensor keep(Tensor result) {
    if (result != null && scopes.depth() > depth) {
      impl(result).keep(depth + 1);
    }
    return result;
  }

  /** The same of several. */
  List<Tensor> keep(List<Tensor> results) {
    if (results != null && scopes.depth() > depth) {
      results.forEach(this::keep);
    }
    return results;
  }

  @Override
  public void close() {
    while (scopes.depth() > depth) {
      scopes.close();
    }
    if (library > 0) {
      scopes.handOut(top, library);
    }
    mode.closeSince(modes);
  }
}
