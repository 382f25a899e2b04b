package dev.flambeau.fuzz;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Calls that hardly come together by chance, each with arguments of its own. */
final class Recipes {
  private Recipes() {}

  /** What allocates as many elements as its input has, or only looks at where they lie. */
  private static final Set<String> FOR_WIDE =
      Set.of(
          "add",
          "mul",
          "copy",
          "contiguous",
          "toDouble",
          "repeat",
          "select",
          "narrow",
          "slice",
          "reshape",
          "view",
          "flatten",
          "transpose",
          "unsqueeze",
          "expand",
          "get",
          "zerosLike",
          "cat",
          "stack",
          "isContiguous",
          "squeeze",
          "permute");

  private static final List<Method> WIDE =
      Methods.ALL.stream().filter(m -> FOR_WIDE.contains(m.getName())).toList();

  private static final List<Method> IN_PLACE =
      Methods.ALL.stream()
          .filter(m -> m.getName().endsWith("_") && !m.getName().startsWith("requires"))
          .toList();

  static void any(Program p) {
    switch (p.dice.below(7)) {
      case 0 -> overlap(p);
      case 1, 2 -> wide(p);
      case 3 -> chain(p);
      case 4 -> strange(p);
      case 5 -> buffer(p);
      default -> inPlace(p);
    }
  }

  private static void inPlace(Program p) {
    Chaos.method(p, p.dice.pick(IN_PLACE, Methods::signature));
  }

  /** Two parts of one memory that overlap, or one that overlaps itself: one is written. */
  private static void overlap(Program p) {
    Dice d = p.dice;
    String name = p.anyTensor();
    Tensor x = p.tensors.get(name);
    if (x.isReleased() || x.dim() == 0 || x.size(0) < 2) {
      Fresh.make(p, name = p.newName("x"), d.of(DType.values()), new long[] {33}, false);
      x = p.tensors.get(name);
    }
    Tensor base = x;
    long n = x.size(0);
    boolean self = d.chance(0.3);
    String target = p.newName("o");
    String source = p.newName("o");
    String b = name;
    if (self) {
      p.call(
          target + " = " + b + ".select(0, 0).unsqueeze(0).expand(2, -1...)",
          Set.of("select", "unsqueeze", "expand"),
          false,
          () -> remember(p, target, base.select(0, 0).unsqueeze(0).expand(twice(base))));
      p.tensors.put(source, p.tensors.getOrDefault(target, base));
    } else {
      p.call(
          target + " = " + b + ".slice(0, 1, " + n + ", 1)",
          Set.of("slice"),
          false,
          () -> remember(p, target, base.slice(0, 1, n, 1)));
      p.call(
          source + " = " + b + ".slice(0, 0, " + (n - 1) + ", 1)",
          Set.of("slice"),
          false,
          () -> remember(p, source, base.slice(0, 0, n - 1, 1)));
    }
    Tensor to = p.tensors.get(target);
    Tensor from = p.tensors.get(source);
    if (to == null || from == null) {
      return;
    }
    String op = d.of("add_", "mul_", "remainder_", "copy_", "sub_", "div_");
    p.call(
        target + "." + op + "(" + (self ? target : source) + ")",
        Methods.namesOf(op),
        false,
        () ->
            switch (op) {
              case "add_" -> to.add_(from);
              case "mul_" -> to.mul_(from);
              case "remainder_" -> to.remainder_(from);
              case "copy_" -> to.copy_(from);
              case "sub_" -> to.sub_(from);
              default -> to.div_(from);
            });
  }

  private static long[] twice(Tensor x) {
    long[] sizes = x.shape().toArray();
    long[] out = new long[sizes.length];
    java.util.Arrays.fill(out, -1);
    out[0] = 2;
    return out;
  }

  private static Tensor remember(Program p, String name, Tensor t) {
    p.tensors.put(name, t);
    return t;
  }

  /** A tensor of very many elements, most of them the same ones, and calls that take it. */
  private static void wide(Program p) {
    Dice d = p.dice;
    String name = d.pick(p.wide.keySet(), n -> n);
    if (name == null || d.chance(0.5)) {
      String small = p.newName("x");
      long[] shape = d.of(new long[] {1}, new long[] {0}, new long[] {1, 3}, new long[] {2, 0});
      Tensor x = (Tensor) Fresh.make(p, small, d.of(DType.values()), shape, false).value();
      long a = Numbers.anyLong(d, false);
      long b = Numbers.anyLong(d, false);
      boolean expand = d.chance(0.6);
      long[] to = d.chance(0.5) ? new long[] {a} : new long[] {a, d.chance(0.5) ? b : shape[0]};
      p.call(
          small + (expand ? ".expand(" : ".reshape(") + Numbers.text(to) + ")",
          Set.of(expand ? "expand" : "reshape"),
          false,
          () -> expand ? x.expand(to) : x.reshape(to));
      name = p.wide.containsKey(p.lastName()) ? p.lastName() : null;
    }
    for (int i = 0; name != null && i < 3; i++) {
      Tensor x = p.wide.get(name);
      Method m = d.pick(WIDE, Methods::signature);
      if (Methods.isStatic(m)) {
        boolean cat = m.getName().equals("cat");
        int dim = Numbers.anyInt(d, true);
        p.call(
            (cat ? "Tensor.cat" : "Tensor.stack")
                + "(new Tensor[] {"
                + name
                + ", same}, "
                + dim
                + ")",
            Set.of(cat ? "cat" : "stack"),
            false,
            () ->
                cat
                    ? Tensor.cat(new Tensor[] {x, x}, dim)
                    : Tensor.stack(new Tensor[] {x, x}, dim));
      } else {
        Chaos.method(p, m, name, x);
      }
    }
    outer(p);
  }

