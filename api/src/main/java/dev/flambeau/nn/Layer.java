package dev.flambeau.nn;

import static java.util.Objects.requireNonNull;

import dev.flambeau.Activation;
import dev.flambeau.Hook;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * A module that turns one tensor into one tensor. A layer is its fields and one expression:
 *
 * <pre>{@code
 * class Scale extends Layer {
 *   final Tensor factor = parameter("factor", Tensor.ones(1));
 *
 *   @Override protected Tensor forward(Tensor x) { return x.mul(factor); }
 * }
 * }</pre>
 */
public abstract class Layer extends Module {
  /** For subclasses. */
  protected Layer() {}

  /** Called after a layer has run. */
  @FunctionalInterface
  public interface ForwardHook {
    /** Sees a layer with what it got and what it gave. */
    void onForward(Layer layer, Tensor input, Tensor output);
  }

  private final List<BiConsumer<Layer, Tensor>> before = new CopyOnWriteArrayList<>();
  private final List<ForwardHook> after = new CopyOnWriteArrayList<>();

  /** What the layer computes. Programs call {@link #call}, which also runs the hooks. */
  protected abstract Tensor forward(Tensor x);

  /**
   * Runs the layer. Of a layer that {@linkplain #freesTemporaries() frees temporaries}, only the
   * result and what autograd saved stay in memory.
   */
  public final Tensor call(Tensor input) {
    requireNonNull(input, "call: input is null");
    begin(input);
    Tensor output = isScoped() ? scoped(input) : result(input);
    end(input, output);
    return output;
  }

  /** Calls the hooks that come before a run. */
  final void begin(Tensor input) {
    for (var hook : before) {
      hook.accept(this, input);
    }
  }

  /** Calls the hooks that come after a run. */
  final void end(Tensor input, Tensor output) {
    for (var hook : after) {
      hook.onForward(this, input, output);
    }
  }

  private Tensor scoped(Tensor input) {
    try (var scope = Scope.open()) {
      return scope.keep(isBuiltIn() ? inScope(input) : result(input));
    }
  }

  /** The layer's run as a part of a scoped one; no hook is to see it. */
  Tensor inScope(Tensor input) {
    return isBuiltIn() ? result(input) : call(input);
  }

  /**
   * What this layer is to the linear one before it, if that may do it in its own kernel; or null.
   */
  Activation activation() {
    return null;
  }

  private Tensor result(Tensor input) {
    Tensor output = forward(input);
    if (output == null) {
      throw new IllegalStateException(typeName() + ": forward returned null instead of a tensor");
    }
    return output;
  }

  /** Calls {@code hook} with the layer and its input before each run; closing it ends that. */
  public final Hook beforeForward(BiConsumer<Layer, Tensor> hook) {
    return register(before, hook);
  }

  /**
   * Calls {@code hook} with the layer, its input and its output after each run; closing it ends
   * that. The hook may store the tensors.
   */
  public final Hook onForward(ForwardHook hook) {
    return register(after, hook);
  }

  private static <H> Hook register(List<H> hooks, H hook) {
    hooks.add(hook);
    return () -> hooks.remove(hook);
  }

  @Override
  final boolean isWatched() {
    return !before.isEmpty() || !after.isEmpty();
  }
}
