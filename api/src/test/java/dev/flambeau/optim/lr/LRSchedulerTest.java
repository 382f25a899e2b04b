package dev.flambeau.optim.lr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.optim.ParamGroup;
import dev.flambeau.optim.SGD;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Schedules against PyTorch 1.13.1's numbers, to the last digits. */
class LRSchedulerTest {
  private final SGD optimizer = new SGD(List.of(Tensor.ones(1).requiresGrad_()), 0.1);

  private double[] rates(Function<Optimizer, LRScheduler> make, int epochs) {
    LRScheduler scheduler = make.apply(optimizer);
    double[] out = new double[epochs + 1];
    out[0] = scheduler.getLastLr()[0];
    for (int i = 1; i <= epochs; i++) {
      optimizer.step();
      scheduler.step();
      out[i] = scheduler.getLastLr()[0];
    }
    assertEquals(epochs, scheduler.lastEpoch());
    return out;
  }

  @Test
  void stepLr() {
    assertArrayEquals(
        new double[] {0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125, 0.0125},
        rates(o -> new StepLR(o, 3, 0.5), 10),
        1e-17);
    assertTrue(optimizer.toString().contains("    initial_lr: 0.1\n    lr: 0.0125\n"));
    assertThrows(IllegalArgumentException.class, () -> new StepLR(optimizer, 0));
  }

  @Test
  void cosine() {
    double[] expected = {
      0.1, 0.09140576474687263, 0.06890576474687263, 0.04109423525312736, 0.018594235253127367,
      0.01, 0.018594235253127367, 0.04109423525312739, 0.06890576474687267, 0.09140576474687269,
      0.10000000000000006, 0.09140576474687272, 0.06890576474687268
    };
    assertArrayEquals(expected, rates(o -> new CosineAnnealingLR(o, 5, 0.01), 12), 1e-16);
    assertThrows(IllegalArgumentException.class, () -> new CosineAnnealingLR(optimizer, 0));
  }

  @Test
  void cosineOverManyEpochs() {
    double[] rates = rates(o -> new CosineAnnealingLR(o, 1000), 2500);
    int[] at = {1, 500, 900, 998, 999, 1000, 1001, 1500, 2000, 2500};
    double[] expected = {
      0.09999975326009292, 0.05000000000000004, 0.0024471741852423235, 9.869571931442335e-07,
      2.467399070893439e-07, 0.0, 2.467399070893439e-07, 0.05000000000000008,
      0.10000000000000002, 0.04999999999999987
    };
    for (int i = 0; i < at.length; i++) {
      assertEquals(expected[i], rates[at[i]], 1e-15, "epoch " + at[i]);
    }
  }

  @Test
  void aSchedulerContinues() {
    double[] whole = rates(o -> new CosineAnnealingLR(o, 10), 8);
    SGD other = new SGD(List.of(Tensor.ones(1).requiresGrad_()), 0.1);
    CosineAnnealingLR first = new CosineAnnealingLR(other, 10);
    other.step();
    for (int i = 0; i < 4; i++) {
      first.step();
    }
    SGD resumed = new SGD(List.of(Tensor.ones(1).requiresGrad_()), 5);
    CosineAnnealingLR second = new CosineAnnealingLR(resumed, 10);
    resumed.loadStateDict(other.stateDict());
    second.loadStateDict(first.stateDict());
    resumed.step();
    for (int i = 0; i < 4; i++) {
      second.step();
    }
    assertEquals(whole[8], second.getLastLr()[0], 0);
    assertThrows(IllegalArgumentException.class, () -> second.loadStateDict(other.stateDict()));
  }

  @Test
  void aRefusedStepEndsNoEpoch() {
    SGD two =
        new SGD(
            0.5,
            new ParamGroup(List.of(Tensor.ones(1).requiresGrad_())),
            new ParamGroup(List.of(Tensor.ones(1).requiresGrad_())).lr(0.25));
    double[] answers = {0.4, 0.2, 0.3, Double.NaN, 0.3, 0.1};
    int[] asked = {0};
    LRScheduler schedule =
        new LRScheduler(two) {
          @Override
          protected double next(double lr, double base) {
            return answers[asked[0]++];
          }
        };
    two.step();
    schedule.step();
    assertThrows(IllegalArgumentException.class, schedule::step);
    assertEquals(1, schedule.lastEpoch());
    assertArrayEquals(new double[] {0.4, 0.2}, schedule.getLastLr());
    schedule.step();
    assertEquals(2, schedule.lastEpoch());
    assertArrayEquals(new double[] {0.3, 0.1}, schedule.getLastLr());
  }

  @Test
  void statesThatNoScheduleHas() {
    CosineAnnealingLR schedule = new CosineAnnealingLR(optimizer, 10);
    optimizer.step();
    schedule.step();
    Map<String, Tensor> good = schedule.stateDict();
    Tensor released = Tensor.of(1);
    released.close();
    Map<String, Tensor[]> bad =
        Map.of(
            "last_epoch",
            new Tensor[] {
              Tensor.of(-1), Tensor.of(1.5), Tensor.of(1L << 40), Tensor.of(1, 2), null, released
            },
            "base_lrs",
            new Tensor[] {
              Tensor.of(-0.1), Tensor.of(Double.NaN), Tensor.of(0.1, 0.2), null, released
            },
            "gamma",
            new Tensor[] {Tensor.of(1)});
    bad.forEach(
        (name, values) -> {
          for (Tensor value : values) {
            Map<String, Tensor> state = new HashMap<>(good);
            state.put("last_epoch", Tensor.of(7));
            state.put(name, value);
            var e =
                assertThrows(IllegalArgumentException.class, () -> schedule.loadStateDict(state));
            String said = e.getMessage();
            assertTrue(said.contains(name) || said.contains("2 parameter groups"), said);
            assertEquals(1, schedule.lastEpoch());
            assertEquals(0.1, schedule.stateDict().get("base_lrs").item());
          }
        });
  }
}
