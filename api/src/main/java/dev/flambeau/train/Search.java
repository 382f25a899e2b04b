package dev.flambeau.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Looks for good hyperparameters: tries points of a space of named values and keeps all scores, the
 * best first. Grids try every combination; random search (Bergstra and Bengio 2012) draws a given
 * number of them.
 *
 * <pre>{@code
 * Search.Result result = Search.minimize()
 *     .logUniform("lr", 1e-4, 1e-1)
 *     .uniform("momentum", 0.85, 0.99)
 *     .random(10, 0, p -> validationLoss(p.number("lr"), p.number("momentum")));
 * double lr = result.best().number("lr");
 * }</pre>
 */
public final class Search {
  /** One dimension of the space: its grid points (none for a range), and how to draw from it. */
  private record Dimension(Object[] points, Function<Random, Object> draw) {}

  private final boolean greaterIsBetter;
  private final Map<String, Dimension> space = new LinkedHashMap<>();
  private Consumer<Trial> listener = t -> {};

  private Search(boolean greaterIsBetter) {
    this.greaterIsBetter = greaterIsBetter;
  }

  /** A search for the smallest score. */
  public static Search minimize() {
    return new Search(false);
  }

  /** A search for the greatest score. */
  public static Search maximize() {
    return new Search(true);
  }

  /** A named value for each hyperparameter. */
  public static class Parameters {
    private final Map<String, Object> values;

    Parameters(Map<String, Object> values) {
      this.values = values;
    }

    /** All names and values, in the order in which the space names them. */
    public Map<String, Object> values() {
      return new LinkedHashMap<>(values);
    }

    /**
     * A value of any type.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public Object get(String name) {
      if (!values.containsKey(name)) {
        throw new IllegalArgumentException(
            "search: no hyperparameter named \"" + name + "\"; there are " + values.keySet());
      }
      return values.get(name);
    }

    /**
     * A numeric value.
     *
     * @throws IllegalArgumentException when there is none of that name, or it is no number
     */
    public double number(String name) {
      if (get(name) instanceof Number n) {
        return n.doubleValue();
      }
      throw new IllegalArgumentException(
          "search: \"" + name + "\" is " + get(name) + ", which is no number");
    }

    /**
     * A whole value.
     *
     * @throws IllegalArgumentException when there is none of that name, or it is not whole
     */
    public int integer(String name) {
      double v = number(name);
      if (v != Math.rint(v)) {
        throw new IllegalArgumentException(
            "search: \"" + name + "\" is " + v + ", which is not whole");
      }
      return (int) v;
    }

    @Override
    public String toString() {
      StringBuilder s = new StringBuilder();
      values.forEach(
          (name, v) -> {
            s.append(s.isEmpty() ? "" : ", ").append(name).append('=');
            s.append(v instanceof Double d ? String.format(Locale.ROOT, "%.4g", d) : v);
          });
      return s.toString();
    }
  }

  /** A point that was tried. */
  public static final class Trial extends Parameters {
    private final double score;
    private final RuntimeException failure;

    Trial(Map<String, Object> values, double score, RuntimeException failure) {
      super(values);
      this.score = score;
      this.failure = failure;
    }

    /** Its score; NaN when the trial failed. */
    public double score() {
      return score;
    }

    /** What it failed with, or null. */
    public RuntimeException failure() {
      return failure;
    }
  }

  /**
   * What a search found.
   *
   * @param trials all trials, the best first; failed ones and NaN last
   */
  public record Result(List<Trial> trials) {
    /** The trial with the best score. */
    public Trial best() {
      return trials.get(0);
    }
  }

  /** A hyperparameter with these values. */
  public Search choice(String name, Object... values) {
    require(values.length > 0, name, "needs at least one value");
    Object[] points = values.clone();
    return add(name, new Dimension(points, r -> points[r.nextInt(points.length)]));
  }

  /** A hyperparameter between two values, drawn evenly. For random search. */
  public Search uniform(String name, double low, double high) {
    require(low <= high, name, "the range " + low + " to " + high + " is empty");
    return add(name, new Dimension(null, r -> low + (high - low) * r.nextDouble()));
  }

  /** A hyperparameter between two positive values, drawn evenly by order of magnitude. */
  public Search logUniform(String name, double low, double high) {
    require(low > 0 && low <= high, name, "needs 0 < low <= high, got " + low + " and " + high);
    double a = Math.log(low);
    double b = Math.log(high);
    return add(name, new Dimension(null, r -> Math.exp(a + (b - a) * r.nextDouble())));
  }

  /** Sets what is called with each trial as it ends. */
  public Search onTrial(Consumer<Trial> action) {
    listener = action;
    return this;
  }

  private Search add(String name, Dimension d) {
    require(space.put(name, d) == null, name, "is there twice");
    return this;
  }

  private static void require(boolean ok, String name, String otherwise) {
    if (!ok) {
      throw new IllegalArgumentException("search: hyperparameter \"" + name + "\": " + otherwise);
    }
  }

  /**
   * Tries every combination of the choices. A trial that throws a RuntimeException costs only
   * itself.
   *
   * @throws IllegalArgumentException if the space has a range
   * @throws IllegalStateException if no trial gave a score
   */
  public Result grid(ToDoubleFunction<Parameters> score) {
    List<Map<String, Object>> points = new ArrayList<>();
    points.add(new LinkedHashMap<>());
    for (var d : space.entrySet()) {
      Object[] values = d.getValue().points();
      require(values != null, d.getKey(), "is a range; a grid needs choices");
      List<Map<String, Object>> more = new ArrayList<>();
      for (Map<String, Object> p : points) {
        for (Object v : values) {
          Map<String, Object> q = new LinkedHashMap<>(p);
          q.put(d.getKey(), v);
          more.add(q);
        }
      }
      points = more;
    }
    return run(points, score);
  }

  /**
   * Tries {@code trials} points drawn at random; the same seed draws the same points. A trial that
   * throws a RuntimeException costs only itself.
   *
   * @throws IllegalArgumentException for less than one trial
   * @throws IllegalStateException if no trial gave a score
   */
  public Result random(int trials, long seed, ToDoubleFunction<Parameters> score) {
    if (trials < 1) {
      throw new IllegalArgumentException("search: needs at least one trial, got " + trials);
    }
    Random random = new Random(seed);
    List<Map<String, Object>> points = new ArrayList<>();
    for (int i = 0; i < trials; i++) {
      Map<String, Object> p = new LinkedHashMap<>();
      space.forEach((name, d) -> p.put(name, d.draw().apply(random)));
      points.add(p);
    }
    return run(points, score);
  }

  /** A trial that fails costs only itself; when all fail there is nothing to return. */
  private Result run(List<Map<String, Object>> points, ToDoubleFunction<Parameters> score) {
    List<Trial> trials = new ArrayList<>();
    for (Map<String, Object> p : points) {
      Trial t;
      try {
        t = new Trial(p, score.applyAsDouble(new Parameters(p)), null);
      } catch (RuntimeException e) {
        t = new Trial(p, Double.NaN, e);
      }
      trials.add(t);
      listener.accept(t);
    }
    Comparator<Trial> order =
        Comparator.comparingDouble(
            t ->
                Double.isNaN(t.score())
                    ? Double.POSITIVE_INFINITY
                    : greaterIsBetter ? -t.score() : t.score());
    trials.sort(order);
    if (Double.isNaN(trials.get(0).score())) {
      throw new IllegalStateException(
          "search: no trial gave a score; the first failed at " + trials.get(0),
          trials.get(0).failure());
    }
    return new Result(List.copyOf(trials));
  }
}
