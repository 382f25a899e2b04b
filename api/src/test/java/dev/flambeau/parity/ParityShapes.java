package dev.flambeau.parity;

import dev.flambeau.Index;
import dev.flambeau.Tensor;
import java.util.List;

/** Calls of views, copies, indexing, and ops that take indices. */
final class ParityShapes {
  private ParityShapes() {}

  static void into(ParityOps ops) {
    views(ops);
    pieces(ops);
    indices(ops);
    factories(ops);
  }

  private static void views(ParityOps ops) {
    ops.one("reshape", (r, in) -> in[0].reshape(r.longs(0)));
    ops.one("view", (r, in) -> in[0].view(r.longs(0)));
    ops.one("flatten", (r, in) -> in[0].flatten(r.number(0), r.number(1)));
    ops.one("squeeze", (r, in) -> r.has(0) ? in[0].squeeze(r.number(0)) : in[0].squeeze());
    ops.one("unsqueeze", (r, in) -> in[0].unsqueeze(r.number(0)));
    ops.one("expand", (r, in) -> in[0].expand(r.longs(0)));
    ops.one("repeat", (r, in) -> in[0].repeat(r.longs(0)));
    ops.one("transpose", (r, in) -> in[0].transpose(r.number(0), r.number(1)));
    ops.one("permute", (r, in) -> in[0].permute(r.ints(0)));
    ops.one("flip", (r, in) -> in[0].flip(r.ints(0)));
    ops.unary("contiguous", Tensor::contiguous);
    ops.unary("copy", Tensor::copy);
  }

  private static void factories(ParityOps ops) {
    ops.one(
        "arange",
        (r, in) ->
            r.args().get(0) instanceof Long
                ? Tensor.arange(r.whole(0), r.whole(1), r.whole(2))
                : Tensor.arange(r.real(0), r.real(1), r.real(2)));
    ops.one("linspace", (r, in) -> Tensor.linspace(r.real(0), r.real(1), r.number(2)));
    ops.one("eye", (r, in) -> Tensor.eye(r.whole(0), r.whole(1)));
  }

  private static void pieces(ParityOps ops) {
    ops.one("narrow", (r, in) -> in[0].narrow(r.number(0), r.whole(1), r.whole(2)));
    ops.one("select", (r, in) -> in[0].select(r.number(0), r.whole(1)));
    ops.one("slice", (r, in) -> in[0].slice(r.number(0), r.whole(1), r.whole(2), r.whole(3)));
    ops.all("split", (r, in) -> in[0].split(r.whole(0), r.number(1)));
    ops.all("chunk", (r, in) -> in[0].chunk(r.number(0), r.number(1)));
    ops.all("unbind", (r, in) -> in[0].unbind(r.number(0)));
    ops.one("cat", (r, in) -> Tensor.cat(List.of(in), r.number(0)));
    ops.one("stack", (r, in) -> Tensor.stack(List.of(in), r.number(0)));
    ops.one("get", (r, in) -> in[0].get(r.text(0)));
    ops.one("getIndex", (r, in) -> in[0].get(in[1]));
    ops.one("getPair", (r, in) -> in[0].get(in[1], in[2]));
    ops.one("getBoth", (r, in) -> in[0].get(in[1], Index.all(), in[2]));
    ops.one("getInner", (r, in) -> in[0].get(Index.all(), in[1]));
    ops.one(
        "set",
        (r, in) -> {
          Tensor base = in[0].copy();
          base.set(in[1], r.text(0));
          return base;
        });
    ops.one(
        "setIndex",
        (r, in) -> {
          Tensor base = in[0].copy();
          base.set(in[2], in[1]);
          return base;
        });
  }

  private static void indices(ParityOps ops) {
    ops.one("gather", (r, in) -> in[0].gather(r.number(0), in[1]));
    ops.one(
        "scatter",
        (r, in) ->
            r.has(1)
                ? in[0].scatter(r.number(0), in[1], r.real(1))
                : in[0].scatter(r.number(0), in[1], in[2]));
    ops.one("scatterAdd", (r, in) -> in[0].scatterAdd(r.number(0), in[1], in[2]));
    ops.one("indexSelect", (r, in) -> in[0].indexSelect(r.number(0), in[1]));
    ops.one("indexAdd", (r, in) -> in[0].indexAdd(r.number(0), in[1], in[2]));
    ops.one("oneHot", (r, in) -> r.whole(0) < 0 ? in[0].oneHot() : in[0].oneHot(r.whole(0)));
  }
}
