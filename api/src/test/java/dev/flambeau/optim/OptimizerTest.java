package dev.flambeau.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Flambeau;
import dev.flambeau.PyFormat;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The optimizers: PyTorch's numbers over 1,000 steps, groups, state dicts, prints, refusals. The
 * expected numbers are PyTorch 1.13.1's.
 */
class OptimizerTest {
  /** Two small float64 parameters and a loss that couples them. */
  private static final class Problem {
    final Tensor p = leaf(1, -2, 3);
    final Tensor q = leaf(0.5, 0.25).detach().view(1, 2).requiresGrad_();
    private final Tensor goal = Tensor.of(DType.FLOAT64, new double[] {0.5, 0.3, -0.2});
    private final Tensor weight = Tensor.of(DType.FLOAT64, new double[] {1, 3, 0.1});

    List<Tensor> params() {
      return List.of(p, q);
    }

    Tensor loss() {
      Tensor near = p.sub(goal).square().mul(weight).sum();
      return near.add(q.pow(4).sum()).add(p.select(0, 0).mul(q).sum().sin());
    }

    double[] values() {
      return Tensor.cat(List.of(p.detach(), q.detach().flatten()), 0).toDoubleArray();
    }

    void steps(Optimizer optimizer, int n, boolean negative) {
      for (int i = 0; i < n; i++) {
        optimizer.zeroGrad();
        (negative ? loss().neg() : loss()).backward();
        optimizer.step();
      }
    }
  }

  private static Tensor leaf(double... values) {
    return Tensor.of(DType.FLOAT64, values).requiresGrad_();
  }

  private static void follows(
      Function<List<Tensor>, Optimizer> make, boolean negative, double[] ten, double[] thousand) {
    Problem problem = new Problem();
    Optimizer optimizer = make.apply(problem.params());
    problem.steps(optimizer, 10, negative);
    assertArrayEquals(ten, problem.values(), 1e-13);
    problem.steps(optimizer, 990, negative);
    assertArrayEquals(thousand, problem.values(), 1e-11);
  }

  @Test
  void sgd() {
    follows(
        p -> new SGD(p, 0.01),
        false,
        new double[] {
          0.8597551522038979,
          -0.9388147624182692,
          2.9365729387262385,
          0.38797464457735803,
          0.17035754232594608
        },
        new double[] {
          0.8357031240518665,
          0.29999999999999954,
          0.23220647182938714,
          -0.5146202296755711,
          -0.5146202296756645
        });
  }

  @Test
  void sgdWithMomentumDampeningAndWeightDecay() {
    follows(
        p -> new SGD(p, 0.003).momentum(0.9).dampening(0.1).weightDecay(1e-3),
        false,
        new double[] {
          0.8327667176184309,
          -0.6439454250706588,
          2.927253391548307,
          0.3669666725256186,
          0.1593771459845288
        },
        new double[] {
          0.8354049546904118,
          0.29995000833194474,
          -0.18812952013703624,
          -0.5144986861360791,
          -0.5144986861360795
        });
  }

  @Test
  void sgdNesterov() {
    follows(
        p -> new SGD(p, 0.003).nesterov(true).momentum(0.9),
        false,
        new double[] {
          0.7980518358128741,
          -0.43607004927100884,
          2.909962675086035,
          0.3386941180695009,
          0.1373440598748888
        },
        new double[] {
          0.8357031240545411, 0.3, -0.19407344193046905, -0.5146202296756183, -0.5146202296756183
        });
  }

  @Test
  void sgdMaximizes() {
    follows(
        p -> new SGD(p, 0.003).momentum(0.5).maximize(true),
        true,
        new double[] {
          0.9197513544619574,
          -1.3389007884619086,
          2.9655741455820226,
          0.4362744121173235,
          0.20686385876874286
        },
        new double[] {
          0.8357029202740209,
          0.2999999999999993,
          0.7628956853111484,
          -0.5146202135394354,
          -0.5146202453003557
        });
  }

