package dev.flambeau.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Backends;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A loop written as in a textbook, with no scope and no close, needs no more memory as it goes on.
 */
class MemoryTest {
  private static final int STEPS = Integer.getInteger("flambeau.test.memory.steps", 100_000);

  /**
   * What may wait for a collection beside what lives: the budget starts at 64 MB and may grow
   * eightfold; it is checked once a megabyte.
   */
  private static final long BUDGET = (512L + 16) << 20;

  @Test
  void aLongTrainingRunStaysLevel() throws IOException {
    Flambeau.manualSeed(0);
    var run = new Run();
    while (run.step < 1_000) {
      run.epoch();
    }
    long early = settled(run);
    while (run.step < STEPS / 10) {
      run.epoch();
    }
    settled(run);
    long earlyResident = resident();
    while (run.step < STEPS) {
      run.epoch();
    }
    assertEquals(early, settled(run), "live bytes after " + STEPS + " steps and after 1,000");
    long growth = resident() - earlyResident;
    assertTrue(run.most <= early + BUDGET, "live bytes reached " + run.most);
    System.out.printf(
        "%,d steps: live %,d bytes after a collection, at most %,d; resident grew %,d%n",
        run.step, early, run.most, growth);
    assertTrue(growth < 64 << 20, "resident size grew by " + growth);
  }

  @Test
  void sumsOfNarrowIntegersConvertNothing() {
    for (DType type : List.of(DType.BOOL, DType.UINT8, DType.INT8, DType.INT16, DType.INT32)) {
      Tensor x = Tensor.ones(type, 4096, 2048);
      long before = held();
      assertEquals(4096 * 2048, x.sum().itemLong());
      assertEquals(4096, x.sum(0).get(5).itemLong());
      assertEquals(2048, x.sum(1).get(5).itemLong());
      assertEquals(1, x.prod().itemLong());
      long more = held() - before;
      // The allocator may have taken a chunk of 8 MB for the results; all of x in int64 are 64 MB.
      assertTrue(more < 2 * x.numel(), type + ": sums took " + more + " bytes");
    }
  }

  private static long held() {
    Backends.MemoryUse use = Backends.memory();
    return use.liveBytes() + use.cachedBytes();
  }

  /** The loop of the course notes. */
  private static final class Run {
    final Sequential model =
        new Sequential(
            new Linear(784, 128), new ReLU(), new Linear(128, 64), new ReLU(), new Linear(64, 10));
    final DataLoader loader =
        new DataLoader(new TensorDataset(Tensor.rand(640, 784), Tensor.randint(0, 10, 640)))
            .batchSize(64)
            .shuffle(true);
    final CrossEntropyLoss criterion = new CrossEntropyLoss();
    final SGD optimizer = new SGD(model.parameters(), 0.01).momentum(0.9);
    int step;
    long most;

    void epoch() {
      for (Batch batch : loader) {
        optimizer.zeroGrad();
        Tensor prediction = model.call(batch.input());
        Tensor loss = criterion.call(prediction, batch.target());
        loss.backward();
        optimizer.step();
        if (++step % 100 == 0) {
          most = Math.max(most, Backends.memory().liveBytes());
        }
      }
    }
  }

  /** Without the last gradients, which share the fate of the small blocks made beside them. */
  private static long settled(Run run) {
    run.optimizer.zeroGrad();
    Backends.releaseUnused(Device.cpu());
    return Backends.memory().liveBytes();
  }

  /** Resident bytes of this process; 0 where the system does not tell. */
  private static long resident() throws IOException {
    Path p = Path.of("/proc/self/statm");
    return Files.exists(p) ? Long.parseLong(Files.readString(p).split(" ")[1]) * 4096 : 0;
  }
}
