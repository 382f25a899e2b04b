package dev.flambeau.optim.lr.users;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Tensor;
import dev.flambeau.optim.Adam;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.optim.ParamGroup;
import dev.flambeau.optim.SGD;
import dev.flambeau.optim.lr.LRScheduler;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A schedule that a program writes itself, with nothing but the public API. */
class UserSchedulerTest {
  /**
   * One cycle (Smith and Topin 2017) in {@code total} batches: the rates rise to {@code maxLrs} and
   * fall, by half a cosine each; momentum, or Adam's first beta, goes the other way.
   */
  private static final class OneCycle extends LRScheduler {
    private final Optimizer optimizer;
    private final double[] maxLrs;
    private final int total;

    OneCycle(Optimizer optimizer, int total, double... maxLrs) {
      super(optimizer);
      this.optimizer = optimizer;
      this.total = total;
      this.maxLrs = maxLrs;
      begin();
    }

    @Override
    protected double next(double lr, double base) {
      throw new AssertionError("the rate depends on the group");
    }

    @Override
    protected void update(ParamGroup group, double base) {
      if (lastEpoch() >= total) {
        throw new IllegalStateException("the cycle has only " + total + " batches");
      }
      double max = maxLrs[optimizer.paramGroups().indexOf(group)];
      double first = max / 25;
      double top = 0.3 * total - 1;
      double momentum;
      if (lastEpoch() <= top) {
        double part = lastEpoch() / top;
        group.lr(cosine(first, max, part));
        momentum = cosine(0.95, 0.85, part);
      } else {
        double part = (lastEpoch() - top) / (total - 1 - top);
        group.lr(cosine(max, first / 1e4, part));
        momentum = cosine(0.85, 0.95, part);
      }
      if (group.has("betas")) {
        group.set("betas", List.of(momentum, ((List<?>) group.get("betas")).get(1)));
      } else {
        group.momentum(momentum);
      }
    }

    private static double cosine(double from, double to, double part) {
      return to + (from - to) / 2 * (Math.cos(Math.PI * part) + 1);
    }
  }

  /** PyTorch 1.13.1's: both groups' rates, momentum. */
  private static final double[][] CYCLE = {
    {0.0040000000000000036, 0.008000000000000007, 0.95},
    {0.052000000000000005, 0.10400000000000001, 0.8999999999999999},
    {0.1, 0.2, 0.85},
    {0.09504846320134738, 0.19009692640269477, 0.854951556604879},
    {0.0811745653949763, 0.1623491307899526, 0.8688255099070633},
    {0.06112620219362893, 0.12225240438725786, 0.8888739533021842},
    {0.03887419780637107, 0.07774839561274215, 0.9111260466978157},
    {0.0188258346050237, 0.0376516692100474, 0.9311744900929366},
    {0.004951936798652629, 0.009903873597305258, 0.945048443395121},
    {4e-07, 8e-07, 0.95},
  };

  private static ParamGroup group() {
    Tensor p = Tensor.ones(1).requiresGrad_();
    p.setGrad(Tensor.ones(1));
    return new ParamGroup(List.of(p));
  }

  private static void follows(Optimizer optimizer) {
    OneCycle cycle = new OneCycle(optimizer, CYCLE.length, 0.1, 0.2);
    for (int batch = 0; batch < CYCLE.length; batch++) {
      assertEquals(batch, cycle.lastEpoch());
      double[] now = new double[3];
      for (int i = 0; i < 2; i++) {
        ParamGroup g = optimizer.paramGroups().get(i);
        now[i] = g.lr();
        now[2] =
            g.has("betas")
                ? ((Number) ((List<?>) g.get("betas")).get(0)).doubleValue()
                : g.number("momentum");
        assertEquals(CYCLE[batch][2], now[2], 1e-15, "momentum at batch " + batch);
      }
      assertArrayEquals(CYCLE[batch], now, 1e-15, "batch " + batch);
      optimizer.step();
      if (batch + 1 < CYCLE.length) {
        cycle.step();
      }
    }
    assertThrows(IllegalStateException.class, cycle::step);
  }

  @Test
  void oneCycleMovesRatesAndMomentum() {
    follows(new SGD(1, group(), group()).momentum(0.9));
  }

  @Test
  void oneCycleMovesRatesAndBetas() {
    follows(new Adam(1, group(), group()));
  }

  /** {@code next} is enough for a schedule that moves rates alone; it gives the first one too. */
  @Test
  void aWarmUpBeginsBelow() {
    SGD sgd = new SGD(0.5, group());
    LRScheduler warmUp =
        new LRScheduler(sgd) {
          {
            begin();
          }

          @Override
          protected double next(double lr, double base) {
            return base * Math.min(1, (lastEpoch() + 1) / 4.0);
          }
        };
    for (double expected : new double[] {0.125, 0.25, 0.375, 0.5, 0.5}) {
      assertEquals(expected, warmUp.getLastLr()[0], 0);
      sgd.step();
      warmUp.step();
    }
    assertEquals(0.5, sgd.paramGroups().get(0).number("initial_lr"), 0);
  }

  @Test
  void aScheduleContinues() {
    SGD one = new SGD(1, group(), group());
    OneCycle first = new OneCycle(one, CYCLE.length, 0.1, 0.2);
    one.step();
    for (int i = 0; i < 4; i++) {
      first.step();
    }
    SGD two = new SGD(7, group(), group());
    OneCycle second = new OneCycle(two, CYCLE.length, 0.1, 0.2);
    two.loadStateDict(one.stateDict());
    second.loadStateDict(first.stateDict());
    assertEquals(one.toString(), two.toString());
    two.step();
    second.step();
    assertEquals(CYCLE[5][2], two.paramGroups().get(0).number("momentum"), 1e-15);
    assertArrayEquals(new double[] {CYCLE[5][0], CYCLE[5][1]}, second.getLastLr(), 1e-15);
  }
}
