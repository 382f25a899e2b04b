package dev.flambeau.optim;

import static dev.flambeau.optim.OptimizerProblem.leaf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.nn.Linear;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** States that a program or a file may hold against an optimizer, and what becomes of them. */
@Tag("kernels")
class OptimizerStateTest {
  private static final List<Function<List<Tensor>, Optimizer>> ALL =
      List.of(
          p -> new SGD(p, 0.1).momentum(0.9),
          p -> new Adam(p, 0.1).amsgrad(true),
          p -> new AdamW(p, 0.1),
          p -> new RMSprop(p, 0.1).momentum(0.5).centered(true));

  private static Map<String, Tensor> after3Steps(Function<List<Tensor>, Optimizer> make) {
    OptimizerProblem problem = new OptimizerProblem();
    Optimizer optimizer = make.apply(problem.params());
    problem.steps(optimizer, 3, false);
    return optimizer.stateDict();
  }

  /** One entry of a snapshot is changed: the load is refused, and changes nothing. */
  private static void refused(
      Function<List<Tensor>, Optimizer> make,
      Consumer<Map<String, Tensor>> change,
      String... says) {
    OptimizerProblem problem = new OptimizerProblem();
    Optimizer optimizer = make.apply(problem.params());
    problem.steps(optimizer, 2, false);
    Map<String, Tensor> saved = new LinkedHashMap<>(after3Steps(make));
    saved.put("param_groups.0.lr", Tensor.of(7.0));
    change.accept(saved);
    Map<String, Tensor> before = optimizer.stateDict();
    String text = optimizer.toString();
    var e = assertThrows(IllegalArgumentException.class, () -> optimizer.loadStateDict(saved));
    for (String part : says) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
    assertEquals(text, optimizer.toString());
    Map<String, Tensor> now = optimizer.stateDict();
    assertEquals(before.keySet(), now.keySet());
    before.forEach((name, t) -> assertTrue(t.equal(now.get(name)), name));
  }

  @Test
  void valuesThatNoStateHas() {
    Tensor released = Tensor.ones(DType.FLOAT64, 3);
    released.close();
    for (var make : ALL) {
      String name = make.apply(List.of(leaf(1))).name() + ": ";
      for (String key : after3Steps(make).keySet()) {
        refused(make, s -> s.put(key, null), name, key + " of the loaded state dict is null");
        refused(make, s -> s.put(key, released), name, key, "was released, a tensor of shape");
        if (key.endsWith("step")) {
          for (double step : new double[] {-1, 0.5, Double.NaN, 1e300}) {
            refused(
                make, s -> s.put(key, Tensor.of(step)), name, key + " must be one whole number");
          }
          refused(make, s -> s.put(key, Tensor.of(0)), name, key + " is 0, but there are");
          refused(make, s -> s.put(key, Tensor.of(1, 2)), name, key + " must be one whole number");
          refused(make, s -> s.remove(key), name, "but no " + key);
        } else if (key.startsWith("state.")) {
          Tensor ok = after3Steps(make).get(key);
          refused(make, s -> s.put(key, Tensor.zeros(7)), name, key + " has shape torch.Size([7])");
          refused(make, s -> s.put(key, ok.toInt()), name, key + " must be floating", "int32");
        }
      }
    }
  }

  @Test
  void squaresAreNotNegative() {
    for (int i = 1; i < ALL.size(); i++) {
      var make = ALL.get(i);
      int squares = 0;
      for (String key : after3Steps(make).keySet()) {
        if (key.endsWith("sq") || key.endsWith("square_avg")) {
          squares++;
          Consumer<Map<String, Tensor>> negative =
              s -> {
                Tensor t = s.get(key).copy();
                t.flatten().select(0, 1).fill_(-2.5);
                s.put(key, t);
              };
          refused(make, negative, key + " holds squares", "got -2.5");
        }
      }
      assertEquals(i == 1 ? 4 : 2, squares);
    }
  }

  @Test
  void statesOfOtherOptimizers() {
    var sgd = ALL.get(0);
    var adam = ALL.get(1);
    var rmsprop = ALL.get(3);
    Tensor like = Tensor.ones(DType.FLOAT64, 3);
    refused(adam, s -> s.put("state.0.momentum_buffer", like), "Adam: there is no state state.0.m");
    refused(sgd, s -> s.put("state.0.exp_avg", like), "no state state.0.exp_avg", "[momentum_buf");
    refused(sgd, s -> s.put("state.0.step", Tensor.of(3)), "no state state.0.step");
    refused(adam, s -> s.remove("state.0.exp_avg"), "but no state.0.exp_avg");
    refused(adam, s -> s.remove("state.1.exp_avg_sq"), "but no state.1.exp_avg_sq");
    refused(rmsprop, s -> s.remove("state.1.square_avg"), "but no state.1.square_avg");
    for (String key :
        List.of("state.00.exp_avg", "state.+1.exp_avg", "state.-1.exp_avg", "state.0")) {
      refused(adam, s -> s.put(key, like), key + " does not fit");
    }
    refused(adam, s -> s.put("state.0.", like), "state.0. of the loaded state dict ends early");
    refused(adam, s -> s.put("param_groups.0.beta", like.sum()), "no option beta");
    refused(adam, s -> s.put("param_groups.0.initial_lr", Tensor.of(-1.0)), "invalid initial_lr");
    refused(adam, s -> s.put("param_groups.1.lr", like.sum()), "param_groups.1.lr does not fit");
    refused(
        adam, s -> s.put("param_groups.0.params", Tensor.of(1, 0)), "must count", "0 to 1 here");
  }

