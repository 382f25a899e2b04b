package dev.flambeau.notes;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Chapter 1: tensors, a first linear layer, stacking layers. */
final class TensorsNotes {
  private TensorsNotes() {}

  static void tensors() {
    ByteBuffer numbers = ByteBuffer.allocateDirect(3 * Long.BYTES).order(ByteOrder.nativeOrder());
    numbers.asLongBuffer().put(new long[] {4, 5, 6});
    Tensor a = Tensor.of(1, 2, 3);
    Tensor fromBuffer = Tensor.fromBuffer(numbers, DType.INT64, 3);
    System.out.println(a + " " + fromBuffer);
    System.out.println(a.shape() + " " + a.dtype() + " " + a.device());

    Tensor b = Tensor.of(4, 5, 6);
    System.out.println(a.add(b));
    System.out.println(a.mul(b));
    System.out.println(a.matmul(b));

    Tensor m1 = Tensor.of(new double[][] {{1, 2}, {3, 4}});
    Tensor m2 = Tensor.of(new double[][] {{5, 6}, {7, 8}});
    System.out.println(m1.matmul(m2));
    System.out.println(m1.mul(m2));
    System.out.println(m1.add(b.get(":2")));

    numbers.putLong(0, 99); // the tensor shares the buffer's memory
    System.out.println(fromBuffer);
    System.out.println(
        Tensor.of(1.0, 2.0).dtype() + " " + Tensor.of(true).dtype() + " " + Tensor.of(3).shape());
  }
}
