package dev.flambeau;

import dev.flambeau.internal.autograd.Engine;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.kernels.Require;
import java.util.Arrays;
import java.util.List;

/**
 * Eager differentiation: what is computed from tensors that require gradients is recorded as a
 * graph, and {@link Tensor#backward()} follows it from the result to the leaves.
 *
 * <p>{@link #noGrad()} and {@link #enableGrad()} hold for the calling thread alone. Any number of
 * threads may compute and differentiate at once, also through one model or one graph (retained
 * until the last is through); what they add to the gradient of one leaf is added one after the
 * other, in no fixed order, so that the last digits of a sum may differ from run to run. Read it
 * when all of them are through.
 */
public final class Autograd {
  private Autograd() {}

  /**
   * A grad mode of the thread that asked for it, until closed. Of several that are open the one
   * opened last holds, in whichever order they close.
   */
  public interface Mode extends AutoCloseable {
    /**
     * Ends this mode. A second call does nothing.
     *
     * @throws IllegalStateException on another thread than the one that opened it
     */
    @Override
    void close();
  }

  /**
   * Stops recording on this thread until closed: {@code try (var ng = Autograd.noGrad()) { ... }}.
   */
  public static Mode noGrad() {
    return GradMode.set(false);
  }

  /** Records again within {@link #noGrad()}, until closed. */
  public static Mode enableGrad() {
    return GradMode.set(true);
  }

  /** Whether this thread records. */
  public static boolean isGradEnabled() {
    return GradMode.get().enabled;
  }

  /**
   * The gradients of one-element {@code output} with respect to {@code inputs}; leaves' {@code
   * grad} stays as it is.
   */
  public static List<Tensor> grad(Tensor output, Tensor... inputs) {
    Require.given("grad", "output", output);
    Require.given("grad", "inputs", inputs);
    return grad(List.of(output), List.of(inputs), null, false, false);
  }

  /**
   * The gradients of {@code outputs} with respect to {@code inputs}, summed over the outputs. The
   * leaves' {@code grad} stays as it is.
   *
   * @param gradOutputs a gradient for each output, of its shape; null means 1, also for one of them
   * @param retainGraph keep what the graph saved
   * @param createGraph record the computation of the gradients (retains the graph)
   * @throws IllegalStateException when an input has no part in the outputs
   */
  public static List<Tensor> grad(
      List<Tensor> outputs,
      List<Tensor> inputs,
      List<Tensor> gradOutputs,
      boolean retainGraph,
      boolean createGraph) {
    Require.given("grad", "outputs", outputs);
    Require.given("grad", "inputs", inputs);
    if (gradOutputs != null && gradOutputs.size() != outputs.size()) {
      throw new IllegalArgumentException(
          "grad: "
              + gradOutputs.size()
              + " gradients were given for "
              + outputs.size()
              + " outputs; give one for each, which may be null");
    }
    Tensor[] found =
        Engine.gradients(outputs, inputs, gradOutputs, retainGraph || createGraph, createGraph);
    for (int i = 0; i < found.length; i++) {
      if (found[i] == null) {
        throw new IllegalStateException(
            "grad: input " + i + " has no part in the outputs, so it has no gradient");
      }
    }
    return Arrays.asList(found);
  }
}
