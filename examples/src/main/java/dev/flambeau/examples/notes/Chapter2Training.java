package dev.flambeau.examples.notes;

import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.examples.Program;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.MSELoss;
import dev.flambeau.nn.Sequential;
import dev.flambeau.nn.Sigmoid;
import dev.flambeau.nn.Softmax;
import dev.flambeau.optim.SGD;
import picocli.CommandLine.Command;

/** Chapter 2: activations, forward and backward pass, losses, optimizers, the training loop. */
@Command(
    name = "chapter-2",
    description = "Activations, forward and backward pass, losses, optimizers, the training loop.",
    mixinStandardHelpOptions = true)
public final class Chapter2Training extends Program {
  private static final double[][] ANIMALS = {
    {-0.4421, 1.5207, 2.0607, -0.3647, 0.4691, 0.0946},
    {-0.9155, -0.0475, -1.3645, 0.6336, -1.9520, -0.3398},
    {0.7406, 1.6763, -0.8511, 0.2432, 0.1123, -0.0633},
    {-1.6630, -0.0718, -0.1285, 0.5396, -0.0288, -0.8622},
    {-0.7413, 1.7920, -0.0883, -0.6685, 0.4745, -0.4245}
  };

  /** Shows the chapter, and ends the JVM with an exit code. */
  public static void main(String[] args) {
    System.exit(new Chapter2Training().execute(args));
  }

  @Override
  protected void run(Device device) {
    activations(device);
    forward(device);
    loss(device);
    backward(device);
    trainingLoop(device);
  }

  private static void activations(Device device) {
    Tensor x = Tensor.of(0.3471, 0.2865, 0.1456).to(device);
    System.out.println(new Sigmoid().call(x));
    Tensor scores = Tensor.of(new double[][] {{4.3, 6.1, 2.3}}).to(device);
    System.out.println(new Softmax(-1).call(scores));
  }

  /** One body, three heads: two classes, three classes, a number. */
  private static void forward(Device device) {
    Tensor input = Tensor.of(ANIMALS).to(device);
    Flambeau.manualSeed(0);
    Sequential binary = new Sequential(new Linear(6, 4), new Linear(4, 1), new Sigmoid());
    binary.to(device);
    System.out.println(binary.call(input));

    Flambeau.manualSeed(0);
    Sequential multiclass = new Sequential(new Linear(6, 4), new Linear(4, 3), new Softmax(-1));
    multiclass.to(device);
    Tensor probabilities = multiclass.call(input);
    System.out.println(probabilities);
    System.out.println(probabilities.sum(-1));

    Flambeau.manualSeed(0);
    Sequential regression = new Sequential(new Linear(6, 4), new Linear(4, 1));
    regression.to(device);
    System.out.println(regression.call(input));
  }

  private static void loss(Device device) {
    System.out.println(Tensor.of(2, 0, 1, 1).to(device).oneHot());
    // The target is a class, or a probability for each class.
    Tensor scores = Tensor.of(new double[][] {{-0.1211, 0.1059}}).to(device);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    System.out.println(criterion.call(scores, Tensor.of(new long[] {0}).to(device)));
    Tensor oneHot = Tensor.of(new long[][] {{1, 0}}).to(device);
    System.out.println(criterion.call(scores.toDouble(), oneHot.toDouble()));
  }

  private static void backward(Device device) {
    Flambeau.manualSeed(0);
    Sequential model = new Sequential(new Linear(16, 8), new Linear(8, 4), new Linear(4, 2));
    model.to(device);
    Tensor prediction = model.call(Tensor.randn(1, 16).to(device));
    Tensor target = Tensor.of(new long[] {1}).to(device);
    new CrossEntropyLoss().call(prediction, target).backward();
    Linear first = model.get(0, Linear.class);
    System.out.println(first.bias.grad());

    // By hand a step makes new tensors; the optimizer changes the model's own.
    System.out.println(first.bias.sub(first.bias.grad().mul(0.001)));
    new SGD(model.parameters(), 0.001).step();
    System.out.println(first.bias);
  }

  private static void trainingLoop(Device device) {
    Flambeau.manualSeed(0);
    Tensor features = Tensor.randn(10, 4);
    Tensor target = Tensor.randn(10, 1);
    DataLoader loader =
        new DataLoader(new TensorDataset(features, target), 4).shuffle(true).device(device);
    Sequential model = new Sequential(new Linear(4, 2), new Linear(2, 1));
    model.to(device);
    MSELoss criterion = new MSELoss();
    SGD optimizer = new SGD(model.parameters(), 0.001);

    for (int epoch = 0; epoch < 5; epoch++) {
      for (Batch batch : loader) {
        optimizer.zeroGrad();
        Tensor prediction = model.call(batch.input());
        Tensor loss = criterion.call(prediction, batch.target());
        loss.backward();
        optimizer.step();
        System.out.println(epoch + " " + loss.item());
      }
    }
    model.namedParameters().forEach((name, p) -> System.out.println(name + " " + p.data()));
  }
}
