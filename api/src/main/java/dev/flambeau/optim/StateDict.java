package dev.flambeau.optim;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** An optimizer's state as named tensors, and back. */
final class StateDict {
  private static final String STATE = "state.";
  private static final String GROUPS = "param_groups.";
  static final String STEP = "step";
  private static final String PARAMS = "params";

  private StateDict() {}

  /** What an option needs that came after the last step is there as the zeros it begins with. */
  static Map<String, Tensor> of(
      List<ParamGroup> groups, Map<Tensor, ParamState> states, StateRules rules) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    Map<String, Tensor> options = new LinkedHashMap<>();
    int next = 0;
    for (int g = 0; g < groups.size(); g++) {
      ParamGroup group = groups.get(g);
      String prefix = GROUPS + g + ".";
      group.options().forEach((name, value) -> options.put(prefix + name, toTensor(value)));
      long[] indices = new long[group.params().size()];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = next;
        int place = i;
        ParamState s = states.get(group.params().get(i));
        if (s != null) {
          String at = STATE + next + ".";
          if (s.step() > 0) {
            out.put(at + STEP, toTensor(s.step()));
          }
          s.tensors().forEach((name, t) -> out.put(at + name, t.detach().copy().escape()));
          if (rules != null) {
            for (String name : rules.optional(group.options()::get)) {
              out.computeIfAbsent(at + name, k -> group.params().get(place).zerosLike().escape());
            }
          }
        }
        next++;
      }
      options.put(params(g), Tensor.of(indices).escape());
    }
    out.putAll(options);
    return out;
  }

  /** Checks all that is saved, and only then sets the states and the groups' options. */
  static void load(
      String name,
      Map<String, Tensor> saved,
      Optimizer optimizer,
      List<ParamGroup> groups,
      Map<Tensor, ParamState> states) {
    List<Tensor> params = new ArrayList<>();
    groups.forEach(g -> params.addAll(g.params()));
    List<Map<String, Object>> newOptions = new ArrayList<>();
    groups.forEach(g -> newOptions.add(new TreeMap<>()));
    Map<Integer, ParamState> newStates = new TreeMap<>();
    Map<Integer, Set<String>> fields = new TreeMap<>();
    saved.forEach((key, value) -> checkValue(name, key, value));
    checkGroups(name, saved, groups);
    for (Map.Entry<String, Tensor> e : saved.entrySet()) {
      String key = e.getKey();
      Tensor value = e.getValue();
      if (key.startsWith(STATE)) {
        int i = index(name, key, STATE, params.size(), "parameters");
        String field = tail(name, key, STATE);
        ParamState s = newStates.computeIfAbsent(i, x -> new ParamState());
        restore(name, key, field, value, params.get(i), s);
        fields.computeIfAbsent(i, x -> new LinkedHashSet<>()).add(field);
      } else if (key.startsWith(GROUPS)) {
        int g = index(name, key, GROUPS, groups.size(), "parameter groups");
        String option = tail(name, key, GROUPS);
        if (!option.equals(PARAMS)) {
          Object v = fromTensor(name, key, value);
          optimizer.check(option, v);
          newOptions.get(g).put(option, v);
        }
      } else {
        throw new IllegalArgumentException(
            name + ": a state dict has names with state. or param_groups., got " + key);
      }
    }
    StateRules rules = optimizer.stateRules();
    if (rules != null) {
      int first = 0;
      for (int g = 0; g < groups.size(); first += groups.get(g++).params().size()) {
        Map<String, Object> options = new TreeMap<>(groups.get(g).options());
        options.putAll(newOptions.get(g));
        for (int i = first; i < first + groups.get(g).params().size(); i++) {
          if (newStates.containsKey(i)) {
            rules.check(name, STATE + i + ".", fields.get(i), newStates.get(i), options::get);
          }
        }
      }
    }
    states.clear();
    newStates.forEach((i, s) -> states.put(params.get(i), s));
    for (int g = 0; g < groups.size(); g++) {
      newOptions.get(g).forEach(groups.get(g)::note);
    }
  }

  private static void checkValue(String name, String key, Tensor value) {
    if (value == null || value.isReleased()) {
      throw new IllegalArgumentException(
          name
              + ": "
              + key
              + " of the loaded state dict "
              + (value == null ? "is null" : "was released, a tensor of shape " + value.shape()));
    }
  }

  private static void restore(
      String name, String key, String field, Tensor value, Tensor p, ParamState s) {
    if (field.equals(STEP)) {
      double step = value.numel() == 1 ? value.item() : Double.NaN;
      if (!(step >= 0 && step == Math.rint(step) && step <= 1L << 53)) {
        throw new IllegalArgumentException(
            name + ": " + key + " must be one whole number from 0 on, got " + value);
      }
      s.step((long) step);
      return;
    }
    if (!value.shape().equals(p.shape())) {
      throw new IllegalArgumentException(
          name + ": " + key + " has shape " + value.shape() + ", its parameter has " + p.shape());
    }
    if (!value.dtype().isFloating()) {
      throw new IllegalArgumentException(
          name
              + ": "
              + key
              + " must be floating, as its parameter of "
              + p.dtype()
              + " is, got "
              + value.dtype());
    }
    try (var ng = Autograd.noGrad()) {
      // In the parameter's dtype, device and memory order, as the kernels want it.
      s.put(field, p.emptyLike().copy_(value));
    }
  }

  private static void checkGroups(String name, Map<String, Tensor> saved, List<ParamGroup> groups) {
    int next = 0;
    for (int g = 0; g < groups.size() || saved.containsKey(params(g)); g++) {
      Tensor params = saved.get(params(g));
      if (params == null || g >= groups.size()) {
        throw new IllegalArgumentException(
            name
                + ": the loaded state dict has a different number of parameter groups than the"
                + " optimizer's "
                + groups.size());
      }
      int here = groups.get(g).params().size();
      if (params.numel() != here) {
        throw new IllegalArgumentException(
            name
                + ": group "
                + g
                + " of the loaded state dict has "
                + params.numel()
                + " parameters, the optimizer's has "
                + here);
      }
      double[] places = params.toDouble().flatten().toDoubleArray();
      if (!Arrays.equals(places, IntStream.range(next, next + here).asDoubleStream().toArray())) {
        throw new IllegalArgumentException(
            name
                + ": "
                + params(g)
                + " must count the parameters through all groups, "
                + next
                + " to "
                + (next + here - 1)
                + " here, got "
                + params);
      }
      next += here;
    }
  }

  private static String params(int group) {
    return GROUPS + group + "." + PARAMS;
  }

  private static int index(String name, String key, String prefix, int count, String what) {
    int dot = key.indexOf('.', prefix.length());
    String number = key.substring(prefix.length(), Math.max(dot, prefix.length()));
    try {
      int i = Integer.parseInt(number);
      if (i >= 0 && i < count && number.equals(Integer.toString(i))) {
        return i;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        name + ": " + key + " does not fit an optimizer of " + count + " " + what);
  }

  private static String tail(String name, String key, String prefix) {
    String tail = key.substring(key.indexOf('.', prefix.length()) + 1);
    if (tail.isEmpty()) {
      throw new IllegalArgumentException(
          name + ": " + key + " of the loaded state dict ends early");
    }
    return tail;
  }

  private static Tensor toTensor(Object value) {
    if (value instanceof List<?> list) {
      double[] numbers = list.stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray();
      return Tensor.of(DType.FLOAT64, numbers).escape();
    }
    if (value instanceof Boolean b) {
      return Tensor.of((boolean) b).escape();
    }
    if (value instanceof Double d) {
      return Tensor.of(DType.FLOAT64, d).escape();
    }
    return Tensor.of(((Number) value).longValue()).escape();
  }

  private static Object fromTensor(String name, String key, Tensor value) {
    if (value.dim() == 0) {
      return switch (value.dtype()) {
        case BOOL -> value.itemBoolean();
        case BFLOAT16, FLOAT16, FLOAT32, FLOAT64 -> value.item();
        default -> value.itemLong();
      };
    }
    if (value.dim() == 1 && value.dtype() == DType.FLOAT64) {
      List<Double> out = new ArrayList<>();
      for (double v : value.toDoubleArray()) {
        out.add(v);
      }
      return List.copyOf(out);
    }
    throw new IllegalArgumentException(
        name + ": " + key + " is no option: " + value.dtype() + " " + value.shape());
  }
}
