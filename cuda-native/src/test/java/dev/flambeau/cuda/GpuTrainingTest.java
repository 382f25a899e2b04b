package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.Backends;
import dev.flambeau.ConcurrentTraining;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Reduction;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Training on a GPU: for long, by many threads, with halves. Needs a GPU and a CPU backend. */
class GpuTrainingTest {
  private static final int STEPS = Integer.getInteger("flambeau.test.gpu.steps", 100_000);

  /** What may wait for a collection beside what lives: see MemoryTest of the CPU. */
  private static long budget() {
    long first = Math.max(64L << 20, new CudaBackend().memory(0).totalBytes() / 64);
    return 8 * first + (16L << 20);
  }

  private Device gpu;

  @BeforeEach
  void needsBoth() {
    var answer = new CudaBackend().availability();
    assumeTrue(answer.available(), answer::reason);
    assumeTrue(Backends.isAvailable(Device.cpu()), "there is no CPU backend on the class path");
    gpu = Device.cuda();
  }

  @Test
  void aLongRunStaysLevel() {
    Flambeau.manualSeed(0);
    var run = new Run();
    while (run.step < STEPS / 10) {
      run.epoch();
    }
    long early = settled(run);
    while (run.step < STEPS) {
      run.epoch();
    }
    long late = settled(run);
    System.out.printf(
        "%,d steps: live %,d bytes after a collection, at most %,d%n", run.step, late, run.most);
    assertEquals(early, late, "live bytes after " + run.step + " steps and after a tenth of them");
    assertTrue(run.most <= early + budget(), "live bytes reached " + run.most);
  }

  @Test
  void aWarmProgramAsksTheDriverForNothing() {
    var run = new Run();
    Tensor x = Tensor.rand(64, 784).to(gpu);
    Tensor y = Tensor.randint(0, 10, 64).to(gpu);
    long warm = 0;
    for (int i = 0; i < STEPS / 10; i++) {
      try (var scope = Scope.open()) {
        run.step(x, y);
      }
      warm = i == 10 ? CudaKernels.deviceAllocations() : warm;
    }
    assertEquals(warm, CudaKernels.deviceAllocations(), "calls of cudaMalloc so far");
  }

  /** The loop of the course notes, on the GPU. */
  private final class Run {
    final Sequential model =
        new Sequential(
            new Linear(784, 128), new ReLU(), new Linear(128, 64), new ReLU(), new Linear(64, 10));
    final DataLoader loader =
        new DataLoader(new TensorDataset(Tensor.rand(640, 784), Tensor.randint(0, 10, 640)))
            .batchSize(64)
            .shuffle(true)
            .device(gpu);
    final CrossEntropyLoss criterion = new CrossEntropyLoss();
    final SGD optimizer;
    int step;
    long most;

    Run() {
      model.to(gpu);
      optimizer = new SGD(model.parameters(), 0.01).momentum(0.9);
    }

    void epoch() {
      for (Batch batch : loader) {
        Tensor loss = step(batch.input(), batch.target());
        if (++step % 100 == 0) {
          most = Math.max(most, Backends.memory(gpu).liveBytes());
          assertTrue(Double.isFinite(loss.item()));
        }
      }
    }

    Tensor step(Tensor x, Tensor y) {
      optimizer.zeroGrad();
      Tensor loss = criterion.call(model.call(x), y);
      loss.backward();
      optimizer.step();
      return loss;
    }
  }

  private long settled(Run run) {
    run.optimizer.zeroGrad();
    Backends.releaseUnused(gpu);
    return Backends.memory(gpu).liveBytes();
  }

  @Test
  void eightThreadsTrainAsEachAlone() throws Exception {
    ConcurrentTraining.assertSameAsSequential(gpu);
  }

  @Test
  void halvesMultiplyInFloat32() {
    Flambeau.manualSeed(3);
    for (DType half : List.of(DType.FLOAT16, DType.BFLOAT16)) {
      Tensor a = Tensor.randn(33, 4104).to(half); // so deep that a GPU shares it out
      Tensor b = Tensor.randn(4104, 65).to(half);
      Tensor there = a.to(gpu);
      assertTrue(there.to(Device.cpu()).equal(a), half + " there and back");
      assertTrue(there.toFloat().to(Device.cpu()).equal(a.toFloat()), half + " to float32");
      assertTrue(a.toFloat().to(gpu).to(half).to(Device.cpu()).equal(a), half + " from float32");
      Tensor y = there.matmul(b.to(gpu));
      assertEquals(half, y.dtype());
      Tensor expected = a.toFloat().matmul(b.toFloat()); // rounded once, at the end
      double eps = half == DType.FLOAT16 ? 1 / 1024.0 : 1 / 128.0;
      assertTrue(
          y.toFloat().to(Device.cpu()).allclose(expected, eps, 1e-3), half + " product is off");
    }
  }

  @Test
  void halvesHaveTheirCrossEntropyInFloat32() {
    Flambeau.manualSeed(4);
    for (DType half : List.of(DType.FLOAT16, DType.BFLOAT16)) {
      double eps = half == DType.FLOAT16 ? 1 / 1024.0 : 1 / 128.0;
      for (long classes : new long[] {10, 72, 1500}) {
        Tensor values = Tensor.randn(5, classes).to(half);
        Tensor target = Tensor.of(3, 0, -100, classes - 1, 7);
        Tensor x = values.to(gpu).requiresGrad_();
        Tensor wide = values.toFloat().requiresGrad_();
        Tensor y = x.crossEntropy(target.to(gpu), null, -100, Reduction.MEAN, 0.1);
        Tensor expected = wide.crossEntropy(target, null, -100, Reduction.MEAN, 0.1);
        y.backward();
        expected.backward();
        assertEquals(half, y.dtype());
        assertEquals(expected.item(), y.item(), eps * expected.item(), half + " of " + classes);
        Tensor g = x.grad().toFloat().to(Device.cpu());
        assertTrue(g.allclose(wide.grad(), 2 * eps, 1e-6), half + " gradient of " + classes);
      }
    }
  }

  @Test
  void errorsComeBackAndTheDeviceGoesOn() {
    Tensor x = Tensor.ones(3, 4).to(gpu);
    Tensor far = Tensor.full(7L, 1, 4).to(gpu);
    String said = "";
    try {
      x.gather(0, far).sum().item();
    } catch (IndexOutOfBoundsException e) {
      said = e.getMessage();
    }
    assertTrue(said.contains("gather: index 7"), "an index out of range: " + said);
    assertEquals(12, x.sum().item());
  }
}