  @Test
  void adam() {
    follows(
        p -> new Adam(p, 0.002),
        false,
        new double[] {
          0.9800183223203516,
          -1.980005641485295,
          2.980004047044159,
          0.4800199029209269,
          0.22999436188830502
        },
        new double[] {
          0.8355465956301077,
          -0.44115655681553917,
          1.3051475220237463,
          -0.5142901759646553,
          -0.5147657385316389
        });
  }

  @Test
  void adamWithAllOptions() {
    follows(
        p -> new Adam(p, 0.002).betas(0.8, 0.99).eps(1e-6).weightDecay(0.01),
        false,
        new double[] {
          0.9800355906133867,
          -1.9800110161220417,
          2.980007957733428,
          0.4800386992666967,
          0.22998936616413332
        },
        new double[] {
          0.8327233467989382,
          -0.2302813879579015,
          1.1387854951613332,
          -0.5134005085764285,
          -0.5134005085764253
        });
  }

  @Test
  void adamAmsgrad() {
    follows(
        p -> new Adam(p, 0.002).amsgrad(true),
        false,
        new double[] {
          0.9800183223203516,
          -1.980005641485295,
          2.980004047044159,
          0.4800199029209269,
          0.22999436188830502
        },
        new double[] {
          0.8348869994849496,
          -0.4476222556315645,
          1.306400732445647,
          -0.5139348083283264,
          -0.5149488752707924
        });
  }

  @Test
  void adamw() {
    follows(
        p -> new AdamW(p, 0.002),
        false,
        new double[] {
          0.9798203020007152,
          -1.9796075904546544,
          2.9794060225667627,
          0.47992184529129917,
          0.22994616441253585
        },
        new double[] {
          0.8343472141773222,
          -0.42603486055453493,
          1.2721581573957876,
          -0.5136646757364383,
          -0.5143583767123301
        });
    follows(
        p -> new AdamW(p, 0.002).weightDecay(0.1).maximize(true).amsgrad(true),
        true,
        new double[] {
          0.9780397327464955,
          -1.9760283610596145,
          2.9740286513573304,
          0.4790401293335957,
          0.22951278742430214
        },
        new double[] {
          0.8186196256015241,
          -0.3157704476187748,
          1.0124242092458553,
          -0.506568543844626,
          -0.5093830282501728
        });
  }

  /** A linear layer's parameters with PyTorch's default initialization. */
  private static List<Tensor> linear(long in, long out) {
    double bound = 1 / Math.sqrt(in);
    Tensor weight = Tensor.uniform(-bound, bound, out, in).asParameter().requiresGrad_();
    Tensor bias = Tensor.uniform(-bound, bound, out).asParameter().requiresGrad_();
    return List.of(weight, bias);
  }

  @Test
  void theNotesMomentumRun() {
    Flambeau.manualSeed(0);
    List<Tensor> first = linear(8, 4);
    List<Tensor> second = linear(4, 2);
    List<Tensor> all = new ArrayList<>(first);
    all.addAll(second);
    SGD sgd = new SGD(all, 0.01).momentum(0.9).weightDecay(1e-4);
    Tensor x = Tensor.randn(5, 8);
    double[] expected = {0.413425833, 0.36702621, 0.291187316};
    for (double e : expected) {
      sgd.zeroGrad();
      Tensor y = x.linear(first.get(0), first.get(1)).linear(second.get(0), second.get(1));
      Tensor loss = y.pow(2).mean();
      loss.backward();
      sgd.step();
      assertEquals(e, loss.item(), 1e-6 * e + 1e-7);
    }
    assertEquals("tensor([-0.3203, -0.2801])", second.get(1).data().toString());
    assertEquals(
        """
        SGD (
        Parameter Group 0
            dampening: 0
            lr: 0.01
            maximize: False
            momentum: 0.9
            nesterov: False
            weight_decay: 0.0001
        )""",
        sgd.toString());
  }

