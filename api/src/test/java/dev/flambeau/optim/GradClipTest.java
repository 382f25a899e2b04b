package dev.flambeau.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Tensor;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Gradient clipping against PyTorch 1.13.1's numbers. */
@Tag("kernels")
class GradClipTest {
  private final Tensor a = Tensor.of(3.0, 4.0).requiresGrad_();
  private final Tensor b = Tensor.of(new double[][] {{1, 2}, {2, 4}}).requiresGrad_();
  private final Tensor idle = Tensor.of(1.0).requiresGrad_();
  private final List<Tensor> all = List.of(a, b, idle);

  private void gradients() {
    a.setGrad(Tensor.of(3.0, -4.0));
    b.setGrad(Tensor.of(new double[][] {{1, 2}, {-2, 4}}));
  }

  private void clips(double type, double norm, double... expected) {
    gradients();
    assertEquals(norm, GradClip.norm_(all, 1, type).item(), 1e-6);
    Tensor now = Tensor.cat(List.of(a.grad(), b.grad().flatten()), 0);
    assertArrayEquals(expected, now.toDoubleArray(), 1e-7);
  }

  @Test
  void byNorm() {
    clips(
        2,
        7.07106781,
        0.424264014,
        -0.565685332,
        0.141421333,
        0.282842666,
        -0.282842666,
        0.565685332);
    clips(1, 16, 0.18749997, -0.24999997, 0.0624999925, 0.124999985, -0.124999985, 0.24999997);
    clips(
        Double.POSITIVE_INFINITY,
        4,
        0.749999821,
        -0.999999762,
        0.24999994,
        0.499999881,
        -0.499999881,
        0.999999762);
    clips(
        3, 5.56129789, 0.53944236, -0.719256461, 0.179814115, 0.35962823, -0.35962823, 0.719256461);
  }

  @Test
  void smallGradientsStay() {
    gradients();
    assertEquals(7.0710678, GradClip.norm_(all, 100).item(), 1e-6);
    assertEquals("tensor([ 3., -4.])", a.grad().toString());
    assertEquals(0, GradClip.norm_(List.of(idle), 1).item(), 0);
  }

  @Test
  void byValue() {
    gradients();
    GradClip.value_(all, 2.5);
    assertEquals("tensor([ 2.5000, -2.5000])", a.grad().toString());
    assertEquals("tensor([[ 1.0000,  2.0000],\n        [-2.0000,  2.5000]])", b.grad().toString());
    assertThrows(IllegalArgumentException.class, () -> GradClip.value_(all, -1));
    assertThrows(IllegalArgumentException.class, () -> GradClip.norm_(all, 1, 0));
  }
}
