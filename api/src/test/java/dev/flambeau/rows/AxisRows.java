package dev.flambeau.rows;

import static dev.flambeau.rows.OpCase.op;
import static dev.flambeau.rows.OpCase.s;
import static dev.flambeau.rows.OpCase.several;
import static dev.flambeau.rows.OpCase.unary;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.VarMean;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/** Rows of reductions and extremes. */
final class AxisRows {
  private AxisRows() {}

  static List<OpCase> all() {
    return OpCase.join(sums(), spreads(), extremes(), places(), logic());
  }

  /** An op along dims, tried on the usual shapes. */
  static OpCase axis(String name, UnaryOperator<Tensor> f) {
    return op(name, in -> f.apply(in[0]))
        .shapes(s(3, 5))
        .shapes(s(2, 3, 4))
        .shapes(s(4, 33))
        .shapes(s(2, 1, 3, 2));
  }

  /** What a line becomes; no dims: one line of all elements. */
  static OpCase.Reference lines(ToDoubleFunction<double[]> f, boolean keepdim, int... dims) {
    return in -> in[0].reduced(in[0].dtype(), keepdim, f, dims);
  }

  /** Sums of integers are int64. */
  private static OpCase.Reference sums(ToDoubleFunction<double[]> f, boolean keepdim, int... dims) {
    return in -> {
      DType type = in[0].dtype().isFloating() ? in[0].dtype() : DType.INT64;
      return in[0].reduced(type, keepdim, f, dims);
    };
  }

  private static List<OpCase> sums() {
    return List.of(
        unary("sum", Tensor::sum).like(sums(Formulas::sum, false)).integers().onceOnly(),
        axis("sum 0", x -> x.sum(0)).like(sums(Formulas::sum, false, 0)).integers().onceOnly(),
        axis("sum -1 keepdim", x -> x.sum(new int[] {-1}, true))
            .like(sums(Formulas::sum, true, -1))
            .onceOnly(),
        op("sum 0 2", in -> in[0].sum(0, 2))
            .like(sums(Formulas::sum, false, 0, 2))
            .shapes(s(2, 3, 4))
            .shapes(s(2, 0, 4))
            .integers()
            .onceOnly(),
        unary("mean", Tensor::mean)
            .like(lines(Formulas::mean, false))
            .only(s(3, 5))
            .shapes(s())
            .shapes(s(37))
            .onceOnly(),
        axis("mean 1", x -> x.mean(1)).like(lines(Formulas::mean, false, 1)).onceOnly().within(2),
        op("mean 0 2 keepdim", in -> in[0].mean(new int[] {0, 2}, true))
            .like(lines(Formulas::mean, true, 0, 2))
            .shapes(s(2, 3, 4))
            .onceOnly(),
        unary("prod", Tensor::prod)
            .like(sums(Formulas::product, false))
            .only(s(5))
            .shapes(s())
            .integers()
            .within(4),
        op("prod with a zero", in -> in[0].mul(Tensor.of(1, 0, 1).to(in[0].device())).prod())
            .like(sums(line -> 0, false))
            .shapes(s(3))
            .onceOnly());
  }

  private static List<OpCase> spreads() {
    return List.of(
        axis("var", x -> x.var(1))
            .like(lines(x -> Formulas.variance(x, 1), false, 1))
            .only(s(3, 5))
            .shapes(s(2, 7, 4))
            .within(8),
        op("var of all", in -> in[0].var())
            .like(lines(x -> Formulas.variance(x, 1), false))
            .shapes(s(3, 5))
            .within(8),
        axis("var of all, no correction", x -> x.var(new int[0], 0, false))
            .like(lines(x -> Formulas.variance(x, 0), false))
            .within(8),
        axis("std", x -> x.std(-1))
            .like(lines(x -> Math.sqrt(Formulas.variance(x, 1)), false, -1))
            .only(s(3, 5))
            .shapes(s(2, 3, 4))
            .within(8),
        op("std of all", in -> in[0].std())
            .like(lines(x -> Math.sqrt(Formulas.variance(x, 1)), false))
            .shapes(s(3, 5))
            .within(8),
        axis("std keepdim", x -> x.std(new int[] {0, 1}, 1, true))
            .like(lines(x -> Math.sqrt(Formulas.variance(x, 1)), true, 0, 1))
            .only(s(3, 5))
            .within(8),
        several("varMean", in -> both(in[0].varMean(1)))
            .likeAll(variancesAndMeans(1, false, 1))
            .shapes(s(3, 5))
            .shapes(s(2, 7, 4))
            .within(8),
        several("varMean of all", in -> both(in[0].varMean()))
            .likeAll(variancesAndMeans(1, false))
            .shapes(s(3, 5))
            .within(8),
        several("varMean of all, no correction", in -> both(in[0].varMean(new int[0], 0, true)))
            .likeAll(variancesAndMeans(0, true))
            .shapes(s(3, 5))
            .shapes(s(37))
            .within(8),
        axis("norm", Tensor::norm).like(lines(Formulas::norm, false)).within(4));
  }

  private static Tensor[] both(VarMean y) {
    return new Tensor[] {y.var(), y.mean()};
  }

