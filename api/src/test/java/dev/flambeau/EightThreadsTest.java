package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

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
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Eight models train at once, each with its own generator, and each gets what it gets alone. */
class EightThreadsTest {
  private static double[] train(long seed) {
    try (var use = Rng.use(new Rng(seed))) {
      Tensor x = Tensor.randn(96, 20);
      Tensor y = Tensor.randint(0, 3, 96);
      var loader = new DataLoader(new TensorDataset(x, y)).batchSize(16).shuffle(true);
      var model =
          new Sequential(new Linear(20, 64), new ReLU(), new Dropout(0.2), new Linear(64, 3));
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

  @Test
  void eightTrainAsOne() throws Exception {
    double[][] alone = new double[8][];
    for (int i = 0; i < 8; i++) {
      alone[i] = train(i);
    }
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<double[]>> together = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        long seed = i;
        together.add(pool.submit(() -> train(seed)));
      }
      for (int i = 0; i < 8; i++) {
        assertArrayEquals(alone[i], together.get(i).get(), "model " + i);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void eightMayShareOneModel() throws Exception {
    Tensor w = Tensor.of(DType.FLOAT64, new double[] {1, 2, 3}).requiresGrad_();
    Tensor shared = w.mul(2); // a part of the graph that all of them walk
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        all.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 200; i++) {
                    shared.mul(3).sum().backward(null, true, false);
                  }
                }));
      }
      for (Future<?> f : all) {
        f.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertArrayEquals(new double[] {9600, 9600, 9600}, w.grad().toDoubleArray());
  }
}
