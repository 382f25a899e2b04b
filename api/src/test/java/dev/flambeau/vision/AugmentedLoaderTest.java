package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.flambeau.Rng;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Images are augmented as a loader fetches them, differently at each pass, repeatably by seed. */
class AugmentedLoaderTest {
  private static List<String> twoPasses(long seed, int workers) {
    try (var use = Rng.use(new Rng(seed))) {
      Tensor images = Tensor.rand(6, 3, 8, 8);
      var train = new TensorDataset(images, Tensor.arange(6));
      var augment = new Compose(new RandomHorizontalFlip(), new RandomResizedCrop(5));
      var loader =
          new DataLoader(train.map(s -> s.mapInput(augment)), 3).shuffle(true).workers(workers);
      List<String> seen = new ArrayList<>();
      for (int pass = 0; pass < 2; pass++) {
        for (Batch b : loader) {
          assertEquals("torch.Size([3, 3, 5, 5])", b.input().shape().toString());
          seen.add(b.target() + " " + b.input().sum().item());
        }
      }
      return seen;
    }
  }

  @Test
  void everyPassSeesOtherImages() {
    List<String> first = twoPasses(3, 0);
    assertEquals(4, first.size());
    assertEquals(first, twoPasses(3, 0));
    assertFalse(first.get(0).equals(first.get(2)));
  }

  @Test
  void workersRepeatByTheirSeeds() {
    assertEquals(twoPasses(3, 2), twoPasses(3, 2));
  }
}
