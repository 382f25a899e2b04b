package dev.flambeau.rows;

import static dev.flambeau.rows.OpCase.op;
import static dev.flambeau.rows.OpCase.s;
import static dev.flambeau.rows.PlainTensor.replaced;

import dev.flambeau.DType;
import dev.flambeau.Index;
import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** Rows of what reads and writes at indices. */
final class IndexRows {
  private IndexRows() {}

  static List<OpCase> all() {
    return OpCase.join(along(), expressions());
  }

  /** Indices on the device of {@code like}. */
  static Tensor index(Tensor like, Object values) {
    return Tensor.of(DType.INT64, values).to(like.device());
  }

  private static int[] i(int... index) {
    return index;
  }

  // ---- along a dim

  /** {@code y[i] = x[i with the index in place of dim]}. */
  private static OpCase.Reference gathered(int dim, int[][] index) {
    int[] sizes = {index.length, index[0].length};
    return in -> in[0].moved(sizes, at -> replaced(at, dim, index[at[0]][at[1]]));
  }

  /** x, and at each place that the index names what {@code f} makes of it and the source there. */
  private static OpCase.Reference scattered(int dim, int[][] index, DoubleBinaryOperator f) {
    return in -> {
      PlainTensor x = in[0];
      double[] values = x.values().clone();
      for (int r = 0; r < index.length; r++) {
        for (int c = 0; c < index[0].length; c++) {
          int[] to = replaced(i(r, c), dim, index[r][c]);
          int at = to[0] * x.size(1) + to[1];
          values[at] = f.applyAsDouble(values[at], in.length > 1 ? in[1].at(r, c) : 0);
        }
      }
      return PlainTensor.of(x.dtype(), x.sizes(), to -> values[to[0] * x.size(1) + to[1]]);
    };
  }

  private static final int[][] COLUMNS = {{0, 2}, {1, 1}};
  private static final int[][] ROWS = {{2, 0, 1}};
  private static final int[][] ONCE = {{0, 2}, {1, 3}};
  private static final int[][] OFTEN = {{1, 1, 0}, {1, 0, 0}};

  private static List<OpCase> along() {
    return List.of(
        op("gather", in -> in[0].gather(1, index(in[0], COLUMNS)))
            .like(gathered(1, COLUMNS))
            .shapes(s(2, 3))
            .shapes(s(3, 4))
            .integers()
            .onceOnly(),
        op("gather 0", in -> in[0].gather(0, index(in[0], ROWS)))
            .like(gathered(0, ROWS))
            .shapes(s(3, 3))
            .onceOnly(),
        op("scatter", in -> in[0].scatter(1, index(in[0], ONCE), in[1]))
            .like(scattered(1, ONCE, (old, value) -> value))
            .shapes(s(2, 4), s(2, 2))
            .shapes(s(3, 4), s(2, 3))
            .integers()
            .onceOnly(),
        op("scatter value", in -> in[0].scatter(0, index(in[0], new int[][] {{1, 0}}), 7))
            .like(scattered(0, new int[][] {{1, 0}}, (old, value) -> 7))
            .shapes(s(3, 2))
            .integers()
            .onceOnly(),
        op("scatterAdd", in -> in[0].scatterAdd(0, index(in[0], OFTEN), in[1]))
            .like(scattered(0, OFTEN, Double::sum))
            .shapes(s(2, 3), s(2, 3))
            .integers()
            .onceOnly(),
        op("indexSelect", in -> in[0].indexSelect(1, index(in[0], new int[] {2, 0, 2})))
            .like(
                in -> {
                  int[] sizes = replaced(in[0].sizes(), 1, 3);
                  return in[0].moved(sizes, at -> replaced(at, 1, i(2, 0, 2)[at[1]]));
                })
            .shapes(s(2, 3))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly(),
        op("indexAdd", in -> in[0].indexAdd(0, index(in[0], new int[] {1, 1, 0}), in[1]))
            .like(scattered(0, new int[][] {{1, 1, 1}, {1, 1, 1}, {0, 0, 0}}, Double::sum))
            .shapes(s(2, 3), s(3, 3))
            .integers()
            .onceOnly(),
        op("oneHot", in -> in[0].detach().ge(0).toLong().oneHot(3))
            .like(in -> oneHot(in[0], 3))
            .shapes(s(2, 3))
            .shapes(s())
            .noGradient(),
        op("oneHot of as many as there are", in -> in[0].detach().ge(-9).toLong().oneHot())
            .like(in -> oneHot(in[0].each(v -> 0), 2))
            .shapes(s(2, 3))
            .noGradient());
  }

  /** Class 1 for what is not negative, else 0. */
  private static PlainTensor oneHot(PlainTensor x, int classes) {
    int[] sizes = Arrays.copyOf(x.sizes(), x.dims() + 1);
    sizes[x.dims()] = classes;
    return PlainTensor.of(
        DType.INT64,
        sizes,
        at -> {
          int label = x.at(Arrays.copyOf(at, x.dims())) >= 0 ? 1 : 0;
          return label == at[x.dims()] ? 1 : 0;
        });
  }

  // ---- index expressions

  private static List<OpCase> expressions() {
    return List.of(
        op(
                "get by tensor",
                in -> in[0].get(Index.all(), index(in[0], new int[][] {{0, -1}, {1, 1}})))
            .like(
                in -> {
                  int[][] columns = {{0, 2}, {1, 1}};
                  return in[0].dims() == 2
                      ? in[0].moved(i(2, 2, 2), at -> i(at[0], columns[at[1]][at[2]]))
                      : in[0].moved(i(2, 2, 2, 4), at -> i(at[0], columns[at[1]][at[2]], at[3]));
                })
            .shapes(s(2, 3))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly(),
        op(
                "get by two tensors",
                in -> in[0].get(index(in[0], new int[] {0, 1}), index(in[0], new int[] {2, 0})))
            .like(in -> in[0].moved(i(2, 4), at -> i(at[0], 2 - 2 * at[0], at[1])))
            .shapes(s(2, 3, 4))
            .onceOnly(),
        op("get by mask", in -> in[0].get(in[0].detach().gt(0)))
            .like(
                in -> {
                  double[] kept = Arrays.stream(in[0].values()).filter(v -> v > 0).toArray();
                  return new PlainTensor(in[0].dtype(), i(kept.length), kept);
                })
            .shapes(s(4, 4))
            .kinksAt(0)
            .onceOnly(),
        op("set", in -> in[0].copy().set(in[1], Index.all(), index(in[0], new int[] {2, 0})))
            .like(
                in ->
                    PlainTensor.of(
                        in[0].dtype(),
                        i(2, 3),
                        at -> at[1] == 1 ? in[0].at(at) : in[1].at(at[0], at[1] == 2 ? 0 : 1)))
            .shapes(s(2, 3), s(2, 2))
            .shapes(s(2, 3), s(2))
            .integers()
            .onceOnly(),
        op("set slice", in -> in[0].copy().set(in[1], "1:, 0"))
            .like(
                in ->
                    PlainTensor.of(
                        in[0].dtype(),
                        i(3, 2),
                        at -> at[0] > 0 && at[1] == 0 ? in[1].at(at[0] - 1) : in[0].at(at)))
            .shapes(s(3, 2), s(2))
            .integers()
            .onceOnly(),
        op("set number", in -> in[0].copy().set(7, "..., 1"))
            .like(in -> PlainTensor.of(in[0].dtype(), i(3, 2), at -> at[1] == 1 ? 7 : in[0].at(at)))
            .shapes(s(3, 2))
            .integers()
            .onceOnly());
  }
}