  @Test
  void printsAsPyTorchDoes() {
    assertEquals(
        """
        AdamW (
        Parameter Group 0
            amsgrad: True
            betas: (0.9, 0.999)
            eps: 1e-08
            lr: 0.002
            maximize: True
            weight_decay: 0.1
        )""",
        new AdamW(List.of(leaf(1)), 0.002)
            .weightDecay(0.1)
            .maximize(true)
            .amsgrad(true)
            .toString());
    assertEquals(
        """
        SGD (
        Parameter Group 0
            dampening: 0
            lr: 0.01
            maximize: False
            momentum: 0.9
            nesterov: False
            weight_decay: 0

        Parameter Group 1
            dampening: 0
            lr: 0.1
            maximize: False
            momentum: 0.9
            nesterov: False
            weight_decay: 0
        )""",
        new SGD(0.01, new ParamGroup(List.of(leaf(1))), new ParamGroup(List.of(leaf(1))).lr(0.1))
            .momentum(0.9)
            .toString());
  }

  @Test
  void groupsHaveTheirOwnOptionsAndMayJoinLater() {
    Tensor a = leaf(1);
    Tensor b = leaf(1);
    SGD sgd = new SGD(List.of(a), 0.5);
    sgd.addParamGroup(new ParamGroup(List.of(b)).lr(0.25));
    a.mul(2).add(b.mul(2)).sum().backward();
    sgd.step();
    assertEquals(0, a.item(), 0);
    assertEquals(0.5, b.item(), 0);
    sgd.paramGroups().get(1).lr(0.125);
    sgd.step();
    assertEquals(0.25, b.item(), 0);
  }

  @Test
  void parametersOfSeveralDtypesAndWithoutGradients() {
    Tensor a = leaf(1);
    Tensor b = Tensor.of(1.0).requiresGrad_();
    Tensor idle = leaf(7);
    Tensor c = leaf(3);
    SGD sgd = new SGD(List.of(a, b, idle, c), 1).momentum(0.5);
    for (int i = 0; i < 2; i++) {
      sgd.zeroGrad();
      a.add(b).add(c).sum().backward();
      sgd.step();
    }
    assertEquals(-1.5, a.item(), 0);
    assertEquals(-1.5, b.item(), 0);
    assertEquals(0.5, c.item(), 0);
    assertEquals(7, idle.item(), 0);
    assertFalse(sgd.stateDict().containsKey("state.2.momentum_buffer"));
    sgd.zeroGrad();
    assertNull(a.grad());
  }

  @Test
  void stateOutlivesScopesAndGradientsAreFreedAtOnce() {
    Tensor p = leaf(1, 2);
    Adam adam = new Adam(List.of(p));
    Tensor gradient = null;
    for (int i = 0; i < 3; i++) {
      try (var scope = Scope.open()) {
        adam.zeroGrad();
        p.square().sum().backward();
        adam.step();
        GradClip.norm_(List.of(p), 1);
      }
    }
    gradient = dev.flambeau.OptimizerOps.gradientOf(p);
    assertNotNull(gradient);
    adam.zeroGrad();
    assertTrue(gradient.isReleased());
  }

  @Test
  void aClosureComputesTheLoss() {
    Tensor p = leaf(4);
    SGD sgd = new SGD(List.of(p), 0.5);
    Tensor loss =
        sgd.step(
            () -> {
              sgd.zeroGrad();
              Tensor l = p.square().sum();
              l.backward();
              return l;
            });
    assertEquals(16, loss.item(), 0);
    assertEquals(0, p.item(), 0);
  }

  @Test
  void aStateDictContinuesToTheLastBit() {
    for (boolean sgd : new boolean[] {true, false}) {
      Problem one = new Problem();
      Problem two = new Problem();
      Optimizer a =
          sgd
              ? new SGD(one.params(), 0.003).momentum(0.9).weightDecay(1e-3)
              : new Adam(one.params(), 0.01).betas(0.7, 0.99).amsgrad(true);
      one.steps(a, 7, false);
      Map<String, Tensor> saved = a.stateDict();
      double[] at7 = one.values();
      one.steps(a, 7, false);
      try (var ng = Flambeau.noGrad()) {
        Tensor values = Tensor.of(DType.FLOAT64, at7);
        two.p.copy_(values.narrow(0, 0, 3));
        two.q.copy_(values.narrow(0, 3, 2));
      }
      Optimizer b = sgd ? new SGD(two.params(), 1) : new Adam(two.params());
      b.loadStateDict(saved);
      assertEquals(a.toString(), b.toString());
      two.steps(b, 7, false);
      assertArrayEquals(one.values(), two.values());
    }
  }

