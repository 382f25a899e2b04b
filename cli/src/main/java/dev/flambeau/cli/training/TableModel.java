package dev.flambeau.cli.training;

import dev.flambeau.Tensor;
import dev.flambeau.cli.prepare.Features;
import dev.flambeau.cli.prepare.Target;
import dev.flambeau.io.SafeTensors;
import dev.flambeau.nn.Sequential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All that prediction needs, in one safetensors file: the weights as tensors, and as JSON in its
 * metadata how columns become inputs, what outputs mean, and the layers' sizes.
 *
 * @param features how columns become inputs
 * @param target what outputs mean
 * @param hidden sizes of the hidden layers
 * @param dropout probability of dropout after each of them
 * @param network the layers
 */
public record TableModel(
    Features features, Target target, List<Integer> hidden, double dropout, Sequential network) {
  /** The file's name inside the folder of a training. */
  public static final String FILE = "model.safetensors";

  private static final String KEY = "flambeau.table";

  /** Writes the model; the file is replaced as a whole or not at all. */
  public void save(Path file) throws IOException {
    Description d = new Description(target, features.list(), hidden, dropout);
    SafeTensors.save(file, network.stateDict(), Map.of(KEY, d.toJson()));
  }

  /**
   * Reads a model from a file, or from the folder that a training wrote.
   *
   * @throws UserError when there is none, or the file is no such model
   */
  public static TableModel load(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve(FILE) : path;
    if (!Files.exists(file)) {
      throw new UserError("no such model: " + file);
    }
    SafeTensors content;
    try {
      content = SafeTensors.read(file);
    } catch (IOException e) {
      throw new UserError(file + " is no model: " + e.getMessage(), e);
    }
    String text = content.metadata().get(KEY);
    if (text == null) {
      throw new UserError(file + " is a safetensors file, but was not saved by flambeau train");
    }
    try {
      return restore(Description.parse(text), content.tensors());
    } catch (IllegalArgumentException e) {
      throw new UserError(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static TableModel restore(Description d, Map<String, Tensor> state) {
    Features features = new Features(d.features());
    Target target = d.target();
    require(features.width() > 0, "its columns make no inputs");
    requireShapes(features.width(), d.hidden(), target.outputs(), d.dropout(), state);
    state.forEach((name, t) -> require(t.dtype().isFloating(), name + " is " + t.dtype()));
    Sequential network =
        Hyperparameters.network(features.width(), d.hidden(), d.dropout(), target.outputs());
    network.loadStateDict(state);
    network.eval();
    return new TableModel(features, target, d.hidden(), d.dropout(), network);
  }

  /** Sizes are compared before a network of that size is made. */
  private static void requireShapes(
      int in, List<Integer> hidden, int out, double dropout, Map<String, Tensor> state) {
    int width = in;
    int layer = 0;
    for (int i = 0; i <= hidden.size(); i++) {
      int next = i < hidden.size() ? hidden.get(i) : out;
      Tensor weight = state.get(layer + ".weight");
      require(
          weight != null && weight.dim() == 2 && weight.size(0) == next && weight.size(1) == width,
          "the weights of layer " + layer + " do not fit the description");
      width = next;
      layer += dropout > 0 ? 3 : 2;
    }
  }

  private static void require(boolean ok, String otherwise) {
    if (!ok) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
