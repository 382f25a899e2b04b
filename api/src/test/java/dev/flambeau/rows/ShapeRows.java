package dev.flambeau.rows;

import static dev.flambeau.rows.OpCase.op;
import static dev.flambeau.rows.OpCase.s;
import static dev.flambeau.rows.OpCase.unary;

import dev.flambeau.Shape;
import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Rows of views, copies and joining: which element lands where. */
final class ShapeRows {
  private ShapeRows() {}

  static List<OpCase> all() {
    return OpCase.join(reshaping(), moving(), cutting(), joining());
  }

  /** The same elements in another shape. */
  private static OpCase.Reference to(int... sizes) {
    return in -> in[0].reshaped(sizes);
  }

  /** These sizes, and for each index the one in the input. */
  private static OpCase.Reference moved(int[] sizes, UnaryOperator<int[]> from) {
    return in -> in[0].moved(sizes, from);
  }

  private static int[] i(int... index) {
    return index;
  }

  private static List<OpCase> reshaping() {
    return List.of(
        unary("reshape", x -> x.reshape(-1))
            .like(in -> in[0].reshaped(in[0].values().length))
            .only(s(3, 5))
            .shapes(s())
            .integers()
            .onceOnly(),
        op("reshape to a shape", in -> in[0].reshape(Shape.of(2, 6)))
            .like(to(2, 6))
            .shapes(s(3, 4))
            .onceOnly(),
        op("reshape of transposed", in -> in[0].transpose(0, 1).reshape(2, -1))
            .like(in -> Formulas.transposed(in[0]).reshaped(2, 6))
            .shapes(s(4, 3))
            .integers()
            .onceOnly(),
        op("view", in -> in[0].view(5, 3)).like(to(5, 3)).shapes(s(3, 5)).onceOnly().ofItsLayout(),
        op("viewAs", in -> in[0].viewAs(Tensor.empty(5, 3)))
            .like(to(5, 3))
            .shapes(s(3, 5))
            .onceOnly()
            .ofItsLayout()
            .noParity("view, which has cases, of another's shape"),
        op("flatten", in -> in[0].flatten()).like(to(24)).shapes(s(2, 3, 4)).onceOnly(),
        op("flatten from", in -> in[0].flatten(1))
            .like(to(2, 12))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly(),
        op("flatten from to", in -> in[0].flatten(0, -2))
            .like(to(6, 4))
            .shapes(s(2, 3, 4))
            .onceOnly(),
        op("squeeze", in -> in[0].squeeze()).like(to(3)).shapes(s(1, 3, 1)).onceOnly(),
        op("squeeze dim", in -> in[0].squeeze(-1)).like(to(1, 3)).shapes(s(1, 3, 1)).onceOnly(),
        op("unsqueeze", in -> in[0].unsqueeze(1)).like(to(2, 1, 3)).shapes(s(2, 3)).onceOnly(),
        op("unsqueeze last", in -> in[0].unsqueeze(-1))
            .like(in -> in[0].reshaped(in[0].dims() == 0 ? i(1) : i(2, 3, 1)))
            .shapes(s(2, 3))
            .shapes(s())
            .onceOnly());
  }

  private static List<OpCase> moving() {
    return List.of(
        op("transpose", in -> in[0].transpose(0, -1))
            .like(in -> Formulas.permuted(in[0], 2, 1, 0))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly(),
        op("permute", in -> in[0].permute(2, 0, 1))
            .like(in -> Formulas.permuted(in[0], 2, 0, 1))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly(),
        op("expand", in -> in[0].expand(4, 3, 5))
            .like(moved(i(4, 3, 5), at -> i(at[1], 0)))
            .shapes(s(3, 1))
            .onceOnly(),
        op("expandAs", in -> in[0].expandAs(Tensor.empty(3, 5)))
            .like(moved(i(3, 5), at -> i(at[0], 0)))
            .shapes(s(3, 1))
            .onceOnly()
            .noParity("expand, which has cases, to another's shape"),
        op("flip", in -> in[0].flip(0, 2))
            .like(moved(i(2, 3, 4), at -> i(1 - at[0], at[1], 3 - at[2])))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly(),
        op(
                "mul of eight dims",
                in ->
                    in[0]
                        .permute(7, 2, 5, 0, 3, 6, 1, 4)
                        .mul(in[0].permute(4, 3, 2, 1, 0, 7, 6, 5)))
            .like(
                in ->
                    Formulas.permuted(in[0], 7, 2, 5, 0, 3, 6, 1, 4)
                        .with(Formulas.permuted(in[0], 4, 3, 2, 1, 0, 7, 6, 5), (a, b) -> a * b))
            .shapes(s(2, 2, 2, 2, 2, 2, 2, 2))
            .integers());
  }

