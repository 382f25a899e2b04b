package dev.flambeau.optim;

import static dev.flambeau.optim.OptimizerProblem.leaf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Flambeau;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What optimizers do beside their numbers: groups, state dicts, prints, refusals. */
@Tag("kernels")
class OptimizerTest {
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
    gradient = dev.flambeau.internal.kernels.OptimizerSteps.gradientOf(p);
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
      OptimizerProblem one = new OptimizerProblem();
      OptimizerProblem two = new OptimizerProblem();
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
    OptimizerProblem problem = new OptimizerProblem();
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
    OptimizerProblem problem = new OptimizerProblem();
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
    refused("no option", () -> new Adam(new OptimizerProblem().params()).loadStateDict(saved));
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

  @Test
  void aRefusedStepLeavesNoTrace() {
    Tensor p = Tensor.ones(2, 2).requiresGrad_();
    Tensor gaps = Tensor.ones(2, 4).slice(1, 0, 4, 2).detach().requiresGrad_();
    List<Function<List<Tensor>, Optimizer>> all =
        List.of(
            o -> new SGD(o, 0.1).momentum(0.9).dampening(0.5),
            o -> new Adam(o, 0.1),
            o -> new RMSprop(o, 0.1).momentum(0.5));
    for (Function<List<Tensor>, Optimizer> make : all) {
      Optimizer refused = make.apply(List.of(p, gaps));
      p.setGrad(Tensor.ones(2, 2));
      gaps.setGrad(Tensor.ones(2, 2));
      for (int i = 0; i < 3; i++) {
        assertThrows(IllegalArgumentException.class, refused::step);
      }
      gaps.setGrad(null);
      Tensor before = p.detach().copy();
      refused.step();
      Tensor after = p.detach().copy();
      Tensor q = before.copy().requiresGrad_();
      q.setGrad(Tensor.ones(2, 2));
      make.apply(List.of(q)).step();
      assertTrue(after.equal(q.detach()), () -> refused + ": " + after);
    }
  }

  @Test
  void aSavedStepIsAWholeNumber() {
    Adam adam = new Adam(List.of(leaf(1)), 0.1);
    for (double step : new double[] {-1, 0.5, Double.NaN}) {
      Map<String, Tensor> saved = new LinkedHashMap<>(adam.stateDict());
      saved.put("state.0.step", Tensor.of(step));
      String said =
          assertThrows(IllegalArgumentException.class, () -> adam.loadStateDict(saved))
              .getMessage();
      assertTrue(said.contains("state.0.step must be one whole number"), said);
    }
  }
}
