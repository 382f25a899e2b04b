package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
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

  /** A hook that writes into the gradient it sees changes no gradient of another thread. */
  @Test
  void aThreadsHookIsItsOwn() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<?> other =
          pool.submit(
              () -> {
                Tensor w = Tensor.of(1.0).requiresGrad_();
                while (!done.get()) {
                  Tensor h = w.mul(1);
                  h.registerHook(
                      g -> {
                        g.mul_(5);
                        return null;
                      });
                  h.add(1).backward();
                  assertEquals(5, w.grad().item());
                  w.zeroGrad();
                }
              });
      Tensor v = Tensor.ones(200).requiresGrad_();
      double[] ones = v.toDoubleArray();
      try {
        for (int i = 0; i < 2_000; i++) {
          v.sum().backward();
          assertArrayEquals(ones, v.grad().toDoubleArray());
          v.zeroGrad();
        }
      } finally {
        done.set(true);
      }
      other.get();
    } finally {
      pool.shutdownNow();
    }
  }

  private static final class Triple extends Function {
    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return List.of(in.get(0).mul(3));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      return List.of(g.get(0).mul_(3));
    }
  }

  /** Four go through one graph, whose hooks and function write into what they are given. */
  @Test
  void hooksAndFunctionsOfOneGraph() throws Exception {
    Tensor w = Tensor.of(DType.FLOAT64, new double[] {1, 2, 3}).requiresGrad_();
    Tensor v = Tensor.of(DType.FLOAT64, new double[] {1, 2, 3}).requiresGrad_();
    Tensor h = new Triple().call(w.mul(1));
    h.registerHook(g -> g.mul_(2));
    w.registerHook(g -> g.mul_(0.5));
    Tensor shared = h.add(v).mul(v.detach()).sum(); // add gives both the same gradient
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        boolean createGraph = t == 3;
        all.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 250; i++) {
                    shared.backward(null, true, createGraph);
                  }
                }));
      }
      for (Future<?> f : all) {
        f.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertArrayEquals(new double[] {3000, 6000, 9000}, w.grad().toDoubleArray());
    assertArrayEquals(new double[] {1000, 2000, 3000}, v.grad().toDoubleArray());
  }

  /** What {@code grad()} gives is not freed by another thread's {@code zeroGrad()}. */
  @Test
  void aGradientThatIsTakenStays() throws Exception {
    Tensor w = Tensor.ones(4).requiresGrad_();
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<List<Tensor>> other =
          pool.submit(
              () -> {
                List<Tensor> taken = new ArrayList<>();
                while (!done.get()) {
                  Tensor g = w.grad();
                  if (g != null && (taken.isEmpty() || g != taken.get(taken.size() - 1))) {
                    taken.add(g);
                  }
                }
                return taken;
              });
      try {
        for (int i = 0; i < 8_000; i++) {
          w.sum().backward();
          w.zeroGrad();
        }
      } finally {
        done.set(true);
      }
      for (Tensor g : other.get()) {
        assertEquals(4, g.sum().item());
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
