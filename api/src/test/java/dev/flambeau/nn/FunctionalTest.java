package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.ClassCalls;
import dev.flambeau.Reduction;
import dev.flambeau.Resources;
import dev.flambeau.Tensor;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The functions give what the layers and losses of the same names give, and none is missing. */
@Tag("kernels")
class FunctionalTest {
  /** Layers and losses whose function PyTorch calls otherwise. */
  private static final Map<String, String> NAMED =
      Map.of(
          "BCELoss", "binaryCrossEntropy",
          "BCEWithLogitsLoss", "binaryCrossEntropyWithLogits",
          "CrossEntropyLoss", "crossEntropy");

  /** Those for which torch.nn.functional has none. */
  private static final Map<String, String> WITHOUT =
      Map.of(
          "Flatten", "torch.flatten is Tensor.flatten",
          "Identity", "does nothing",
          "Sequential", "holds other layers");

  private final Tensor x = Tensor.of(new double[][] {{1, -2, .5}, {0, 3, -1}});
  private final Tensor p = Tensor.of(new double[][] {{.2, .3, .5}, {.6, .1, .3}});
  private final Tensor labels = Tensor.of(2L, 0L);

  private void same(Layer layer, Tensor y) {
    assertTrue(layer.call(x).equal(y), layer.toString());
  }

  private void same(Loss loss, Tensor target, Tensor y) {
    assertTrue(loss.call(x, target).equal(y), loss.toString());
  }

  @Test
  void activations() {
    same(new ReLU(), Functional.relu(x));
    same(new LeakyReLU(), Functional.leakyRelu(x));
    same(new LeakyReLU(0.2), Functional.leakyRelu(x, 0.2));
    same(new ELU(), Functional.elu(x));
    same(new ELU(2), Functional.elu(x, 2));
    same(new GELU(), Functional.gelu(x));
    same(new GELU("tanh"), Functional.gelu(x, "tanh"));
    same(new SiLU(), Functional.silu(x));
    same(new Hardsigmoid(), Functional.hardsigmoid(x));
    same(new Hardswish(), Functional.hardswish(x));
    same(new Hardshrink(), Functional.hardshrink(x));
    same(new Hardshrink(2), Functional.hardshrink(x, 2));
    same(new Softplus(), Functional.softplus(x));
    same(new Softplus(2, 3), Functional.softplus(x, 2, 3));
    same(new Sigmoid(), Functional.sigmoid(x));
    same(new Tanh(), Functional.tanh(x));
    same(new Softmax(1), Functional.softmax(x, 1));
    same(new LogSoftmax(0), Functional.logSoftmax(x, 0));
  }

  @Test
  void layers() {
    Linear layer = new Linear(3, 2);
    same(layer, Functional.linear(x, layer.weight, layer.bias));
    Linear plain = new Linear(3, 2, false);
    same(plain, Functional.linear(x, plain.weight));
    same(plain, Functional.linear(x, plain.weight, null));
    LayerNorm norm = new LayerNorm(3);
    same(norm, Functional.layerNorm(x, 3));
    same(norm, Functional.layerNorm(x, new long[] {3}, norm.weight, norm.bias, 1e-5));
    assertTrue(Functional.dropout(x, 0.5, false).equal(x));
    assertTrue(Functional.dropout(x, 1).equal(x.mul(0)));
  }

  @Test
  void losses() {
    same(new MSELoss(), p, Functional.mseLoss(x, p));
    same(new MSELoss().reduction(Reduction.SUM), p, Functional.mseLoss(x, p, Reduction.SUM));
    same(new L1Loss(), p, Functional.l1Loss(x, p));
    same(new L1Loss().reduction(Reduction.NONE), p, Functional.l1Loss(x, p, Reduction.NONE));
    same(new CrossEntropyLoss(), labels, Functional.crossEntropy(x, labels));
    Tensor w = Tensor.of(1.0, 2.0, 0.5);
    same(new CrossEntropyLoss().weight(w), labels, Functional.crossEntropy(x, labels, w));
    same(new NLLLoss(), labels, Functional.nllLoss(x, labels));
    same(new BCEWithLogitsLoss(), p, Functional.binaryCrossEntropyWithLogits(x, p));
    same(
        new BCEWithLogitsLoss().weight(w).posWeight(w),
        p,
        Functional.binaryCrossEntropyWithLogits(x, p, w, w, Reduction.MEAN));
    Tensor q = x.sigmoid();
    assertTrue(new BCELoss().call(q, p).equal(Functional.binaryCrossEntropy(q, p)));
    assertTrue(
        new BCELoss()
            .weight(w)
            .call(q, p)
            .equal(Functional.binaryCrossEntropy(q, p, w, Reduction.MEAN)));
  }

  /** The public layers and losses of the package that can be made. */
  private static Set<String> layersAndLosses() throws IOException {
    Set<String> names = new TreeSet<>();
    for (Class<?> c : Resources.classesBeside(Layer.class)) {
      boolean ours = Layer.class.isAssignableFrom(c) || Loss.class.isAssignableFrom(c);
      int flags = c.getModifiers();
      if (ours && Modifier.isPublic(flags) && !Modifier.isAbstract(flags)) {
        names.add(c.getSimpleName());
      }
    }
    return names;
  }

  private static Set<String> functions() {
    return Arrays.stream(Functional.class.getDeclaredMethods())
        .filter(m -> Modifier.isPublic(m.getModifiers()))
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyLayerHasItsFunction() throws IOException {
    Set<String> layers = layersAndLosses();
    assertTrue(layers.size() > 20, layers.toString());
    Set<String> functions = new TreeSet<>(String.CASE_INSENSITIVE_ORDER); // ReLU is relu
    functions.addAll(functions());
    List<String> missing = new ArrayList<>();
    for (String layer : layers) {
      String function = NAMED.getOrDefault(layer, layer);
      if (functions.contains(function) == WITHOUT.containsKey(layer)) {
        missing.add(layer + " and Functional." + function);
      }
    }
    assertEquals(
        List.of(),
        missing,
        "a layer without a function in Functional: write it, name it in NAMED where PyTorch calls it"
            + " otherwise, or say in WITHOUT why PyTorch has none (and only then)");
    Set<String> stale = new TreeSet<>(NAMED.keySet());
    stale.addAll(WITHOUT.keySet());
    stale.removeAll(layers);
    assertEquals(Set.of(), stale, "no such layers");
  }

  @Test
  void everyFunctionIsTriedHere() {
    Set<String> untried = functions();
    for (ClassCalls.Call c : new ClassCalls(FunctionalTest.class).all()) {
      if (c.className().equals(Functional.class.getName())) {
        untried.remove(c.name());
      }
    }
    assertEquals(Set.of(), untried, "functions that this test does not compare with their layer");
  }

  @Test
  void oneHotAsInTheNotes() {
    assertEquals("tensor([0, 1, 0])", Functional.oneHot(Tensor.of(1L).squeeze(), 3).toString());
    assertEquals(
        "tensor([[0, 0, 1],\n        [1, 0, 0],\n        [0, 1, 0],\n        [0, 1, 0]])",
        Functional.oneHot(Tensor.of(2L, 0L, 1L, 1L)).toString());
  }
}
