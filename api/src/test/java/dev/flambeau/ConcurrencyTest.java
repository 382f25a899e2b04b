package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** A gradient that is taken while backward puts it there counts as taken. */
  @Test
  void aGradientThatIsTakenStays() throws Exception {
    Tensor[] leaves = new Tensor[8_000];
    Arrays.setAll(leaves, i -> Tensor.ones(4).requiresGrad_());
    AtomicInteger at = new AtomicInteger();
    ExecutorService pool = Executors.newSingleThreadExecutor();
    List<Tensor> taken = new ArrayList<>();
    try {
      Future<?> other =
          pool.submit(
              () -> {
                for (int i = 0; i < leaves.length; i = at.get()) {
                  Tensor g = leaves[i].grad();
                  if (g != null) {
                    taken.add(g);
                    while (at.get() == i) {
                      Thread.onSpinWait();
                    }
                  }
                }
              });
      for (Tensor w : leaves) {
        w.sum().backward();
        at.incrementAndGet();
      }
      other.get();
    } finally {
      at.set(leaves.length);
      pool.shutdownNow();
    }
    for (Tensor w : leaves) {
      w.zeroGrad();
    }
    for (Tensor g : taken) {
      assertEquals(4, g.sum().item());
    }
  }

  @Test
  void otherMemoryBesideOps() throws Exception {
    Tensor wide = Tensor.ones(DType.FLOAT64, 1000);
    Tensor narrow = Tensor.of(1f).expand(1000);
    Tensor p = Tensor.ones(1000);
    java.util.concurrent.atomic.AtomicBoolean stop =
        new java.util.concurrent.atomic.AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(1);
    try {
      Future<Integer> computes =
          pool.submit(
              () -> {
                int done = 0;
                while (!stop.get()) {
                  try {
                    p.add(p).sum();
                    p.toDoubleArray();
                    done++;
                  } catch (IllegalStateException refused) {
                    // it is being given other memory
                  }
                }
                return done;
              });
      for (int i = 0; i < 50; i++) {
        p.setData(i % 2 == 0 ? wide : narrow);
      }
      stop.set(true);
      computes.get();
    } finally {
      stop.set(true);
      pool.shutdownNow();
    }
    assertArrayEquals(narrow.toDoubleArray(), p.toDoubleArray());
  }
}
