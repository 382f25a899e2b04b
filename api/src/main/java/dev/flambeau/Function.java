package dev.flambeau;

import dev.flambeau.internal.autograd.FunctionContext;
import dev.flambeau.internal.autograd.FunctionNode;
import java.util.List;

/**
 * A differentiable function of the user's own: forward and backward in plain tensor code, as with
 * {@code torch.autograd.Function}.
 *
 * <pre>{@code
 * final class Cube extends Function {
 *   protected List<Tensor> forward(Context ctx, List<Tensor> in) {
 *     ctx.saveForBackward(in.get(0));
 *     return List.of(in.get(0).pow(3));
 *   }
 *   protected List<Tensor> backward(Context ctx, List<Tensor> g) {
 *     return List.of(g.get(0).mul(ctx.saved(0).square().mul(3)));
 *   }
 * }
 * Tensor y = new Cube().call(x);
 * }</pre>
 */
public abstract class Function {
  /** For subclasses. */
  protected Function() {}

  /** What forward leaves for backward. */
  public sealed interface Context permits FunctionContext {
    /** Keeps inputs or outputs for backward; a change in place is noticed. */
    void saveForBackward(Tensor... tensors);

    /**
     * What was saved, in backward. It is freed with the graph: {@code copy()} what must stay.
     *
     * @throws IndexOutOfBoundsException when forward saved fewer tensors
     * @throws IllegalStateException in forward
     */
    Tensor saved(int i);
  }

  /** Computes the outputs, one at least. Runs without recording. */
  protected abstract List<Tensor> forward(Context context, List<Tensor> inputs);

  /**
   * The gradient of each input (null for none), given that of each output (zeros where none came).
   * Recorded when a graph of the gradients is wanted. What it makes belongs to the scope around the
   * call of backward; a {@link Scope} inside, which keeps the results, frees the rest sooner.
   *
   * <p>A gradient has its input's shape, or one that this broadcasts to, and is then summed;
   * another dtype is converted. What is returned is copied: it may be kept, changed later, or
   * returned for several inputs. The gradients that are given belong to this function alone.
   */
  protected abstract List<Tensor> backward(Context context, List<Tensor> gradients);

  /** Applies a function with one output. */
  public final Tensor call(Tensor... inputs) {
    List<Tensor> out = apply(inputs);
    if (out.size() != 1) {
      throw new IllegalStateException(
          name() + ": has " + out.size() + " outputs; use apply for these");
    }
    return out.get(0);
  }

  /** Applies the function. */
  public final List<Tensor> apply(Tensor... inputs) {
    return FunctionNode.apply(name(), this::forward, this::backward, inputs);
  }

  /** The class's name, or for an anonymous class its parent's. */
  private String name() {
    Class<?> c = getClass();
    while (c.isAnonymousClass()) {
      c = c.getSuperclass();
    }
    return c.getSimpleName();
  }
}
