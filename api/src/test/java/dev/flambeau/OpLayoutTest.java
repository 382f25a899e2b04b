package dev.flambeau;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Every row gives the same values and gradients in whatever memory layout its inputs are; a view
 * that the layout does not allow is refused.
 */
@Tag("kernels")
class OpLayoutTest {
  /** Memory layouts of the same values. */
  private static final List<UnaryOperator<Tensor>> LAYOUTS =
      List.of(
          OpLayoutTest::transposed,
          OpLayoutTest::sliced,
          OpLayoutTest::offset,
          OpLayoutTest::stepped);

  @TestFactory
  Stream<DynamicTest> asOnContiguousInputs() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      tests.add(
          DynamicTest.dynamicTest(
              c.name,
              () -> {
                for (int i = 0; i < c.shapes.size(); i++) {
                  for (UnaryOperator<Tensor> layout : LAYOUTS) {
                    compare(c, i, layout);
                  }
                }
              }));
    }
    return tests.stream();
  }

  private static void compare(OpCase c, int shape, UnaryOperator<Tensor> layout) {
    Tensor[] plain = c.inputs(shape, DType.FLOAT64, Device.cpu());
    if (c.ofItsLayout && !isOneRow(layout.apply(plain[0]))) {
      Tensor[] in = {layout.apply(plain[0])};
      var e = assertThrows(IllegalArgumentException.class, () -> c.fn.apply(in), c.name);
      assertTrue(e.getMessage().contains("reshape"), e.getMessage());
      return;
    }
    Tensor[] other = new Tensor[plain.length];
    for (int i = 0; i < plain.length; i++) {
      other[i] = layout.apply(plain[i].detach());
      if (c.differentiable) {
        plain[i].requiresGrad_();
        other[i].requiresGrad_();
      }
    }
    Tensor[] expected = c.outputs(plain);
    Tensor[] actual = c.outputs(other);
    OpForwardTest.close(c.name, expected, actual, 1e-12, 1e-13);
    if (c.differentiable) {
      OpGradientTest.project(expected).backward();
      OpGradientTest.project(actual).backward();
      for (int i = 0; i < plain.length; i++) {
        if (i == c.constant) {
          continue;
        }
        OpForwardTest.close(c + " gradient " + i, plain[i].grad(), other[i].grad(), 1e-12, 1e-13);
      }
    }
  }

  /** Whether the elements follow each other at one distance, so that any shape can view them. */
  private static boolean isOneRow(Tensor x) {
    boolean even = true;
    for (int d = 1; d < x.dim(); d++) {
      even &= x.stride(d - 1) == x.stride(d) * x.size(d);
    }
    return even;
  }

  private static Tensor transposed(Tensor x) {
    return x.dim() < 2 ? x : x.transpose(0, -1).contiguous().transpose(0, -1).detach();
  }

  /** Every second element of something larger. */
  private static Tensor stepped(Tensor x) {
    if (x.dim() == 0) {
      return x;
    }
    long[] sizes = sizes(x).clone();
    sizes[sizes.length - 1] *= 2;
    Tensor big = Tensor.full(DType.FLOAT64, Double.NaN, sizes);
    Tensor view = big.slice(-1, 0, Long.MAX_VALUE, 2);
    view.copy_(x);
    return view.detach();
  }

  /** The middle rows of something larger. */
  private static Tensor sliced(Tensor x) {
    if (x.dim() == 0) {
      return Tensor.stack(new Tensor[] {x.add(1), x}, 0).select(0, 1).detach();
    }
    long[] sizes = sizes(x).clone();
    sizes[sizes.length - 1] += 3;
    Tensor big = Tensor.full(DType.FLOAT64, Double.NaN, sizes);
    Tensor view = big.narrow(-1, 2, x.size(-1));
    view.copy_(x);
    return view.detach();
  }

  /** Contiguous, but not at the beginning of its storage. */
  private static Tensor offset(Tensor x) {
    Tensor big = Tensor.full(DType.FLOAT64, Double.NaN, x.numel() + 3);
    Tensor view = big.narrow(0, 3, x.numel()).view(sizes(x));
    view.copy_(x);
    return view.detach();
  }
}
