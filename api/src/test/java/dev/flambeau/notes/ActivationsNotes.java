package dev.flambeau.notes;

import dev.flambeau.Tensor;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.LeakyReLU;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.nn.Sigmoid;
import dev.flambeau.nn.Softmax;

/** Chapters 1 to 3: activations, forward passes, one-hot targets, the loss. */
final class ActivationsNotes {
  private ActivationsNotes() {}

  static void sigmoid() {
    Tensor input = Tensor.of(0.3471, 0.2865, 0.1456);
    Sigmoid sigmoid = new Sigmoid();
    Tensor output = sigmoid.call(input);
    System.out.println(output);
    System.out.println(sigmoid.call(Tensor.of(new double[][] {{6}, {0}, {-6}, {100}, {-100}})));
    Sequential model = new Sequential(new Linear(6, 4), new Linear(4, 1), new Sigmoid());
    System.out.println(model);
  }

  static void softmax() {
    Tensor input = Tensor.of(new double[][] {{4.3, 6.1, 2.3}});
    Softmax probabilities = new Softmax(-1);
    Tensor output = probabilities.call(input);
    System.out.println(output + " " + output.sum());
    System.out.println(new Softmax(-1).call(Tensor.of(1000.0, 1000.0, -1000.0)));
  }

  private static Tensor fiveAnimals() {
    return Tensor.of(
        new double[][] {
          {-0.4421, 1.5207, 2.0607, -0.3647, 0.4691, 0.0946},
          {-0.9155, -0.0475, -1.3645, 0.6336, -1.9520, -0.3398},
          {0.7406, 1.6763, -0.8511, 0.2432, 0.1123, -0.0633},
          {-1.6630, -0.0718, -0.1285, 0.5396, -0.0288, -0.8622},
          {-0.7413, 1.7920, -0.0883, -0.6685, 0.4745, -0.4245}
        });
  }

  static void binaryForward() {
    Tensor input = fiveAnimals();
    Sequential model = new Sequential(new Linear(6, 4), new Linear(4, 1), new Sigmoid());
    Tensor output = model.call(input);
    System.out.println(output);
  }

  static void multiclassForward() {
    Tensor input = fiveAnimals();
    int classes = 3;
    Sequential model = new Sequential(new Linear(6, 4), new Linear(4, classes), new Softmax(-1));
    Tensor output = model.call(input);
    System.out.println(output.shape());
    System.out.println(output);
    System.out.println(output.sum(-1));
  }

  static void regressionForward() {
    Tensor input = fiveAnimals();
    Sequential model = new Sequential(new Linear(6, 4), new Linear(4, 1));
    Tensor output = model.call(input);
    System.out.println(output);
  }

  static void oneHot() {
    System.out.println(Tensor.of(0).oneHot(3));
    System.out.println(Tensor.of(1).oneHot(3));
    System.out.println(Tensor.of(2).oneHot(3));
    System.out.println(
        Tensor.of(2, 0, 1, 1).oneHot()
            + " "
            + Tensor.of(new long[][] {{0}, {1}}).oneHot(3).shape());
  }

  static void crossEntropy() {
    Tensor scores = Tensor.of(new double[][] {{-0.1211, 0.1059}});
    Tensor oneHotTarget = Tensor.of(new long[][] {{1, 0}});
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    Tensor loss = criterion.call(scores.toDouble(), oneHotTarget.toDouble());
    System.out.println(loss);
    System.out.println(criterion.call(scores, Tensor.of(new long[] {0})));
  }

  static void relu() {
    ReLU relu = new ReLU();
    Tensor x = Tensor.of(-1.0).requiresGrad_();
    Tensor y = relu.call(x);
    System.out.println(y);
    y.backward();
    Tensor gradient = x.grad();
    System.out.println(gradient);
    Tensor z = Tensor.of(0.0).requiresGrad_();
    relu.call(z).backward();
    System.out.println("relu grad at 0: " + z.grad());

    LeakyReLU leakyRelu = new LeakyReLU(0.05);
    System.out.println(leakyRelu.call(Tensor.of(-2.0)));
    System.out.println(new LeakyReLU().call(Tensor.of(-2.0, 0.0, 3.0)));
  }
}
