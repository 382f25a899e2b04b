package dev.flambeau.parity;

import dev.flambeau.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** How each op of the parity tables is called here; the families are in files of their own. */
public final class ParityOps {

  /** An op of the tables, called with the arguments of a row and its tensors. */
  public interface Op {
    List<Tensor> call(ParityCase row, Tensor[] in);
  }

  /** An op that answers one tensor. */
  interface One {
    Tensor call(ParityCase row, Tensor[] in);
  }

  private final Map<String, Op> ops = new TreeMap<>();

  public static Map<String, Op> all() {
    ParityOps all = new ParityOps();
    ParityPointwise.into(all);
    ParityAxes.into(all);
    ParityShapes.into(all);
    ParityRandom.into(all);
    ParityLosses.into(all);
    ParityOptim.into(all);
    return all.ops;
  }

  void all(String name, Op op) {
    ops.put(name, op);
  }

  void one(String name, One op) {
    ops.put(name, (row, in) -> List.of(op.call(row, in)));
  }

  void unary(String name, UnaryOperator<Tensor> op) {
    one(name, (row, in) -> op.apply(in[0]));
  }

  /** {@code y = x.copy(); y.op_()}. */
  void inPlace(String name, UnaryOperator<Tensor> op) {
    one(name, (row, in) -> op.apply(in[0].copy()));
  }

  /** Another tensor, or a whole or real number as the row's argument. */
  void binary(
      String name,
      BinaryOperator<Tensor> tensors,
      BiFunction<Tensor, Long, Tensor> whole,
      BiFunction<Tensor, Double, Tensor> real) {
    one(
        name,
        (row, in) ->
            !row.has(0)
                ? tensors.apply(in[0], in[1])
                : row.args().get(0) instanceof Long n
                    ? whole.apply(in[0], n)
                    : real.apply(in[0], row.real(0)));
  }

  void binary(String name, BinaryOperator<Tensor> tensors) {
    one(name, (row, in) -> tensors.apply(in[0], in[1]));
  }
}