  /** What an option set after the last step needs begins with zeros, and is saved so. */
  @Test
  void anOptionMayComeLater() {
    OptimizerProblem problem = new OptimizerProblem();
    RMSprop one = new RMSprop(problem.params());
    problem.steps(one, 2, false);
    one.momentum(0.5).centered(true);
    OptimizerProblem other = new OptimizerProblem();
    RMSprop two = new RMSprop(other.params());
    Map<String, Tensor> saved = one.stateDict();
    two.loadStateDict(saved);
    assertEquals(one.toString(), two.toString());
    Map<String, Tensor> less = new LinkedHashMap<>(saved);
    less.remove("state.0.grad_avg");
    var e = assertThrows(IllegalArgumentException.class, () -> two.loadStateDict(less));
    assertTrue(e.getMessage().contains("but no state.0.grad_avg"), e::getMessage);
  }

  /** No group is stepped where another is refused, whatever refuses it. */
  @Test
  void aStepIsWhole() {
    for (var make : ALL) {
      Tensor p = leaf(1, 2);
      Tensor other = Tensor.ones(2, 4).slice(1, 0, 4, 2).detach().requiresGrad_();
      Optimizer optimizer = make.apply(List.of(p));
      optimizer.addParamGroup(new ParamGroup(List.of(other)));
      p.setGrad(Tensor.ones(DType.FLOAT64, 2));
      optimizer.step();
      Map<String, Tensor> before = optimizer.stateDict();
      Tensor value = p.detach().copy();
      other.setGrad(Tensor.ones(2, 2));
      var e = assertThrows(IllegalArgumentException.class, optimizer::step);
      assertTrue(e.getMessage().contains("gaps in memory"), e::getMessage);
      Tensor released = Tensor.ones(2, 2);
      other.setGrad(released);
      released.close();
      assertThrows(RuntimeException.class, optimizer::step);
      assertEquals(1, optimizer.steps());
      assertTrue(value.equal(p.detach()));
      before.forEach((name, t) -> assertTrue(t.equal(optimizer.stateDict().get(name)), name));
    }
  }

  /** A module converted between steps goes on as if its states had been converted with it. */
  @Test
  void aConvertedParameterGoesOn() {
    for (var make : ALL) {
      Linear one = new Linear(3, 2);
      Linear two = new Linear(3, 2);
      Optimizer a = make.apply(one.parameters());
      Optimizer b = make.apply(two.parameters());
      step(one, a);
      step(one, a);
      one.to(DType.FLOAT64);
      two.to(DType.FLOAT64);
      two.loadStateDict(one.stateDict());
      b.loadStateDict(a.stateDict());
      for (int i = 0; i < 3; i++) {
        step(one, a);
        step(two, b);
      }
      assertTrue(one.weight.equal(two.weight), a::toString);
      a.stateDict()
          .forEach(
              (name, t) -> assertTrue(name.endsWith("step") || t.dtype() != DType.FLOAT32, name));
    }
  }

  private static void step(Linear model, Optimizer optimizer) {
    optimizer.zeroGrad();
    Tensor x = Tensor.arange(6).view(2, 3).to(model.weight.dtype());
    model.call(x).square().sum().backward();
    optimizer.step();
  }

  /** A parameter that was given memory in another order: its states follow. */
  @Test
  void aParameterInAnotherOrderGoesOn() {
    for (var make : ALL) {
      Tensor one = Tensor.arange(6).view(2, 3).toDouble().requiresGrad_();
      Tensor two = one.detach().copy().requiresGrad_();
      Optimizer a = make.apply(List.of(one));
      Optimizer b = make.apply(List.of(two));
      for (int i = 0; i < 3; i++) {
        one.setGrad(one.detach().square());
        two.setGrad(two.detach().square());
        a.step();
        b.step();
        if (i == 0) {
          one.setData(one.detach().t().contiguous().t());
        }
      }
      assertArrayEquals(two.flatten().toDoubleArray(), one.flatten().toDoubleArray());
    }
  }

  @Test
  void manyGroups() {
    assertTimeout(
        Duration.ofSeconds(20), // each looking through all before it takes longer
        () -> {
          SGD sgd = new SGD(List.of(leaf(1)), 0.1);
          for (int i = 0; i < 20_000; i++) {
            sgd.addParamGroup(new ParamGroup(List.of(leaf(1))));
          }
          ParamGroup twice = new ParamGroup(sgd.paramGroups().get(7).params());
          assertThrows(IllegalArgumentException.class, () -> sgd.addParamGroup(twice));
        });
  }
}