  /** Ops whose result is much larger than what they are given. */
  private static void outer(Program p) {
    Dice d = p.dice;
    long a = d.ofLongs(1L << 20, 1L << 31, (1L << 31) + 1, 1L << 32, (1L << 32) + 16, 1L << 61);
    long b = d.ofLongs(1L << 31, (1L << 31) + 1, 1L << 32, 1L << 33, 1L << 40);
    String op = d.of("matmul", "add", "cat", "oneHot", "linear", "mm", "set");
    String left = "Tensor.ones(1, 1).expand(" + Numbers.text(a) + ", 1)";
    String right = "Tensor.ones(1, 1).expand(1, " + Numbers.text(b) + ")";
    p.call(
        switch (op) {
          case "oneHot" -> "Tensor.of(" + Numbers.text(a) + ").oneHot()";
          case "set" -> "Tensor.zeros(4, 1).set(1.0, \"1:4:" + (Long.MAX_VALUE - (b & 1)) + "\")";
          default -> left + "." + op + "(" + right + ")";
        },
        Methods.NAMES,
        false,
        () -> {
          Tensor x = Tensor.ones(1, 1).expand(a, 1);
          Tensor y = Tensor.ones(1, 1).expand(1, b);
          return switch (op) {
            case "matmul" -> x.matmul(y);
            case "add" -> x.add(y);
            case "cat" -> Tensor.cat(new Tensor[] {x, x.t()}, 0);
            case "oneHot" -> Tensor.of(a).oneHot();
            case "linear" -> x.linear(y.t());
            case "mm" -> x.mm(y);
            default -> Tensor.zeros(4, 1).set(1.0, "1:4:" + (Long.MAX_VALUE - (b & 1)));
          };
        });
  }

  /** Very many views of views, one of which is written. */
  private static void chain(Program p) {
    Dice d = p.dice;
    int n = d.chance(0.1) ? 60_000 : d.of(3, 100, 2_000);
    String name = p.anyTensor();
    Tensor x = p.tensors.get(name);
    String op = d.of("t", "view", "unsqueeze.squeeze", "slice");
    boolean records = !x.isReleased() && x.requiresGrad() && x.dim() < 3;
    Tensor recorded = records ? x : Tensor.ones(2, 3).requiresGrad_();
    String of = records ? name : "Tensor.ones(2, 3).requiresGrad_()";
    UnaryOperator<Tensor> view =
        switch (op) {
          case "t" -> Tensor::t;
          case "view" -> t -> t.view(t.shape().toArray());
          case "slice" -> t -> t.slice(0, 0, Long.MAX_VALUE, 1);
          default -> t -> t.unsqueeze(0).squeeze(0);
        };
    p.call(
        "Chain of " + n + " times " + op + " of " + of + ".mul(1.0), add_(1)",
        Chaos.USER,
        false,
        () -> {
          Tensor base = recorded.mul(1.0);
          Tensor v = base;
          for (int i = 0; i < n; i++) {
            v = view.apply(v);
          }
          v.add_(1);
          if (v.requiresGrad()) {
            base.sum().backward();
          }
          return v;
        });
  }

  /** A tensor in a buffer's memory, and a write to it. */
  private static void buffer(Program p) {
    Dice d = p.dice;
    Arg buffer = Buffers.any(p);
    DType type = d.of(DType.values());
    long n = d.of(0, 1, 16, 32, 64, 256);
    p.call(
        "Tensor.fromBuffer(" + buffer.text() + ", DType." + type.name() + ", " + n + ")",
        Set.of("fromBuffer"),
        false,
        () -> Tensor.fromBuffer((ByteBuffer) buffer.value(), type, n));
    Tensor x = p.tensors.get(p.lastName());
    if (x != null) {
      Chaos.method(p, d.pick(IN_PLACE, Methods::signature), p.lastName(), x);
    }
  }

  /** The library's own edge: a dim that is not there, no elements, no rows. */
  private static void strange(Program p) {
    Dice d = p.dice;
    int kind = d.below(4);
    int n = d.of(1, 64, 255, 256, 300);
    p.call(
        switch (kind) {
          case 0 -> "Tensor.of(1.0).stride(0)";
          case 1 -> "Tensor.zeros(2000000000, 0).toArray()";
          case 2 -> "Tensor.ones(1 x " + n + ").toArray()";
          default -> "Tensor.zeros(0).indexSelect(0, Tensor.of(new long[] {0}))";
        },
        Set.of("stride", "toArray", "indexSelect"),
        false,
        () -> {
          long[] ones = new long[n];
          java.util.Arrays.fill(ones, 1);
          return switch (kind) {
            case 0 -> Tensor.of(1.0).stride(0);
            case 1 -> Tensor.zeros(2_000_000_000, 0).toArray().getClass();
            case 2 -> Tensor.ones(ones).toArray().getClass();
            default -> Tensor.zeros(0).indexSelect(0, Tensor.of(new long[] {0}));
          };
        });
  }
}
