package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Eight models that train concurrently, a thread and a generator each. */
public final class ConcurrentTraining {
  private ConcurrentTraining() {}

  /** Asserts that each gets the losses that it gets when trained alone. */
  public static void assertSameAsSequential(Device device) throws Exception {
    double[][] alone = new double[8][];
    for (int i = 0; i < 8; i++) {
      alone[i] = train(i, device);
      assertTrue(Arrays.stream(alone[i]).allMatch(l -> l > 0 && l < 10), "losses of model " + i);
    }
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<double[]>> together = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        long seed = i;
        together.add(pool.submit(() -> train(seed, device)));
      }
      for (int i = 0; i < 8; i++) {
        assertArrayEquals(alone[i], together.get(i).get(), "model " + i);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static double[] train(long seed, Device device) {
    try (var use = Rng.use(new Rng(seed))) {
      Tensor x = Tensor.randn(96, 20);
      Tensor y = Tensor.randint(0, 3, 96);
      var loader =
          new DataLoader(new TensorDataset(x, y)).batchSize(16).shuffle(true).device(device);
      var model =
          new Sequential(new Linear(20, 64), new ReLU(), new Dropout(0.2), new Linear(64, 3));
      model.to(device);
      var criterion = new CrossEntropyLoss();
      var optimizer = new SGD(model.parameters(), 0.1).momentum(0.9);
      List<Double> losses = new ArrayList<>();
      for (int epoch = 0; epoch < 5; epoch++) {
        for (Batch b : loader) {
          optimizer.zeroGrad();
          Tensor loss = criterion.call(model.call(b.input()), b.target());
          loss.backward();
          optimizer.step();
          losses.add(loss.item());
        }
      }
      return losses.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }
}
