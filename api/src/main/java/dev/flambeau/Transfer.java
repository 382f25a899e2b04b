package dev.flambeau;

import static dev.flambeau.internal.tensor.TensorHandle.context;

import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Devices;
import dev.flambeau.internal.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of tensors to a device, which runs beside the kernels started there from now on:
 *
 * <pre>{@code
 * Transfer next = Transfer.start(device, List.of(images, labels));
 * train(batch); // while the next one is copied
 * List<Tensor> batch = next.finish();
 * }</pre>
 *
 * {@link dev.flambeau.data.DataLoader#device} does this for each batch.
 */
public final class Transfer {
  private final DeviceContext context;
  private final List<Tensor> tensors;

  private Transfer(DeviceContext context, List<Tensor> tensors) {
    this.context = context;
    this.tensors = tensors;
  }

  /**
   * Starts to copy tensors; they may be changed or closed at once. Those already there are not
   * copied. Nothing is recorded: gradients do not flow back.
   */
  public static Transfer start(Device device, List<Tensor> tensors) {
    DeviceContext context = Devices.context(device);
    List<Tensor> out = new ArrayList<>(tensors.size());
    for (Tensor x : tensors) {
      Tensor y = context(x) == context ? x.detach() : Copy.onto(context, x, true);
      out.add(y.escape()); // no scope that ends before finish() has it
    }
    return new Transfer(context, out);
  }

  /**
   * The tensors on the device, ready for use, and this thread's: its innermost scope frees them.
   * The call does not wait for the copies: kernels that are started after it do.
   */
  public List<Tensor> finish() {
    context.memory.join();
    tensors.forEach(Scopes::handOver);
    return List.copyOf(tensors);
  }
}
