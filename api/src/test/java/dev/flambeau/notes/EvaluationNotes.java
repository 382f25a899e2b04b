package dev.flambeau.notes;

import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.internal.text.PyFormat;
import dev.flambeau.metrics.Accuracy;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Chapter 4: accuracy, overfitting on purpose and against, search for hyperparameters. */
final class EvaluationNotes {
  private EvaluationNotes() {}

  static void accuracy() {
    Accuracy metric = Accuracy.multiclass(3);
    Tensor first = Tensor.of(new double[][] {{0.1, 0.7, 0.2}, {0.5, 0.3, 0.2}});
    Tensor firstLabels = Tensor.of(new long[][] {{0, 1, 0}, {0, 0, 1}});
    System.out.println("batch acc " + metric.update(first, firstLabels.argmax(-1)));
    Tensor second = Tensor.of(new double[][] {{0.2, 0.2, 0.6}});
    Tensor secondLabels = Tensor.of(new long[][] {{0, 0, 1}});
    System.out.println("batch acc " + metric.update(second, secondLabels.argmax(-1)));
    System.out.println("compute() " + metric.compute());
  }

  static void dropout() {
    Sequential model = new Sequential(new Linear(8, 16), new ReLU(), new Dropout(0.2));
    Tensor features = Tensor.randn(10, 8);
    Tensor output = model.call(features);
    System.out.println(output.get(":2"));
    System.out.println("zeros " + output.eq(0).sum().itemLong());
    model.eval();
    Tensor evaluated = model.call(features);
    System.out.println(evaluated.get(":2"));
    System.out.println("zeros " + evaluated.eq(0).sum().itemLong());
  }

  static void overfitOneBatch() {
    Flambeau.manualSeed(0);
    Tensor allFeatures = Tensor.randn(8, 4);
    Tensor allLabels = Tensor.randint(0, 3, 8);
    DataLoader loader = new DataLoader(new TensorDataset(allFeatures, allLabels), 1).shuffle(true);
    Sequential model = new Sequential(new Linear(4, 16), new ReLU(), new Linear(16, 3));
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    SGD optimizer = new SGD(model.parameters(), 0.1);
    Batch batch = loader.iterator().next();
    for (int i = 0; i < 1000; ++i) {
      optimizer.zeroGrad();
      Tensor outputs = model.call(batch.input());
      Tensor loss = criterion.call(outputs, batch.target());
      loss.backward();
      optimizer.step();
      if (i == 0 || i == 1 || i == 9 || i == 99 || i == 999) {
        System.out.println(i + " " + PyFormat.general(loss.item(), 6));
      }
    }
    System.out.println(model.call(batch.input()).argmax(1).eq(batch.target()).toFloat().mean());
  }

  static void search() {
    for (int factor = 2; factor < 6; ++factor) {
      double lr = Math.pow(10, -factor);
      System.out.println(PyFormat.repr(lr));
    }
    Random random = new Random(0);
    double lr = Math.pow(10, -random.nextDouble(2, 6));
    System.out.println(PyFormat.repr(lr));
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < 10; ++i) {
      lr = Math.pow(10, -random.nextDouble(2, 4));
      double momentum = random.nextDouble(0.85, 0.99);
      values.add(Py.tuple(lr, momentum));
    }
    System.out.println(Py.repr(values.subList(0, 3)));
  }
}
