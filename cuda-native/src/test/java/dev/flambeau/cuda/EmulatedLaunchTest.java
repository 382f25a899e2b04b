package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.Autograd;
import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Reduction;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.Adam;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.optim.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a warm program asks of the driver, call by call: at small sizes a GPU is as fast as it is
 * asked for little. The emulated CUDA runtime writes its calls down.
 */
class EmulatedLaunchTest {
  private static final String CONTROL = System.getenv("FLAMBEAU_EMULATED_CONTROL");

  /**
   * Three products with their activations, the loss and its gradient, three sums over the batch for
   * the biases, five products and two activations backwards, the optimizer.
   */
  private static final int STEP = 16;

  private final Device gpu = new Device("cuda", 0);
  private Path log;

  @BeforeEach
  void begin() {
    assumeTrue(CONTROL != null, "the environment names no FLAMBEAU_EMULATED_CONTROL");
    assumeTrue(Backends.isAvailable(gpu));
    log = Path.of(CONTROL, "log");
    CudaKernels.turn(CudaKernels.SYNC, 0); // which checks indices first, and waits
  }

  @AfterEach
  void end() throws IOException {
    CudaKernels.turn(CudaKernels.SYNC, 1);
    if (log != null) {
      Files.deleteIfExists(log);
    }
  }

  /** The calls of a piece of program that has run before. */
  private List<String> calls(Runnable program) {
    for (int i = 0; i < 3; i++) {
      program.run();
    }
    try {
      Files.createDirectories(log.getParent());
      Files.writeString(log, "");
      program.run();
      return Files.readAllLines(log);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Sequential model() {
    var model =
        new Sequential(
            new Linear(784, 128), new ReLU(), new Linear(128, 64), new ReLU(), new Linear(64, 10));
    model.to(gpu);
    return model;
  }

  private List<String> step(Sequential model, Optimizer optimizer) {
    Tensor x = Tensor.rand(64, 784).to(gpu);
    Tensor y = Tensor.zeros(64).toLong().to(gpu);
    var criterion = new CrossEntropyLoss();
    return calls(
        () -> {
          try (var scope = Scope.open()) {
            optimizer.zeroGrad();
            criterion.call(model.call(x), y).backward();
            optimizer.step();
          }
        });
  }

  /** A step queues kernels, and does nothing else: no copy, no wait, no memory from the driver. */
  private static void isNothingBut(int launches, List<String> calls) {
    assertTrue(calls.stream().allMatch(c -> c.startsWith("launch ")), calls::toString);
    assertTrue(calls.size() <= launches, () -> calls.size() + ": " + calls);
  }

  @Test
  void aStepOfTraining() {
    var model = model();
    isNothingBut(STEP, step(model, new SGD(model.parameters(), 0.01)));
    isNothingBut(STEP, step(model, new SGD(model.parameters(), 0.01).momentum(0.9)));
    isNothingBut(STEP, step(model, new Adam(model.parameters(), 0.01)));
  }

  @Test
  void aForwardPass() {
    var model = model();
    Tensor x = Tensor.rand(1, 784).to(gpu);
    isNothingBut(
        3,
        calls(
            () -> {
              try (var off = Autograd.noGrad();
                  var scope = Scope.open()) {
                model.call(x);
              }
            }));
  }

  /** A copy to the device, a kernel, and one copy and one wait for the value that is read. */
  @Test
  void aValueIsWaitedForWhereItIsRead() {
    Tensor x = Tensor.rand(4, 4);
    assertEquals(
        List.of("upload 64", "launch reduce", "download 4", "wait for a stream"),
        calls(() -> x.to(gpu).sum().item()));
  }

  /** Kernels check values: the host waits for no check. */
  @Test
  void checksDoNotWait() {
    Tensor p = Tensor.full(0.25, 8).to(gpu);
    Tensor t = Tensor.ones(8).to(gpu);
    Tensor index = Tensor.of(1, -2, 0).to(gpu);
    for (Runnable op :
        List.<Runnable>of(
            () -> p.bceLoss(t, Reduction.MEAN),
            p::bernoulli,
            () -> index.abs().oneHot(5),
            () -> t.get(index))) {
      isNothingBut(8, calls(op));
    }
  }
}
