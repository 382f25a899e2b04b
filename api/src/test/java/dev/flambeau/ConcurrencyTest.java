package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Eight threads train, each a model of its own, or walk one graph together. */
@Tag("kernels")
class ConcurrencyTest {
  @Test
  void eightTrainAsEachAlone() throws Exception {
    ConcurrentTraining.assertSameAsSequential(Device.cpu());
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
