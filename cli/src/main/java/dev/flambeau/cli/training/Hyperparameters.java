package dev.flambeau.cli.training;

import dev.flambeau.Tensor;
import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.Adam;
import dev.flambeau.optim.AdamW;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.optim.SGD;
import java.util.List;

/**
 * What one chooses about a model and its training.
 *
 * @param hidden sizes of the hidden layers
 * @param dropout probability of dropout after each hidden layer
 * @param optimizer the optimizer
 * @param lr learning rate
 * @param momentum SGD's momentum
 * @param weightDecay weight decay; negative means the optimizer's own default
 * @param batch rows in a batch
 * @param epochs most epochs to train
 * @param patience epochs without a better validation loss before training stops
 */
public record Hyperparameters(
    List<Integer> hidden,
    double dropout,
    OptimizerName optimizer,
    double lr,
    double momentum,
    double weightDecay,
    int batch,
    int epochs,
    int patience) {

  /** The optimizers to choose from, with the learning rate of each if none is given. */
  public enum OptimizerName {
    /** Stochastic gradient descent, with {@link #momentum}. */
    SGD(0.01),
    /** Adam. */
    ADAM(0.001),
    /** Adam with decoupled weight decay. */
    ADAMW(0.001);

    /** A learning rate that mostly works. */
    public final double lr;

    OptimizerName(double lr) {
      this.lr = lr;
    }
  }

  /** Linear layers with ReLU, and dropout if there is any, between {@code in} and {@code out}. */
  public static Sequential network(int in, List<Integer> hidden, double dropout, int out) {
    Sequential model = new Sequential();
    int width = in;
    for (int next : hidden) {
      model.add(new Linear(width, next)).add(new ReLU());
      if (dropout > 0) {
        model.add(new Dropout(dropout));
      }
      width = next;
    }
    return model.add(new Linear(width, out));
  }

  /** A new model, with initial values from the thread's generator. */
  Sequential network(int in, int out) {
    return network(in, hidden, dropout, out);
  }

  /** The optimizer for these parameters. */
  Optimizer optimizer(List<Tensor> parameters) {
    return switch (optimizer) {
      case SGD -> new SGD(parameters, lr).momentum(momentum).weightDecay(Math.max(weightDecay, 0));
      case ADAM -> new Adam(parameters, lr).weightDecay(Math.max(weightDecay, 0));
      case ADAMW -> {
        AdamW adamw = new AdamW(parameters, lr);
        yield weightDecay < 0 ? adamw : adamw.weightDecay(weightDecay);
      }
    };
  }
}
