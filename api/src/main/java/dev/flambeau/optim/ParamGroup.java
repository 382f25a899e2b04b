package dev.flambeau.optim;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Parameters that share options. What a group does not say itself it takes from its optimizer:
 *
 * <pre>{@code
 * var optimizer = new SGD(0.01, new ParamGroup(backbone), new ParamGroup(head).lr(0.1));
 * }</pre>
 *
 * Options have PyTorch's names: {@code lr}, {@code momentum}, {@code weight_decay}, ...
 */
public final class ParamGroup {
  /** The option in which a schedule notes the rate that it started from. */
  static final String INITIAL_LR = "initial_lr";

  private final List<Tensor> params;
  private final Map<String, Object> options = new HashMap<>();
  private final Set<String> own = new HashSet<>(); // set on the group itself
  private Optimizer optimizer;

  /** A group of parameters with no options of its own yet. */
  public ParamGroup(Collection<Tensor> params) {
    this.params = List.copyOf(params);
  }

  /** Sets the learning rate. */
  public ParamGroup lr(double lr) {
    return set("lr", lr);
  }

  /** Sets the weight decay. */
  public ParamGroup weightDecay(double weightDecay) {
    return set("weight_decay", weightDecay);
  }

  /** Sets the momentum. */
  public ParamGroup momentum(double momentum) {
    return set("momentum", momentum);
  }

  /**
   * Sets an option by PyTorch's name: a number, a boolean, or a list of numbers. A schedule notes
   * the rate it started from as {@code initial_lr}.
   *
   * @throws IllegalArgumentException for an option or a value that the group's optimizer refuses; a
   *     group without an optimizer is checked when it joins one
   */
  public ParamGroup set(String name, Object value) {
    if (optimizer != null) {
      optimizer.check(name, value);
    }
    options.put(name, value);
    own.add(name);
    return this;
  }

  /** The parameters, in order. */
  public List<Tensor> params() {
    return params;
  }

  /** The learning rate. */
  public double lr() {
    return number("lr");
  }

  /**
   * A number among the options.
   *
   * @throws IllegalArgumentException if there is no such option, or it is no number
   */
  public double number(String name) {
    if (get(name) instanceof Number n) {
      return n.doubleValue();
    }
    throw new IllegalArgumentException("option " + name + " is no number: " + get(name));
  }

  /**
   * A truth value among the options.
   *
   * @throws IllegalArgumentException if there is no such option, or it is no truth value
   */
  public boolean flag(String name) {
    if (get(name) instanceof Boolean b) {
      return b;
    }
    throw new IllegalArgumentException("option " + name + " is no truth value: " + get(name));
  }

  /**
   * An option by PyTorch's name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Object get(String name) {
    Object value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "this group has no option " + name + "; it has " + options().keySet());
    }
    return value;
  }

  /** Whether the group has the option. */
  public boolean has(String name) {
    return options.containsKey(name);
  }

  /** All options, sorted by name. */
  public Map<String, Object> options() {
    return new TreeMap<>(options);
  }

  void join(Optimizer to, Map<String, Object> defaults) {
    if (optimizer != null) {
      throw new IllegalArgumentException("this group belongs to an optimizer already");
    }
    for (var option : options().entrySet()) {
      to.check(option.getKey(), option.getValue());
    }
    for (var option : defaults.entrySet()) {
      options.putIfAbsent(option.getKey(), option.getValue());
    }
    optimizer = to;
  }

  /** A default of the optimizer has changed. */
  void follow(String name, Object value) {
    if (!own.contains(name)) {
      options.put(name, value);
    }
  }

  /** What the library notes itself: restored options. */
  void note(String name, Object value) {
    options.put(name, value);
  }

  /** PyTorch's print of a group: its options sorted by name. */
  String text() {
    StringBuilder s = new StringBuilder();
    options()
        .forEach((k, v) -> s.append("    ").append(k).append(": ").append(text(v)).append('\n'));
    return s.toString();
  }

  private static String text(Object value) {
    if (value instanceof Boolean b) {
      return b ? "True" : "False";
    }
    if (value instanceof Double d) {
      return PyFormat.repr(d);
    }
    if (value instanceof List<?> list) {
      return "(" + String.join(", ", list.stream().map(ParamGroup::text).toList()) + ")";
    }
    return String.valueOf(value);
  }

  @Override
  public String toString() {
    return "ParamGroup (" + params.size() + " tensors\n" + text() + ")";
  }
}
