package dev.flambeau.notes;

import dev.flambeau.Tensor;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.internal.text.PyFormat;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Init;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.MSELoss;
import dev.flambeau.nn.Sequential;
import dev.flambeau.nn.Softmax;
import dev.flambeau.optim.SGD;
import java.util.ArrayList;
import java.util.List;

/** Chapters 2 and 3: gradients, the training loop, momentum, initialisation, fine tuning. */
final class TrainingNotes {
  private TrainingNotes() {}

  static void backpropagation() {
    Sequential model =
        new Sequential(new Linear(16, 8), new Linear(8, 4), new Linear(4, 2), new Softmax(1));
    Tensor prediction = model.call(Tensor.randn(1, 16));
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    Tensor loss = criterion.call(prediction, Tensor.of(new long[] {1}));
    loss.backward();
    System.out.println(prediction);
    System.out.println(loss);
    Linear first = model.get(0, Linear.class);
    System.out.println(first.weight.grad());
    System.out.println(first.bias.grad());

    double lr = 0.001;
    Tensor bias =
        first.bias.sub(first.bias.grad().mul(lr)); // a new tensor: the model keeps its own
    System.out.println(bias);

    SGD optimizer = new SGD(model.parameters(), 0.001);
    optimizer.step();
    System.out.println(first.bias);
  }

  static void trainingLoop() {
    Tensor features = Tensor.randn(10, 4);
    Tensor target = Tensor.randn(10, 1);
    TensorDataset dataset = new TensorDataset(features, target);
    DataLoader loader = new DataLoader(dataset, 4).shuffle(true);
    Sequential model = new Sequential(new Linear(4, 2), new Linear(2, 1));
    MSELoss criterion = new MSELoss();
    SGD optimizer = new SGD(model.parameters(), 0.001);
    System.out.println(features.get(":2") + " " + target.get(":2").flatten());

    int epochs = 5;
    for (int epoch = 0; epoch < epochs; ++epoch) {
      List<Object> losses = new ArrayList<>();
      for (Batch batch : loader) {
        optimizer.zeroGrad();
        Tensor prediction = model.call(batch.input());
        Tensor loss = criterion.call(prediction, batch.target());
        loss.backward();
        optimizer.step();
        losses.add(Py.tuple(batch.input().size(0), loss.item()));
      }
      System.out.println(epoch + " " + Py.repr(losses));
    }
    model.namedParameters().forEach((name, p) -> System.out.println(name + " " + p.data()));
  }

  static void countingParameters() {
    Sequential model = new Sequential(new Linear(8, 4), new Linear(4, 2));
    long total = 0;
    for (Tensor parameter : model.parameters()) {
      total += parameter.numel();
    }
    System.out.println(total);
  }

  static void momentum() {
    Sequential model = new Sequential(new Linear(8, 4), new Linear(4, 2));
    SGD sgd = new SGD(model.parameters(), 0.01).momentum(0.9).weightDecay(1e-4);
    Tensor x = Tensor.randn(5, 8);
    for (int i = 0; i < 3; ++i) {
      sgd.zeroGrad();
      Tensor loss = model.call(x).pow(2).mean();
      loss.backward();
      sgd.step();
      System.out.println(i + " " + PyFormat.general(loss.item(), 9));
    }
    System.out.println(model.get(1, Linear.class).bias.data());
    System.out.println(sgd);
  }

  @SuppressWarnings("deprecation") // the notes use the old name of uniform_ once
  static void fineTuning() {
    Linear layer0 = new Linear(16, 32);
    Linear layer1 = new Linear(32, 64);
    System.out.println(layer0.weight.min() + " " + layer0.weight.max());
    Init.uniform_(layer0.weight);
    Init.uniform(layer1.weight);
    System.out.println(
        layer0.weight.min() + " " + layer0.weight.max() + " " + layer1.weight.flatten().get(":4"));

    Sequential model = new Sequential(layer0, layer1);
    model
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              if (name.equals("0.weight") || name.equals("0.bias") || name.equals("1.weight")) {
                parameter.requiresGrad_(false);
              }
            });
    List<Object> frozen = new ArrayList<>();
    model.namedParameters().forEach((name, p) -> frozen.add(Py.tuple(name, p.requiresGrad())));
    System.out.println(Py.repr(frozen));

    model.call(Tensor.ones(1, 16)).sum().backward();
    List<Object> gradients = new ArrayList<>();
    model
        .namedParameters()
        .forEach(
            (name, p) ->
                gradients.add(Py.tuple(name, p.grad() == null ? null : p.grad().sum().item())));
    System.out.println(Py.repr(gradients));
  }
}
