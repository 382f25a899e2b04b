package dev.flambeau.cli.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.flambeau.Flambeau;
import dev.flambeau.cli.prepare.Feature;
import dev.flambeau.cli.prepare.Target;
import dev.flambeau.cli.prepare.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/**
 * What a model's metadata says, as JSON. Nothing in it is trusted: every field is looked at before
 * anything is made of it, and messages name the one that does not fit.
 *
 * @param target what outputs mean
 * @param features how columns become inputs
 * @param hidden sizes of the hidden layers
 * @param dropout probability of dropout after each of them
 */
record Description(Target target, List<Feature> features, List<Integer> hidden, double dropout) {
  private static final int FORMAT = 1;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** How it stands in the file. */
  private record Written(
      int format,
      String madeBy,
      Target target,
      List<Feature> features,
      List<Integer> hidden,
      double dropout) {}

  String toJson() throws JsonProcessingException {
    String madeBy = "flambeau " + Flambeau.version();
    return JSON.writeValueAsString(new Written(FORMAT, madeBy, target, features, hidden, dropout));
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException that says what does not fit
   */
  static Description parse(String json) {
    Part whole;
    try {
      whole = new Part(JSON.readTree(json), "its description");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("its description is no JSON", e);
    }
    whole.require(whole.node.isObject(), "is no JSON object");
    Part format = whole.get("format");
    format.require(format.whole() == FORMAT, "is another than this program reads, " + FORMAT);
    List<Feature> features = whole.get("features").list(Description::feature);
    whole.get("features").requireDifferent(features.stream().map(Feature::name).toList());
    Part dropout = whole.get("dropout");
    dropout.require(dropout.number() >= 0 && dropout.number() < 1, "is no probability below 1");
    return new Description(
        target(whole.get("target")),
        features,
        whole.get("hidden").list(Part::size),
        dropout.number());
  }

  private static Target target(Part p) {
    Task task = p.get("task").task();
    Part classes = p.get("classes");
    List<String> names = classes.list(Part::text);
    classes.requireDifferent(names);
    int n = names.size();
    boolean fits =
        switch (task) {
          case BINARY -> n == 2;
          case MULTICLASS -> n >= 2;
          case REGRESSION -> n == 0;
        };
    classes.require(fits, "has " + n + " names, too few or too many for " + task);
    return new Target(
        p.get("name").name(), task, names, p.get("mean").number(), p.get("scale").divisor());
  }

  private static Feature feature(Part p) {
    Part categories = p.get("categories");
    List<String> names = null;
    if (!categories.node.isNull()) {
      names = categories.list(Part::text);
      categories.requireDifferent(names);
    }
    return new Feature(
        p.get("name").name(),
        names,
        p.get("mean").number(),
        p.get("scale").divisor(),
        p.get("fill").number());
  }

  /** A part of the JSON, and where it is. */
  private record Part(JsonNode node, String path) {
    private static final int SHOWN = 40;

    void require(boolean ok, String otherwise) {
      if (!ok) {
        String text = node.toString();
        String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        throw new IllegalArgumentException(path + " " + otherwise + ": " + shown);
      }
    }

    Part get(String name) {
      require(node.isObject(), "is no JSON object");
      JsonNode field = node.get(name);
      String at = path.contains(" ") ? name : path + "." + name;
      if (field == null) {
        throw new IllegalArgumentException(at + " is missing");
      }
      return new Part(field, at);
    }

    <T> List<T> list(Function<Part, T> read) {
      require(node.isArray(), "is no list");
      List<T> out = new ArrayList<>();
      for (int i = 0; i < node.size(); i++) {
        out.add(read.apply(new Part(node.get(i), path + "[" + i + "]")));
      }
      return List.copyOf(out);
    }

    void requireDifferent(List<String> names) {
      require(new HashSet<>(names).size() == names.size(), "names something twice");
    }

    String text() {
      require(node.isTextual(), "is no text");
      return node.textValue();
    }

    String name() {
      require(!text().isEmpty(), "is empty");
      return text();
    }

    Task task() {
      for (Task task : Task.values()) {
        if (task.name().equals(text())) {
          return task;
        }
      }
      require(false, "is none of " + Arrays.toString(Task.values()));
      return null;
    }

    double number() {
      require(node.isNumber() && Double.isFinite(node.doubleValue()), "is no finite number");
      return node.doubleValue();
    }

    double divisor() {
      require(number() > 0, "is not above 0");
      return number();
    }

    int whole() {
      require(node.isInt(), "is no whole number that fits");
      return node.intValue();
    }

    int size() {
      require(whole() > 0, "is not above 0");
      return whole();
    }
  }
}
