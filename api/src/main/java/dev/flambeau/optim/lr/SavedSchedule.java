package dev.flambeau.optim.lr;

import dev.flambeau.Tensor;
import java.util.List;
import java.util.Map;

/** A schedule's state dict, whose values are checked as they are read. */
final class SavedSchedule {
  private final Map<String, Tensor> saved;

  /**
   * A state that must have these names and no others.
   *
   * @throws IllegalArgumentException if it has not, or if a value is null or released
   */
  SavedSchedule(Map<String, Tensor> saved, String... names) {
    this.saved = saved;
    List<String> known = List.of(names);
    for (String name : known) {
      Tensor t = saved.get(name);
      if (t == null || t.isReleased()) {
        throw new IllegalArgumentException(
            "scheduler: the state dict has no "
                + name
                + (t != null ? " that is not released" : ", only " + saved.keySet()));
      }
    }
    for (String name : saved.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "scheduler: the state dict has " + name + "; it should have only " + known);
      }
    }
  }

  /** As many rates as there are groups. */
  double[] rates(String name, int groups) {
    Tensor t = saved.get(name);
    if (t.numel() != groups) {
      throw new IllegalArgumentException(
          "scheduler: the loaded state dict has "
              + t.numel()
              + " parameter groups, the optimizer has "
              + groups);
    }
    double[] rates = t.toDouble().flatten().toDoubleArray();
    for (double rate : rates) {
      if (!(rate >= 0)) {
        throw new IllegalArgumentException(
            "scheduler: " + name + " are rates, each at least 0; got " + t);
      }
    }
    return rates;
  }

  /** A whole number from 0 on. */
  int count(String name) {
    double value = number(name);
    if (!(value >= 0 && value <= Integer.MAX_VALUE && value == Math.rint(value))) {
      throw new IllegalArgumentException(
          "scheduler: " + name + " must be a whole number from 0 on, got " + saved.get(name));
    }
    return (int) value;
  }

  /** A number, which is not NaN. */
  double number(String name) {
    Tensor t = saved.get(name);
    double value = t.numel() == 1 ? t.item() : Double.NaN;
    if (Double.isNaN(value)) {
      throw new IllegalArgumentException("scheduler: " + name + " must be one number, got " + t);
    }
    return value;
  }
}
