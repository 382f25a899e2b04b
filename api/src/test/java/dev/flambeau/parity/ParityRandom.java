package dev.flambeau.parity;

import dev.flambeau.DType;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.nn.Init;
import dev.flambeau.nn.Linear;
import java.util.Locale;

/** Calls of what draws random numbers; a row's first argument is the seed. */
final class ParityRandom {
  private ParityRandom() {}

  /** What a row draws once the generator is seeded. */
  private interface Draw {
    Tensor from(ParityCase row);
  }

  static void into(ParityOps ops) {
    drawn(ops, "rand", r -> Tensor.rand(type(r), r.longs(2)));
    drawn(ops, "randn", r -> Tensor.randn(type(r), r.longs(2)));
    drawn(
        ops,
        "randnCarry",
        r -> {
          Tensor a = Tensor.randn(type(r), 3);
          Tensor b = Tensor.randn(type(r), 20);
          return Tensor.cat(new Tensor[] {a, b, Tensor.randn(type(r), 2)}, 0);
        });
    drawn(ops, "randint", r -> Tensor.randint(r.whole(1), r.whole(2), r.longs(3)));
    drawn(ops, "randperm", r -> Tensor.randperm(r.whole(1)));
    drawn(ops, "uniform_", r -> zeros(r).uniform_(r.real(3), r.real(4)));
    drawn(ops, "normal_", r -> zeros(r).normal_(r.real(3), r.real(4)));
    drawn(ops, "bernoulli_", r -> zeros(r).bernoulli_(r.real(3)));
    drawn(
        ops,
        "random_",
        r -> r.has(3) ? zeros(r).random_(r.whole(3), r.whole(4)) : zeros(r).random_());
    drawn(ops, "normalTransposed", r -> square(r).normal_(0, 1));
    drawn(ops, "uniformTransposed", r -> square(r).uniform_(0, 1));
    initialisers(ops);
    ops.one(
        "bernoulliEach",
        (row, in) -> {
          Flambeau.manualSeed(row.whole(0));
          return in[0].bernoulli();
        });
    ops.one(
        "dropout",
        (row, in) -> {
          Flambeau.manualSeed(row.whole(0));
          return in[0].dropout(row.real(1), row.flag(2));
        });
  }

  private static void initialisers(ParityOps ops) {
    drawn(ops, "xavierUniform_", r -> Init.xavierUniform_(zeros(r), r.real(3)));
    drawn(ops, "xavierNormal_", r -> Init.xavierNormal_(zeros(r), r.real(3)));
    drawn(ops, "kaimingUniform_", r -> Init.kaimingUniform_(zeros(r), r.real(3), fan(r), next(r)));
    drawn(ops, "kaimingNormal_", r -> Init.kaimingNormal_(zeros(r), r.real(3), fan(r), next(r)));
    drawn(
        ops,
        "linearInit",
        r -> {
          Linear l = new Linear(r.whole(1), r.whole(2));
          return Tensor.cat(new Tensor[] {l.weight.detach().flatten(), l.bias.detach()}, 0);
        });
  }

  private static Init.Fan fan(ParityCase row) {
    return row.text(4).equals("fan_in") ? Init.Fan.IN : Init.Fan.OUT;
  }

  private static Init.Nonlinearity next(ParityCase row) {
    return Init.Nonlinearity.valueOf(row.text(5).toUpperCase(Locale.ROOT));
  }

  private static void drawn(ParityOps ops, String name, Draw draw) {
    ops.one(
        name,
        (row, in) -> {
          Flambeau.manualSeed(row.whole(0));
          return draw.from(row);
        });
  }

  private static DType type(ParityCase row) {
    return ParityTensor.type(row.text(1));
  }

  private static Tensor zeros(ParityCase row) {
    return Tensor.zeros(type(row), row.longs(2));
  }

  private static Tensor square(ParityCase row) {
    return Tensor.zeros(row.whole(1), row.whole(1)).t();
  }
}