  private static List<OpCase> cutting() {
    return List.of(
        op("narrow", in -> in[0].narrow(1, 1, 2))
            .like(moved(i(2, 2, 3), at -> i(at[0], at[1] + 1, at[2])))
            .shapes(s(2, 4, 3))
            .onceOnly(),
        op("select", in -> in[0].select(-1, -2))
            .like(moved(i(2, 4), at -> i(at[0], at[1], 1)))
            .shapes(s(2, 4, 3))
            .onceOnly(),
        op("slice", in -> in[0].slice(0, 1, 10, 2))
            .like(moved(i(3, 2), at -> i(1 + 2 * at[0], at[1])))
            .shapes(s(7, 2))
            .onceOnly(),
        op("get", in -> in[0].get("1, :, ::2"))
            .like(moved(i(3, 3), at -> i(1, at[0], 2 * at[1])))
            .shapes(s(2, 3, 5))
            .onceOnly(),
        op("split", in -> in[0].split(2, 1).get(1))
            .like(moved(i(2, 2), at -> i(at[0], at[1] + 2)))
            .shapes(s(2, 5))
            .onceOnly(),
        op("chunk", in -> in[0].chunk(2, 0).get(0))
            .like(moved(i(3, 2), at -> at))
            .shapes(s(5, 2))
            .onceOnly(),
        op("unbind", in -> in[0].unbind(0).get(1))
            .like(moved(i(4), at -> i(1, at[0])))
            .shapes(s(3, 4))
            .onceOnly());
  }

  private static List<OpCase> joining() {
    return List.of(
        op("repeat", in -> in[0].repeat(2, 3, 1))
            .like(moved(i(2, 6, 3), at -> i(at[1] % 2, at[2])))
            .shapes(s(2, 3))
            .integers()
            .onceOnly(),
        op("cat", in -> Tensor.cat(in, 1))
            .like(ShapeRows::beside)
            .shapes(s(2, 3), s(2, 1), s(2, 2))
            .integers()
            .onceOnly(),
        op("cat of a list", in -> Tensor.cat(Arrays.asList(in), 1))
            .like(ShapeRows::beside)
            .shapes(s(2, 3), s(2, 1))
            .onceOnly(),
        op("stack", in -> Tensor.stack(in, 1))
            .like(ShapeRows::stacked)
            .shapes(s(2, 3), s(2, 3))
            .integers()
            .onceOnly(),
        op("stack of a list", in -> Tensor.stack(Arrays.asList(in), 1))
            .like(ShapeRows::stacked)
            .shapes(s(2, 3), s(2, 3))
            .onceOnly(),
        unary("copy", Tensor::copy, v -> v).integers().onceOnly(),
        op("contiguous", in -> in[0].t().contiguous())
            .like(in -> Formulas.transposed(in[0]))
            .shapes(s(2, 3))
            .integers()
            .onceOnly());
  }

  /** Matrices beside each other. */
  private static PlainTensor beside(PlainTensor[] in) {
    int columns = Arrays.stream(in).mapToInt(x -> x.size(1)).sum();
    return PlainTensor.of(
        in[0].dtype(),
        i(in[0].size(0), columns),
        at -> {
          int column = at[1];
          int k = 0;
          for (; column >= in[k].size(1); k++) {
            column -= in[k].size(1);
          }
          return in[k].at(at[0], column);
        });
  }

  /** Matrices along a new dim between rows and columns. */
  private static PlainTensor stacked(PlainTensor[] in) {
    int[] sizes = {in[0].size(0), in.length, in[0].size(1)};
    return PlainTensor.of(in[0].dtype(), sizes, at -> in[at[1]].at(at[0], at[2]));
  }
}
