package dev.flambeau.examples.notes;

import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.examples.Program;
import dev.flambeau.io.SafeTensors;
import dev.flambeau.nn.Init;
import dev.flambeau.nn.LeakyReLU;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import dev.flambeau.train.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** Chapter 3: architecture, learning rate and momentum, initialization, transfer learning. */
@Command(
    name = "chapter-3",
    description = "Counting parameters, momentum, initialization, transfer learning.",
    mixinStandardHelpOptions = true)
public final class Chapter3Architecture extends Program {
  /** Shows the chapter, and ends the JVM with an exit code. */
  public static void main(String[] args) {
    System.exit(new Chapter3Architecture().execute(args));
  }

  @Override
  protected void run(Device device) throws IOException {
    rectifiers(device);
    countingParameters(device);
    momentum(device);
    initialization(device);
    transferLearning(device);
  }

  private static void rectifiers(Device device) {
    Tensor x = Tensor.of(-1.0).to(device).requiresGrad_();
    Tensor y = new ReLU().call(x);
    y.backward();
    System.out.println(y + ", slope " + x.grad());
    System.out.println(new LeakyReLU(0.05).call(Tensor.of(-2.0).to(device)));
  }

  private static void countingParameters(Device device) {
    Sequential model = new Sequential(new Linear(8, 4), new Linear(4, 2));
    model.to(device);
    long total = 0;
    for (Tensor parameter : model.parameters()) {
      total += parameter.numel();
    }
    System.out.println(total);
    System.out.println(Summary.of(model, 1, 8)); // the same, layer by layer
  }

  private static void momentum(Device device) {
    Flambeau.manualSeed(0);
    Sequential model = new Sequential(new Linear(8, 4), new Linear(4, 2));
    model.to(device);
    SGD optimizer = new SGD(model.parameters(), 0.01).momentum(0.9).weightDecay(1e-4);
    Tensor x = Tensor.randn(5, 8).to(device);
    for (int i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      Tensor loss = model.call(x).square().mean();
      loss.backward();
      optimizer.step();
      System.out.println(i + " " + loss.item());
    }
    System.out.println(optimizer);
  }

  private static void initialization(Device device) {
    Flambeau.manualSeed(0);
    Linear layer = new Linear(16, 32);
    layer.to(device);
    System.out.println(layer.weight.min() + " " + layer.weight.max());
    Init.uniform_(layer.weight);
    System.out.println(layer.weight.min() + " " + layer.weight.max());
  }

  /** Weights from a file, the first layer frozen, the last one trained. */
  private static void transferLearning(Device device) throws IOException {
    Path file = Files.createTempFile("pretrained", ".safetensors");
    try {
      Sequential pretrained = new Sequential(new Linear(16, 32), new ReLU(), new Linear(32, 64));
      pretrained.to(device);
      SafeTensors.save(file, pretrained.stateDict());

      Sequential model = new Sequential(new Linear(16, 32), new ReLU(), new Linear(32, 64));
      model.to(device);
      model.loadStateDict(SafeTensors.load(file)); // copied to where the parameters are
      model
          .namedParameters()
          .forEach(
              (name, parameter) -> {
                if (name.startsWith("0.")) {
                  parameter.requiresGrad_(false);
                }
              });
      model.call(Tensor.ones(1, 16).to(device)).sum().backward();
      model
          .namedParameters()
          .forEach(
              (name, p) ->
                  System.out.println(name + (p.grad() == null ? " is frozen" : " has a gradient")));
    } finally {
      Files.delete(file);
    }
  }
}
