package dev.flambeau.examples.notes;

import dev.flambeau.Autograd;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.metrics.Accuracy;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import dev.flambeau.train.OverfitCheck;
import dev.flambeau.train.Search;

/** Chapter 4: data loading, evaluation, overfitting, improving a model. */
public final class Chapter4Evaluation {
  private Chapter4Evaluation() {}

  public static void main(String[] args) {
    dataLoader();
    validation();
    accuracy();
    dropout();
    overfitOneBatch();
    search();
  }

  private static void dataLoader() {
    Flambeau.manualSeed(0);
    double[][] x = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}};
    double[] y = {0, 1, 0, 1, 1, 0};
    TensorDataset dataset = new TensorDataset(Tensor.of(x), Tensor.of(y));
    System.out.println(dataset.get(0).input() + " " + dataset.get(0).target());
    for (Batch batch : new DataLoader(dataset, 2).shuffle(true)) {
      System.out.println(batch.input());
      System.out.println(batch.target());
    }
  }

  private static void validation() {
    Flambeau.manualSeed(0);
    Tensor x = Tensor.randn(12, 4);
    Tensor y = Tensor.randint(0, 3, 12);
    DataLoader training = new DataLoader(new TensorDataset(x.get(":8"), y.get(":8")), 4);
    DataLoader validation = new DataLoader(new TensorDataset(x.get("8:"), y.get("8:")), 2);
    training.shuffle(true);
    Sequential model = classifier(8);
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

  private static void accuracy() {
    Accuracy metric = Accuracy.multiclass(3);
    Tensor two = Tensor.of(new double[][] {{0.1, 0.7, 0.2}, {0.5, 0.3, 0.2}});
    System.out.println("batch acc " + metric.update(two, Tensor.of(1, 2)));
    Tensor one = Tensor.of(new double[][] {{0.2, 0.2, 0.6}});
    System.out.println("batch acc " + metric.update(one, Tensor.of(new long[] {2})));
    System.out.println("compute() " + metric.compute());
  }

  private static void dropout() {
    Flambeau.manualSeed(0);
    Sequential model = new Sequential(new Linear(8, 16), new ReLU(), new Dropout(0.2));
    Tensor x = Tensor.randn(10, 8);
    System.out.println("zeros in training   " + model.call(x).eq(0).sum().itemLong());
    model.eval();
    System.out.println("zeros in evaluation " + model.call(x).eq(0).sum().itemLong());
  }

  /** A model that cannot learn one batch by heart has a fault. */
  private static void overfitOneBatch() {
    Flambeau.manualSeed(0);
    Tensor x = Tensor.randn(8, 4);
    Tensor y = Tensor.randint(0, 3, 8);
    Sequential model = new Sequential(new Linear(4, 16), new ReLU(), new Linear(16, 3));
    SGD optimizer = new SGD(model.parameters(), 0.1).momentum(0.9);
    System.out.println(
        OverfitCheck.overfitOneBatch(model, new CrossEntropyLoss(), optimizer, x, y, 1000));
  }

  /** Learning rate and momentum, drawn at random; the best validation loss wins. */
  private static void search() {
    Flambeau.manualSeed(0);
    Tensor x = Tensor.randn(60, 4);
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
