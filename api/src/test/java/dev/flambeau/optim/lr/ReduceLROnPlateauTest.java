package dev.flambeau.optim.lr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import dev.flambeau.optim.SGD;
import dev.flambeau.optim.lr.ReduceLROnPlateau.Mode;
import dev.flambeau.optim.lr.ReduceLROnPlateau.ThresholdMode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against PyTorch 1.13.1's numbers. */
class ReduceLROnPlateauTest {
  private final SGD optimizer = new SGD(List.of(Tensor.ones(1).requiresGrad_()), 0.1);

  private static double[] rates(ReduceLROnPlateau scheduler, double... metrics) {
    double[] out = new double[metrics.length];
    for (int i = 0; i < out.length; i++) {
      scheduler.step(metrics[i]);
      out[i] = scheduler.getLastLr()[0];
    }
    return out;
  }

  @Test
  void smallerIsBetter() {
    var scheduler =
        new ReduceLROnPlateau(optimizer).factor(0.5).patience(2).cooldown(1).minLr(0.01);
    assertArrayEquals(
        new double[] {
          0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025, 0.0125,
          0.0125, 0.0125, 0.0125, 0.01, 0.01
        },
        rates(
            scheduler, 1, 0.9, 0.95, 0.91, 0.90, 0.8999, 0.85, 0.86, 0.87, 0.88, 0.89, 0.9, 0.9,
            0.9, 0.9, 0.9, 0.9, 0.9, 0.9),
        1e-17);
    assertEquals(0.85, scheduler.best(), 0);
    assertEquals(19, scheduler.lastEpoch());
  }

  @Test
  void greaterIsBetter() {
    var scheduler =
        new ReduceLROnPlateau(optimizer, Mode.MAX)
            .patience(1)
            .threshold(0.01, ThresholdMode.ABS)
            .eps(1e-9);
    double[] expected = {
      0.1,
      0.1,
      0.1,
      0.1,
      0.010000000000000002,
      0.010000000000000002,
      0.010000000000000002,
      0.010000000000000002,
      0.010000000000000002,
      0.0010000000000000002
    };
    double[] metrics = {0.5, 0.505, 0.52, 0.525, 0.529, 0.53, 0.5301, 0.9, 0.9, 0.9};
    assertArrayEquals(expected, rates(scheduler, metrics), 0);
  }

  @Test
  void continues() {
    var scheduler = new ReduceLROnPlateau(optimizer).patience(1);
    scheduler.step(Tensor.of(1.0));
    scheduler.step(1);
    var other = new ReduceLROnPlateau(optimizer).patience(1);
    other.loadStateDict(scheduler.stateDict());
    other.step(1);
    assertEquals(0.010000000000000002, other.getLastLr()[0], 0);
  }

  @Test
  void refusals() {
    var scheduler = new ReduceLROnPlateau(optimizer);
    assertThrows(IllegalArgumentException.class, () -> scheduler.factor(1));
    assertThrows(IllegalArgumentException.class, () -> scheduler.minLr(1, 2));
  }

  @Test
  void aRefusedRateEndsNoEpoch() {
    SGD sgd = new SGD(List.of(Tensor.ones(1).requiresGrad_()), 0.1);
    ReduceLROnPlateau scheduler = new ReduceLROnPlateau(sgd).factor(-1).minLr(-1).patience(0);
    scheduler.step(1);
    Map<String, Tensor> before = scheduler.stateDict();
    assertThrows(IllegalArgumentException.class, () -> scheduler.step(2));
    assertEquals(1, scheduler.lastEpoch());
    assertEquals(before.toString(), scheduler.stateDict().toString());
    scheduler.minLr(0.05).step(2);
    assertEquals(0.05, sgd.paramGroups().get(0).lr());
  }

  @Test
  void statesThatNoScheduleHas() {
    SGD sgd = new SGD(List.of(Tensor.ones(1).requiresGrad_()), 0.1);
    ReduceLROnPlateau scheduler = new ReduceLROnPlateau(sgd);
    scheduler.step(1);
    String before = scheduler.stateDict().toString();
    for (String name : scheduler.stateDict().keySet()) {
      for (Tensor bad : new Tensor[] {null, Tensor.of(Double.NaN), Tensor.of(1, 2)}) {
        Map<String, Tensor> state = scheduler.stateDict();
        state.put("best", Tensor.of(0.5));
        state.put(name, bad);
        var e = assertThrows(IllegalArgumentException.class, () -> scheduler.loadStateDict(state));
        assertTrue(e.getMessage().contains(name), e::getMessage);
        assertEquals(before, scheduler.stateDict().toString());
      }
    }
  }
}
