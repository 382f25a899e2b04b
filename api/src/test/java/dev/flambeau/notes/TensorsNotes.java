package dev.flambeau.notes;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.Sequential;
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

  static void linearLayer() {
    Tensor input = Tensor.of(0.3471, 0.2865, 0.1456);
    Linear linear = new Linear(3, 2);
    Tensor output = linear.call(input);
    System.out.println(linear.weight);
    System.out.println(linear.bias);
    System.out.println(linear.weight.shape() + " " + linear.bias.shape());
    System.out.println(output);
    System.out.println(linear.call(input.unsqueeze(0)));
  }

  static void sequential() {
    Sequential model = new Sequential(new Linear(10, 18), new Linear(18, 20), new Linear(20, 5));
    System.out.println(model);
    long total = model.parameters().stream().mapToLong(Tensor::numel).sum();
    System.out.println(
        Py.repr(model.parameters().stream().map(p -> Py.tuple(p.shape())).toList()) + " " + total);
    System.out.println(model.call(Tensor.ones(2, 10)));
  }
}
