package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every form with {@code _} does what the form without does, to the tensor, to its views, in the
 * graph.
 */
@Tag("kernels")
class InPlaceTest {
  private record Pair(String name, UnaryOperator<Tensor> plain, UnaryOperator<Tensor> inPlace) {}

  private static final Tensor OTHER = Tensor.of(DType.FLOAT64, new double[] {0.5, 1.5, 2});

  private static List<Pair> pairs() {
    return List.of(
        new Pair("add_", x -> x.add(OTHER), x -> x.add_(OTHER)),
        new Pair("add_ number", x -> x.add(2.5), x -> x.add_(2.5)),
        new Pair("sub_", x -> x.sub(OTHER), x -> x.sub_(OTHER)),
        new Pair("sub_ whole", x -> x.sub(2), x -> x.sub_(2)),
        new Pair("mul_", x -> x.mul(OTHER), x -> x.mul_(OTHER)),
        new Pair("mul_ number", x -> x.mul(-3), x -> x.mul_(-3)),
        new Pair("div_", x -> x.div(OTHER), x -> x.div_(OTHER)),
        new Pair("div_ number", x -> x.div(4.0), x -> x.div_(4.0)),
        new Pair("pow_", x -> x.pow(1.5), x -> x.pow_(1.5)),
        new Pair("remainder_", x -> x.remainder(0.7), x -> x.remainder_(0.7)),
        new Pair("neg_", Tensor::neg, Tensor::neg_),
        new Pair("abs_", Tensor::abs, Tensor::abs_),
        new Pair("sign_", Tensor::sign, Tensor::sign_),
        new Pair("exp_", Tensor::exp, Tensor::exp_),
        new Pair("expm1_", Tensor::expm1, Tensor::expm1_),
        new Pair("log_", Tensor::log, Tensor::log_),
        new Pair("log1p_", Tensor::log1p, Tensor::log1p_),
        new Pair("sqrt_", Tensor::sqrt, Tensor::sqrt_),
        new Pair("rsqrt_", Tensor::rsqrt, Tensor::rsqrt_),
        new Pair("square_", Tensor::square, Tensor::square_),
        new Pair("sin_", Tensor::sin, Tensor::sin_),
        new Pair("cos_", Tensor::cos, Tensor::cos_),
        new Pair("tanh_", Tensor::tanh, Tensor::tanh_),
        new Pair("sigmoid_", Tensor::sigmoid, Tensor::sigmoid_),
        new Pair("erf_", Tensor::erf, Tensor::erf_),
        new Pair("relu_", Tensor::relu, Tensor::relu_),
        new Pair("leakyRelu_", x -> x.leakyRelu(0.1), x -> x.leakyRelu_(0.1)),
        new Pair("elu_", x -> x.elu(1.2), x -> x.elu_(1.2)),
        new Pair("silu_", Tensor::silu, Tensor::silu_),
        new Pair("floor_", Tensor::floor, Tensor::floor_),
        new Pair("ceil_", Tensor::ceil, Tensor::ceil_),
        new Pair("round_", Tensor::round, Tensor::round_),
        new Pair("reciprocal_", Tensor::reciprocal, Tensor::reciprocal_),
        new Pair("clamp_", x -> x.clamp(0.5, 1.0), x -> x.clamp_(0.5, 1.0)),
        new Pair(
            "maskedFill_", x -> x.maskedFill(OTHER.gt(1), 9), x -> x.maskedFill_(OTHER.gt(1), 9)),
        new Pair("fill_", x -> x.fullLike(3), x -> x.fill_(3)),
        new Pair("zero_", Tensor::zerosLike, Tensor::zero_),
        new Pair("copy_", x -> OTHER.expandAs(x), x -> x.copy_(OTHER)));
  }

  @Test
  void copiesWithinOneStorage() {
    Tensor x = Tensor.arange(6);
    x.slice(0, 1, 6, 1).copy_(x.slice(0, 0, 5, 1));
    assertTrue(x.equal(Tensor.of(0, 0, 1, 2, 3, 4)), x::toString);
    Tensor m = Tensor.arange(4).view(2, 2);
    m.copy_(m.t());
    assertTrue(m.flatten().equal(Tensor.of(0, 2, 1, 3)), m::toString);
  }

  private static Tensor values() {
    return Tensor.of(DType.FLOAT64, new double[][] {{0.3, 0.8, 1.7}, {1.1, 0.6, 2.3}});
  }

  @TestFactory
  Stream<DynamicTest> asTheFormWithout() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Pair p : pairs()) {
      tests.add(DynamicTest.dynamicTest(p.name, () -> check(p)));
    }
    return tests.stream();
  }

  private static void check(Pair p) {
    Tensor expected = p.plain.apply(values());
    Tensor x = values();
    Tensor view = x.t();
    int version = x.version();
    assertSame(x, p.inPlace.apply(x));
    OpForwardTest.close(p.name, expected, x, 1e-14, 0);
    OpForwardTest.close(p.name + " through a view", expected.t(), view, 1e-14, 0);
    assertEquals(version + 1, x.version());

    Tensor strided = values().t().contiguous().t().slice(1, 0, 3, 2);
    Tensor y = values().slice(1, 0, 3, 2).contiguous();
    if (!p.name.matches("(add|sub|mul|div|copy|maskedFill)_")) {
      OpForwardTest.close(
          p.name + " with strides", p.plain.apply(y), p.inPlace.apply(strided), 1e-14, 0);
    }

    Tensor a = values().requiresGrad_();
    Tensor b = values().requiresGrad_();
    Tensor plain = p.plain.apply(a.mul(1));
    Tensor inPlace = p.inPlace.apply(b.mul(1));
    if (plain.requiresGrad()) {
      plain.mul(plain).sum().backward();
      inPlace.mul(inPlace).sum().backward();
      OpForwardTest.close(p.name + " gradient", a.grad(), b.grad(), 1e-14, 1e-15);
    }
  }

  @Test
  void integersAreExact() {
    long big = (1L << 60) + 1;
    Tensor x = Tensor.of(big, big);
    assertEquals(big + 2, x.add_(2).get(0).itemLong());
    assertEquals(3 * (big + 2), x.mul_(3).get(1).itemLong());
    assertEquals(3 * (big + 2) - big, x.sub_(big).get(1).itemLong());
    assertEquals("tensor([3, 4])", Tensor.of(1, 2).add_(2.0).toString());
  }
}