  private static OpCase.References variancesAndMeans(
      double correction, boolean keepdim, int... dims) {
    OpCase.Reference variance = lines(x -> Formulas.variance(x, correction), keepdim, dims);
    OpCase.Reference mean = lines(Formulas::mean, keepdim, dims);
    return in -> new PlainTensor[] {variance.of(in), mean.of(in)};
  }

  private static List<OpCase> extremes() {
    return List.of(
        axis("max", Tensor::max)
            .like(lines(Formulas::max, false))
            .distinct(0)
            .onceOnly()
            .integers(),
        axis("min", Tensor::min)
            .like(lines(Formulas::min, false))
            .distinct(0)
            .onceOnly()
            .integers(),
        axis("amax 0", x -> x.amax(0))
            .like(lines(Formulas::max, false, 0))
            .distinct(0)
            .onceOnly()
            .integers(),
        op("amax 1 2 keepdim", in -> in[0].amax(new int[] {1, 2}, true))
            .like(lines(Formulas::max, true, 1, 2))
            .shapes(s(2, 3, 4))
            .distinct(0)
            .onceOnly(),
        op("amin 0 2", in -> in[0].amin(0, 2))
            .like(lines(Formulas::min, false, 0, 2))
            .shapes(s(2, 3, 4))
            .distinct(0)
            .onceOnly()
            .integers(),
        axis("amin -1 keepdim", x -> x.amin(new int[] {-1}, true))
            .like(lines(Formulas::min, true, -1))
            .distinct(0)
            .onceOnly(),
        axis("max dim, values", x -> x.max(1).values())
            .like(lines(Formulas::max, false, 1))
            .distinct(0)
            .onceOnly()
            .integers()
            .parity("maxDim"),
        axis("max dim keepdim, values", x -> x.max(-1, true).values())
            .like(lines(Formulas::max, true, -1))
            .only(s(3, 5))
            .distinct(0)
            .onceOnly()
            .parity("maxDim"),
        axis("min dim, values", x -> x.min(0).values())
            .like(lines(Formulas::min, false, 0))
            .only(s(3, 5))
            .distinct(0)
            .onceOnly()
            .parity("minDim"),
        axis("min dim keepdim, values", x -> x.min(-1, true).values())
            .like(lines(Formulas::min, true, -1))
            .distinct(0)
            .onceOnly()
            .parity("minDim"));
  }

  /** Where the first of the extremes is: int64. */
  private static OpCase place(
      String name,
      UnaryOperator<Tensor> f,
      ToDoubleFunction<double[]> of,
      boolean keepdim,
      int... dims) {
    return axis(name, f).like(lines(of, keepdim, dims)).gives(DType.INT64).noGradient().integers();
  }

  private static List<OpCase> places() {
    return List.of(
        place("max dim, indices", x -> x.max(1).indices(), Formulas::argmax, false, 1)
            .distinct(0)
            .parity("maxDim"),
        place("min dim, indices", x -> x.min(0).indices(), Formulas::argmin, false, 0)
            .parity("minDim"),
        place("argmax", Tensor::argmax, Formulas::argmax, false),
        place("argmax dim", x -> x.argmax(0), Formulas::argmax, false, 0).only(s(3, 5)),
        place("argmax dim keepdim", x -> x.argmax(1, true), Formulas::argmax, true, 1),
        place("argmin", Tensor::argmin, Formulas::argmin, false),
        place("argmin dim", x -> x.argmin(0), Formulas::argmin, false, 0),
        place("argmin dim keepdim", x -> x.argmin(-1, true), Formulas::argmin, true, -1)
            .only(s(3, 5)));
  }

  /** uint8 answers uint8, as it did before there was bool. */
  private static OpCase logic(
      OpCase row, ToDoubleFunction<double[]> of, boolean keepdim, int... dims) {
    return row.like(
            in -> {
              DType type = in[0].dtype() == DType.UINT8 ? DType.UINT8 : DType.BOOL;
              return in[0].reduced(type, keepdim, of, dims);
            })
        .noGradient()
        .integers();
  }

  private static List<OpCase> logic() {
    return List.of(
        logic(unary("any", Tensor::any), Formulas::any, false),
        logic(axis("any dim", x -> x.any(1)), Formulas::any, false, 1),
        logic(axis("any dim keepdim", x -> x.any(0, true)), Formulas::any, true, 0),
        logic(unary("all", Tensor::all), Formulas::all, false),
        logic(axis("all dim", x -> x.all(0)), Formulas::all, false, 0),
        logic(axis("all dim keepdim", x -> x.all(-1, true)), Formulas::all, true, -1),
        axis("any of a comparison", x -> x.gt(1).any(1))
            .like(lines(x -> Formulas.max(x) > 1 ? 1 : 0, false, 1))
            .gives(DType.BOOL)
            .noGradient(),
        axis("all of a comparison", x -> x.gt(-1).all(0, true))
            .like(lines(x -> Formulas.min(x) > -1 ? 1 : 0, true, 0))
            .gives(DType.BOOL)
            .noGradient());
  }
}
