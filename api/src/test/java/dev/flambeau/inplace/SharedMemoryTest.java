package dev.flambeau.inplace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Index;
import dev.flambeau.Tensor;
import dev.flambeau.optim.Adam;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Writes into memory that is read in the same call, or that several elements have in common. */
@Tag("kernels")
class SharedMemoryTest {
  private record Write(String name, BinaryOperator<Tensor> op) {}

  private static final List<Write> WRITES =
      List.of(
          new Write("add_", Tensor::add_),
          new Write("sub_", Tensor::sub_),
          new Write("mul_", Tensor::mul_),
          new Write("div_", Tensor::div_),
          new Write("remainder_", Tensor::remainder_),
          new Write("copy_", Tensor::copy_),
          new Write("set", (x, y) -> x.set(y, Index.all())),
          new Write("set by indices", (x, y) -> x.set(y, Tensor.arange(x.size(0)))),
          new Write("maskedFill_", (x, y) -> x.maskedFill_(y.gt(40), 3)));

  /** What is read of a tensor, and what is written, of 100 elements and more. */
  private record Parts(
      String name, Function<Tensor, Tensor> target, Function<Tensor, Tensor> source) {}

  private static final List<Parts> PARTS =
      List.of(
          new Parts("from the next", x -> x.narrow(0, 0, 99), x -> x.narrow(0, 1, 99)),
          new Parts("from the one before", x -> x.narrow(0, 1, 99), x -> x.narrow(0, 0, 99)),
          new Parts("every second", x -> x.slice(0, 0, 100, 2), x -> x.narrow(0, 0, 50)),
          new Parts("transposed", x -> x.view(10, 10), x -> x.view(10, 10).t()),
          new Parts("one for all", x -> x.view(10, 10), x -> x.narrow(0, 50, 1)),
          new Parts("a row for all", x -> x.view(10, 10), x -> x.view(10, 10).get(5)),
          new Parts("rows below", x -> x.view(10, 10).get("1:"), x -> x.view(10, 10).get(":-1")),
          new Parts("itself", x -> x, x -> x));

  @TestFactory
  Stream<DynamicTest> anOperandIsReadBeforeItIsWritten() {
    List<DynamicTest> tests = new ArrayList<>();
    for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32)) {
      for (Write w : WRITES) {
        for (Parts p : PARTS) {
          if (type.isFloating() || !w.name.equals("div_")) {
            String name = w.name + " of " + type + " " + p.name;
            tests.add(DynamicTest.dynamicTest(name, () -> checkRead(type, w, p)));
          }
        }
      }
    }
    return tests.stream();
  }

  private static void checkRead(DType type, Write w, Parts p) {
    Tensor x = Tensor.arange(1, 101).to(type);
    Tensor y = x.copy();
    w.op.apply(p.target.apply(x), p.source.apply(x));
    w.op.apply(p.target.apply(y), p.source.apply(y).copy());
    assertTrue(x.equal(y), () -> x + "\nwhere a copy gives\n" + y);
  }

  @Test
  void aDivisorThatBecomesZeroMeanwhile() {
    Tensor x = Tensor.of(3, 5).expand(2, 2);
    assertThrows(IllegalArgumentException.class, () -> x.remainder_(x));
    Tensor n = Tensor.arange(1, 7);
    n.narrow(0, 1, 5).remainder_(n.narrow(0, 0, 5));
    assertEquals("tensor([1, 0, 1, 1, 1, 1])", n.toString());
  }

  @Test
  void tensorsOfOneBuffer() {
    ByteBuffer memory = ByteBuffer.allocateDirect(4 * 1001).order(ByteOrder.nativeOrder());
    Tensor x = Tensor.fromBuffer(memory.position(0), DType.FLOAT32, 1000);
    Tensor y = Tensor.fromBuffer(memory.position(4), DType.FLOAT32, 1000);
    x.fill_(1);
    y.fill_(1);
    y.add_(x);
    assertEquals(2, y.max().item());
    assertEquals(1, x.get(0).item());
  }

  @Test
  void aGradientThatIsPartOfTheParameter() {
    Tensor memory = Tensor.ones(1001);
    Tensor p = memory.narrow(0, 1, 1000).detach().requiresGrad_();
    p.setGrad(memory.narrow(0, 0, 1000).detach());
    Tensor same = Tensor.ones(1000).requiresGrad_();
    same.setGrad(Tensor.ones(1000));
    new Adam(List.of(p), 0.5).step();
    new Adam(List.of(same), 0.5).step();
    assertTrue(p.equal(same), p::toString);
  }

  @TestFactory
  Stream<DynamicTest> elementsThatShareMemoryAreNotWritten() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Method m : Tensor.class.getMethods()) {
      if (m.getName().endsWith("_") && !m.getName().equals("requiresGrad_")
          || m.getName().equals("set")) {
        tests.add(
            DynamicTest.dynamicTest(
                m.getName() + Arrays.toString(m.getParameterTypes()), () -> checkRefused(m)));
      }
    }
    assertTrue(tests.size() > 50, "these are all");
    return tests.stream();
  }

  private static void checkRefused(Method m) throws ReflectiveOperationException {
    Object[] arguments =
        Arrays.stream(m.getParameterTypes()).map(SharedMemoryTest::argument).toArray();
    if (m.getName().equals("maskedFill_")) {
      arguments[0] = Tensor.of(true);
    } else if (m.getName().equals("random_") && arguments.length == 2) {
      arguments[0] = 0L;
    }
    Tensor memory = Tensor.of(DType.FLOAT64, new double[] {0.25, 0.5, 0.75});
    Tensor x = memory.expand(4, 3);
    if (m.getName().equals("fill_") || m.getName().equals("zero_")) {
      assertSame(x, m.invoke(x, arguments));
      assertEquals(1, memory.version());
      assertTrue(memory.equal(memory.get(0).expand(3)), memory::toString);
      return;
    }
    InvocationTargetException e =
        assertThrows(InvocationTargetException.class, () -> m.invoke(x, arguments));
    IllegalArgumentException why =
        assertThrows(
            IllegalArgumentException.class,
            () -> {
              throw e.getCause();
            });
    assertTrue(
        why.getMessage()
            .startsWith(
                m.getName()
                    + ": elements of a tensor of shape (4, 3) with strides [0, 1] share memory"),
        why.getMessage());
    assertEquals("tensor([0.2500, 0.5000, 0.7500], dtype=torch.float64)", memory.toString());
    // A stride of 0 with one element shares nothing, nor does one with none.
    m.invoke(memory.narrow(0, 0, 1).expand(1, 1), arguments);
    m.invoke(memory.narrow(0, 0, 1).expand(4, 1).narrow(0, 0, 0), arguments);
  }

  private static Object argument(Class<?> type) {
    if (type == Tensor.class) {
      return Tensor.of(DType.FLOAT64, 0.5);
    }
    return type == double.class
        ? (Object) 0.5
        : type == long.class ? (Object) 2L : new Object[] {Index.ellipsis()};
  }
}