  @Test
  void namesOfAStateDict() {
    Problem problem = new Problem();
    Adam adam = new Adam(problem.params());
    problem.steps(adam, 2, false);
    Map<String, Tensor> saved = adam.stateDict();
    assertEquals(
        List.of(
            "state.0.step",
            "state.0.exp_avg",
            "state.0.exp_avg_sq",
            "state.1.step",
            "state.1.exp_avg",
            "state.1.exp_avg_sq",
            "param_groups.0.amsgrad",
            "param_groups.0.betas",
            "param_groups.0.eps",
            "param_groups.0.lr",
            "param_groups.0.maximize",
            "param_groups.0.weight_decay",
            "param_groups.0.params"),
        List.copyOf(saved.keySet()));
    assertEquals("tensor(2)", saved.get("state.1.step").toString());
  }

  @Test
  void stateDictsThatDoNotFitAreRefusedWhole() {
    Problem problem = new Problem();
    SGD sgd = new SGD(problem.params(), 0.1).momentum(0.9);
    problem.steps(sgd, 1, false);
    Map<String, Tensor> saved = sgd.stateDict();
    SGD other = new SGD(List.of(leaf(1)), 0.5);
    String before = other.toString();
    refused("parameters", () -> other.loadStateDict(saved));
    assertEquals(before, other.toString());
    SGD more =
        new SGD(0.1, new ParamGroup(List.of(leaf(1, 2, 3))), new ParamGroup(List.of(leaf(1))));
    refused("parameter groups", () -> more.loadStateDict(Map.of()));
    refused("no option", () -> new Adam(new Problem().params()).loadStateDict(saved));
    Map<String, Tensor> odd = new HashMap<>(saved);
    odd.put("state.0.momentum_buffer", Tensor.zeros(7));
    refused("shape", () -> sgd.loadStateDict(odd));
    odd.remove("state.0.momentum_buffer");
    odd.put("state.x.momentum_buffer", Tensor.zeros(7));
    refused("does not fit", () -> sgd.loadStateDict(odd));
    odd.remove("state.x.momentum_buffer");
    odd.put("weights", Tensor.zeros(7));
    refused("state dict", () -> sgd.loadStateDict(odd));
  }

  private static void refused(String part, org.junit.jupiter.api.function.Executable call) {
    var e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void badOptionsAreRefused() {
    List<Tensor> params = List.of(leaf(1));
    refused("SGD: invalid lr: -0.1", () -> new SGD(params, -0.1));
    refused("SGD: invalid lr: nan", () -> new SGD(params, Double.NaN));
    refused("SGD: invalid momentum: -1.0", () -> new SGD(params, 1).momentum(-1));
    refused("Adam: invalid weight_decay", () -> new Adam(params).weightDecay(-1e-4));
    refused("Adam: invalid beta parameter at index 1", () -> new Adam(params).betas(0.9, 1));
    refused("AdamW: invalid eps", () -> new AdamW(params).eps(-1));
    refused("no option beta", () -> new SGD(1, new ParamGroup(params).set("beta", 1)));
    refused("like", () -> new SGD(1, new ParamGroup(params).set("nesterov", 1)));
    SGD nesterov = new SGD(params, 1).nesterov(true);
    params.get(0).sum().backward();
    refused("Nesterov momentum requires", nesterov::step);
    refused("empty parameter list", () -> new SGD(List.of(), 1));
    refused("no parameter groups", () -> new SGD(1));
    refused("not a leaf", () -> new SGD(List.of(params.get(0).mul(2)), 1));
    refused("floating", () -> new SGD(List.of(Tensor.of(1, 2)), 1));
    refused("more than once", () -> new SGD(List.of(params.get(0), params.get(0)), 1));
    ParamGroup taken = new ParamGroup(List.of(leaf(1)));
    new SGD(1, taken);
    refused("belongs", () -> new SGD(1, taken));
    refused("option x", () -> taken.get("x"));
    assertEquals("1e-08", PyFormat.repr(new Adam(params).paramGroups().get(0).number("eps")));
  }
}
