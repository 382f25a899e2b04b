package dev.flambeau.notes;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.Sample;
import dev.flambeau.data.Table;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.internal.text.PyFormat;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import java.nio.file.Path;

/** Chapters 2 and 4: data sets, loaders, a real table, training and validation. */
final class DataNotes {
  private DataNotes() {}

  static void dataLoader() {
    double[][] x = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}};
    double[] y = {0, 1, 0, 1, 1, 0};
    TensorDataset dataset = new TensorDataset(Tensor.of(x), Tensor.of(y));
    Sample sample = dataset.get(0);
    System.out.println(sample.input() + " " + sample.target());

    DataLoader loader = new DataLoader(dataset, 2).shuffle(true);
    for (Batch batch : loader) {
      System.out.println(batch.input());
      System.out.println(batch.target());
    }
    System.out.println(dataset.size() + " " + loader.size());
  }

  static void waterPotability(Path csv) {
    Table table = Table.of(Csv.columns(csv)).dropMissing();
    System.out.println(table.rows());
    Tensor features = table.tensor("ph", "Sulfate", "Conductivity", "Organic_carbon").toFloat();
    Tensor target = table.vector("Potability").toFloat();
    TensorDataset dataset = new TensorDataset(features, target);
    DataLoader loader = new DataLoader(dataset, 2).shuffle(true);
    Batch batch = loader.iterator().next();
    System.out.println(batch.input() + " " + batch.target());

    Sequential model = new Sequential(new Linear(4, 2), new Linear(2, 1));
    Tensor output = model.call(features);
    System.out.println(output);
    System.out.println(output.shape());
  }

  static void validation() {
    Tensor features = Tensor.randn(12, 4);
    Tensor labels = Tensor.randint(0, 3, 12);
    DataLoader trainLoader =
        new DataLoader(new TensorDataset(features.get(":8"), labels.get(":8")), 4).shuffle(true);
    DataLoader validationLoader =
        new DataLoader(new TensorDataset(features.get("8:"), labels.get("8:")), 2);
    Sequential model =
        new Sequential(new Linear(4, 8), new ReLU(), new Dropout(0.2), new Linear(8, 3));
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    SGD optimizer = new SGD(model.parameters(), 0.1);

    for (int epoch = 0; epoch < 2; ++epoch) {
      double trainingLoss = 0;
      for (Batch batch : trainLoader) {
        optimizer.zeroGrad();
        Tensor outputs = model.call(batch.input());
        Tensor loss = criterion.call(outputs, batch.target());
        loss.backward();
        optimizer.step();
        trainingLoss += loss.item();
      }
      trainingLoss /= trainLoader.size();

      double validationLoss = 0;
      boolean tracked = true;
      model.eval();
      try (var noGrad = Autograd.noGrad()) {
        for (Batch batch : validationLoader) {
          Tensor outputs = model.call(batch.input());
          validationLoss += criterion.call(outputs, batch.target()).item();
          tracked = outputs.requiresGrad();
        }
      }
      validationLoss /= validationLoader.size();
      model.train();
      System.out.println(
          epoch
              + " "
              + PyFormat.general(trainingLoss, 9)
              + " "
              + PyFormat.general(validationLoss, 9)
              + " "
              + Py.repr(tracked));
    }
  }
}
