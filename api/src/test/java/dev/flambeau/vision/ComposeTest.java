package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Flambeau;
import dev.flambeau.Rng;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

class ComposeTest {
  @Test
  void asTorchvision() {
    Transform t =
        new Compose(
            new ConvertImageDtype(),
            new RandomHorizontalFlip(),
            new RandomRotation(15),
            new RandomResizedCrop(2),
            new Normalize(0.5, 0.25));
    Flambeau.manualSeed(0);
    Pixels.check(t.apply(Pixels.bytes(1, 5, 6)), 1e-5, 1.168628, 1.435294, -0.431373, -0.164706);
    assertEquals(0.4900934100151062, Tensor.rand(1).item());
    Flambeau.manualSeed(1);
    Pixels.check(t.apply(Pixels.bytes(1, 5, 6)), 1e-5, -0.180392, -0.211765, 0.431373, 0.4);
  }

  @Test
  void prints() {
    assertEquals(
        "Compose(\n    RandomHorizontalFlip(p=0.5)\n    CenterCrop(size=(2, 2))\n)",
        new RandomHorizontalFlip().then(new CenterCrop(2)).toString());
    assertEquals("Compose(\n)", new Compose().toString());
  }

  @Test
  void aThreadsGeneratorIsUsed() {
    Transform t = new RandomRotation(90).then(new RandomCrop(2));
    Tensor image = Pixels.bytes(3, 9, 9);
    Tensor first;
    try (var use = Rng.use(new Rng(5))) {
      first = t.apply(image);
    }
    try (var use = Rng.use(new Rng(5))) {
      assertTrue(first.equal(t.apply(image)));
    }
  }

  @Test
  void lambdasJoinAndScopesKeepTheResult() {
    Transform t = new Resize(2, 2).then(x -> x.add(1)).then(new CenterCrop(1));
    assertEquals(3, ((Compose) t).transforms().size());
    Tensor image = Tensor.ones(1, 4, 4);
    Tensor y;
    try (var scope = Scope.open()) {
      y = scope.keep(t.apply(image));
    }
    Pixels.check(y, 2);
    assertSame(image, new Compose().apply(image));
  }
}
