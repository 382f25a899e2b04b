package dev.flambeau.examples;

import dev.flambeau.Autograd;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.metrics.Accuracy;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 70,000 images of clothes, 28 by 28, ten classes. A
 * network 784-128-64-10 with ReLU, trained by SGD with momentum 0.9, as one writes it in PyTorch;
 * for the same seed its first losses are PyTorch's.
 */
@Command(
    name = "fashion-mnist",
    description = "Trains 784-128-64-10 on Fashion-MNIST and prints the test accuracy.",
    mixinStandardHelpOptions = true)
public final class FashionMnist extends Program {
  /** Where Debian's package dataset-fashion-mnist puts the files. */
  static final Path INSTALLED = Path.of("/usr/share/datasets/fashion-mnist");

  private static final int SHOWN_LOSSES = 10;

  @Parameters(
      arity = "0..1",
      paramLabel = "FOLDER",
      description = "Where the four IDX files are, gzipped or not.")
  private Path folder = INSTALLED;

  @Option(names = "--lr", defaultValue = "0.01", description = "Default: ${DEFAULT-VALUE}.")
  private double lr;

  @Option(names = "--epochs", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(names = "--batch", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(names = "--seed", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  /** A model, and the losses of the batches it was trained on. */
  record Run(Sequential model, List<Double> losses) {}

  /** Trains as the command line says, and ends the JVM with an exit code. */
  public static void main(String[] args) {
    System.exit(
        new FashionMnist()
            .commandLine()
            .setExecutionExceptionHandler(
                (e, line, parsed) -> {
                  System.err.println("fashion-mnist: " + e.getMessage());
                  return 1;
                })
            .execute(args));
  }

  @Override
  protected void run(Device device) throws IOException {
    FashionImages training = FashionImages.read(folder, "train");
    FashionImages test = FashionImages.read(folder, "t10k");
    Run run = train(training, lr, batch, epochs, Integer.MAX_VALUE, seed, device);
    for (double loss : run.losses().subList(0, Math.min(SHOWN_LOSSES, run.losses().size()))) {
      System.out.println(loss);
    }
    System.out.printf(Locale.ROOT, "test accuracy %.4f%n", accuracy(run.model(), test, device));
  }

  /**
   * Seeds, makes the model, takes it to a device, trains it for so many epochs, but no more than
   * {@code steps} steps.
   */
  static Run train(
      FashionImages data,
      double lr,
      int batchSize,
      int epochs,
      int steps,
      long seed,
      Device device) {
    Flambeau.manualSeed(seed);
    Sequential model =
        new Sequential(
            new Linear(data.images().size(1), 128),
            new ReLU(),
            new Linear(128, 64),
            new ReLU(),
            new Linear(64, 10));
    model.to(device);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    SGD optimizer = new SGD(model.parameters(), lr).momentum(0.9);
    DataLoader loader =
        new DataLoader(new TensorDataset(data.images(), data.labels()), batchSize)
            .shuffle(true)
            .device(device);
    List<Double> losses = new ArrayList<>();
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (Batch b : loader) {
        if (losses.size() == steps) {
          return new Run(model, losses);
        }
        optimizer.zeroGrad();
        Tensor loss = criterion.call(model.call(b.input()), b.target());
        loss.backward();
        optimizer.step();
        losses.add(loss.item());
      }
    }
    return new Run(model, losses);
  }

  /** The share of images that the model names rightly. */
  static double accuracy(Sequential model, FashionImages data, Device device) {
    model.eval();
    Accuracy accuracy = Accuracy.multiclass(10);
    try (var noGrad = Autograd.noGrad()) {
      var all = new TensorDataset(data.images(), data.labels());
      for (Batch b : new DataLoader(all, 1000).device(device)) {
        accuracy.update(model.call(b.input()), b.target());
      }
    }
    return accuracy.compute().item();
  }
}
