package dev.flambeau.examples.notes;

import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.examples.Program;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.Sequential;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import picocli.CommandLine.Command;

/** Chapter 1: tensors, the first linear layer, layers one after the other. */
@Command(
    name = "chapter-1",
    description = {
      "Tensors, the first linear layer, layers one after the other.",
      "Memory shared with a buffer is the host's: that part has no device."
    },
    mixinStandardHelpOptions = true)
public final class Chapter1Tensors extends Program {
  /** Shows the chapter, and ends the JVM with an exit code. */
  public static void main(String[] args) {
    System.exit(new Chapter1Tensors().execute(args));
  }

  @Override
  protected void run(Device device) {
    tensors(device);
    sharedMemory();
    linearLayer(device);
    stackedLayers(device);
  }

  private static void tensors(Device device) {
    Tensor a = Tensor.of(1, 2, 3).to(device);
    System.out.println(a + " has " + a.shape() + ", " + a.dtype() + ", on " + a.device());

    // Element by element, and the inner product.
    Tensor b = Tensor.of(4, 5, 6).to(device);
    System.out.println(a.add(b));
    System.out.println(a.mul(b));
    System.out.println(a.matmul(b));

    // Matrices; a row is added to each row.
    Tensor m1 = Tensor.of(new double[][] {{1, 2}, {3, 4}}).to(device);
    Tensor m2 = Tensor.of(new double[][] {{5, 6}, {7, 8}}).to(device);
    System.out.println(m1.matmul(m2));
    System.out.println(m1.mul(m2));
    System.out.println(m1.add(b.get(":2")));
  }

  /** What {@code torch.from_numpy} does: the tensor and the buffer are the same memory. */
  private static void sharedMemory() {
    ByteBuffer numbers = ByteBuffer.allocateDirect(3 * Long.BYTES).order(ByteOrder.nativeOrder());
    numbers.asLongBuffer().put(new long[] {4, 5, 6});
    Tensor t = Tensor.fromBuffer(numbers, DType.INT64, 3);
    numbers.putLong(0, 99);
    System.out.println(t);
  }

  private static void linearLayer(Device device) {
    Flambeau.manualSeed(0);
    Tensor input = Tensor.of(0.3471, 0.2865, 0.1456).to(device);
    Linear layer = new Linear(3, 2);
    layer.to(device);
    System.out.println(layer.weight);
    System.out.println(layer.bias);
    System.out.println(layer.call(input));
  }

  private static void stackedLayers(Device device) {
    Flambeau.manualSeed(0);
    Sequential model = new Sequential(new Linear(10, 18), new Linear(18, 20), new Linear(20, 5));
    model.to(device);
    System.out.println(model);
    System.out.println(model.call(Tensor.ones(2, 10).to(device)));
  }
}
