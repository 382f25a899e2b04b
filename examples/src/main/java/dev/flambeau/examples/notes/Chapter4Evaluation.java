package dev.flambeau.examples.notes;

import dev.flambeau.Autograd;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.examples.Program;
import dev.flambeau.metrics.Accuracy;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import dev.flambeau.train.OverfitCheck;
import dev.flambeau.train.Search;
import picocli.CommandLine.Command;

/** Chapter 4: data loading, evaluation, overfitting, improving a model. */
@Command(
    name = "chapter-4",
    description = "Loaders, validation, accuracy, dropout, overfitting, search.",
    mixinStandardHelpOptions = true)
public final class Chapter4Evaluation extends Program {
  /** Shows the chapter, and ends the JVM with an exit code. */
  public static void main(String[] args) {
    System.exit(new Chapter4Evaluation().execute(args));
  }

  @Override
  protected void run(Device device) {
    dataLoader(device);
    validation(device);
    accuracy(device);
    dropout(device);
    overfitOneBatch(device);
    search(device);
  }

  private static void dataLoader(Device device) {
    Flambeau.manualSeed(0);
    double[][] x = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}};
    double[] y = {0, 1, 0, 1, 1, 0};
    TensorDataset dataset = new TensorDataset(Tensor.of(x), Tensor.of(y));
    System.out.println(dataset.get(0).input() + " " + dataset.get(0).target());
    for (Batch batch : new DataLoader(dataset, 2).shuffle(true).device(device)) {
      System.out.println(batch.input());
      System.out.println(batch.target());
    }
  }

  private static void validation(Device device) {
    Flambeau.manualSeed(0);
    Tensor x = Tensor.randn(12, 4);
    Tensor y = Tensor.randint(0, 3, 12);
    DataLoader training = new DataLoader(new TensorDataset(x.get(":8"), y.get(":8")), 4);
    DataLoader validation = new DataLoader(new TensorDataset(x.get("8:"), y.get("8:")), 2);
    training.shuffle(true).device(device);
    validation.device(device);
    Sequential model = classifier(8);
    model.to(device);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    SGD optimizer = new SGD(model.parameters(), 0.1);
    for (int epoch = 0; epoch < 2; epoch++) {
      double trainingLoss = 0;
      for (Batch batch : training) {
        optimizer.zeroGrad();
        Tensor loss = criterion.call(model.call(batch.input()), batch.target());
        loss.backward();
        optimizer.step();
        trainingLoss += loss.item();
      }
      double validationLoss = 0;
      model.eval(); // no dropout, no recording
      try (var noGrad = Autograd.noGrad()) {
        for (Batch batch : validation) {
          validationLoss += criterion.call(model.call(batch.input()), batch.target()).item();
        }
      }
      model.train();
      System.out.println(
          epoch
              + " training "
              + trainingLoss / training.size()
              + ", validation "
              + validationLoss / validation.size());
    }
  }

  private static Sequential classifier(int hidden) {
    return new Sequential(
        new Linear(4, hidden), new ReLU(), new Dropout(0.2), new Linear(hidden, 3));
  }

  private static void accuracy(Device device) {
    Accuracy metric = Accuracy.multiclass(3);
    Tensor two = Tensor.of(new double[][] {{0.1, 0.7, 0.2}, {0.5, 0.3, 0.2}}).to(device);
    System.out.println("batch acc " + metric.update(two, Tensor.of(1, 2).to(device)));
    Tensor one = Tensor.of(new double[][] {{0.2, 0.2, 0.6}}).to(device);
    System.out.println("batch acc " + metric.update(one, Tensor.of(new long[] {2}).to(device)));
    System.out.println("compute() " + metric.compute());
  }

  private static void dropout(Device device) {
    Flambeau.manualSeed(0);
    Sequential model = new Sequential(new Linear(8, 16), new ReLU(), new Dropout(0.2));
    model.to(device);
    Tensor x = Tensor.randn(10, 8).to(device);
    System.out.println("zeros in training   " + model.call(x).eq(0).sum().itemLong());
    model.eval();
    System.out.println("zeros in evaluation " + model.call(x).eq(0).sum().itemLong());
  }

  /** A model that cannot learn one batch by heart has a fault. */
  private static void overfitOneBatch(Device device) {
    Flambeau.manualSeed(0);
    Tensor x = Tensor.randn(8, 4).to(device);
    Tensor y = Tensor.randint(0, 3, 8).to(device);
    Sequential model = new Sequential(new Linear(4, 16), new ReLU(), new Linear(16, 3));
    model.to(device);
    SGD optimizer = new SGD(model.parameters(), 0.1).momentum(0.9);
    System.out.println(
        OverfitCheck.overfitOneBatch(model, new CrossEntropyLoss(), optimizer, x, y, 1000));
  }

  /** Learning rate and momentum, drawn at random; the best validation loss wins. */
  private static void search(Device device) {
    Flambeau.manualSeed(0);
    Tensor x = Tensor.randn(60, 4).to(device);
    Tensor y = x.argmax(1).clamp(0, 2); // something that can be learnt
    Search.Result result =
        Search.minimize()
            .logUniform("lr", 1e-4, 1e-1)
            .uniform("momentum", 0.85, 0.99)
            .random(10, 0, p -> validationLoss(x, y, p.number("lr"), p.number("momentum")));
    result.trials().forEach(t -> System.out.println(t + ": " + t.score()));
  }

  private static double validationLoss(Tensor x, Tensor y, double lr, double momentum) {
    Flambeau.manualSeed(0);
    Sequential model = classifier(16);
    model.to(x.device());
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    SGD optimizer = new SGD(model.parameters(), lr).momentum(momentum);
    for (int step = 0; step < 100; step++) {
      optimizer.zeroGrad();
      criterion.call(model.call(x.get(":40")), y.get(":40")).backward();
      optimizer.step();
    }
    model.eval();
    return criterion.call(model.call(x.get("40:")), y.get("40:")).item();
  }
}
