package dev.flambeau;

import static dev.flambeau.OpCase.binary;
import static dev.flambeau.OpCase.op;
import static dev.flambeau.OpCase.unary;

import java.util.ArrayList;
import java.util.List;

/**
 * Every op, a row each. {@link OpForwardTest} holds its values against the plain-Java kernels,
 * {@link OpGradientTest} its first and second derivatives against central differences, {@link
 * OpLayoutTest} its results against those on contiguous inputs, {@link OpErrorTest} its refusals.
 */
final class OpCases {
  private OpCases() {}

  static List<OpCase> all() {
    List<OpCase> all = new ArrayList<>();
    all.addAll(pointwise());
    all.addAll(activations());
    all.addAll(axes());
    all.addAll(matrices());
    all.addAll(shapes());
    all.addAll(indices());
    all.addAll(losses());
    return all;
  }

  private static long[] s(long... sizes) {
    return sizes;
  }

  static List<OpCase> pointwise() {
    return List.of(
        binary("add", Tensor::add).integers(),
        binary("sub", Tensor::sub).integers(),
        binary("mul", Tensor::mul).integers(),
        binary("div", Tensor::div).kinksAt(0).within(2),
        binary("pow", Tensor::pow).in(0.3, 2).within(8),
        binary("remainder", Tensor::remainder).in(0.6, 0.9).onceOnly().within(4),
        binary("minimum", Tensor::minimum).onceOnly().integers(),
        binary("maximum", Tensor::maximum).onceOnly().integers(),
        unary("add scalar", x -> x.add(1.5)),
        unary("add whole", x -> x.add(2)).integers(),
        unary("sub scalar", x -> x.sub(0.25)),
        unary("rsub", x -> x.rsub(1)).integers(),
        unary("mul scalar", x -> x.mul(-1.75)),
        unary("div scalar", x -> x.div(3.0)),
        unary("rdiv", x -> x.rdiv(2)).kinksAt(0).within(4),
        unary("remainder scalar", x -> x.remainder(0.7))
            .kinksAt(-1.4, -0.7, 0, 0.7, 1.4)
            .onceOnly()
            .within(8),
        unary("neg", Tensor::neg).integers(),
        unary("abs", Tensor::abs).kinksAt(0).integers(),
        unary("sign", Tensor::sign).kinksAt(0).onceOnly().integers(),
        unary("square", Tensor::square).integers(),
        unary("exp", Tensor::exp).within(2),
        unary("expm1", Tensor::expm1).within(2),
        unary("log", Tensor::log).in(0.1, 3).within(2),
        unary("log1p", Tensor::log1p).in(-0.8, 3).within(2),
        unary("sqrt", Tensor::sqrt).in(0.1, 3),
        unary("rsqrt", Tensor::rsqrt).in(0.1, 3).within(2),
        unary("reciprocal", Tensor::reciprocal).kinksAt(0),
        unary("sin", Tensor::sin).within(2),
        unary("cos", Tensor::cos).within(2),
        unary("tanh", Tensor::tanh).within(2),
        unary("sigmoid", Tensor::sigmoid).within(2),
        unary("erf", Tensor::erf).within(4),
        unary("floor", Tensor::floor).kinksAt(-2, -1, 0, 1, 2).onceOnly(),
        unary("ceil", Tensor::ceil).kinksAt(-2, -1, 0, 1, 2).onceOnly(),
        unary("round", Tensor::round).kinksAt(-1.5, -0.5, 0.5, 1.5).onceOnly(),
        unary("clamp", x -> x.clamp(-0.5, 0.75)).kinksAt(-0.5, 0.75).onceOnly(),
        unary("clampMin", x -> x.clampMin(0.1)).kinksAt(0.1).onceOnly(),
        unary("clampMax", x -> x.clampMax(0.1)).kinksAt(0.1).onceOnly(),
        unary("pow scalar", x -> x.pow(2.5)).in(0.2, 2).within(4),
        unary("pow 3", x -> x.pow(3)).integers().within(4),
        unary("pow 2", x -> x.pow(2)).integers(),
        unary("pow 0", x -> x.pow(0)).onceOnly(),
        binary("eq", Tensor::eq).noGradient().integers(),
        binary("ne", Tensor::ne).noGradient().integers(),
        binary("lt", Tensor::lt).noGradient().integers(),
        binary("le", Tensor::le).noGradient().integers(),
        binary("gt", Tensor::gt).noGradient().integers(),
        binary("ge", Tensor::ge).noGradient().integers(),
        binary("logicalAnd", Tensor::logicalAnd).noGradient().integers(),
        binary("logicalOr", Tensor::logicalOr).noGradient().integers(),
        binary("logicalXor", Tensor::logicalXor).noGradient().integers(),
        unary("logicalNot", Tensor::logicalNot).noGradient().integers(),
        unary("isnan", Tensor::isnan).noGradient().integers(),
        unary("isinf", Tensor::isinf).noGradient().integers(),
        unary("isfinite", Tensor::isfinite).noGradient().integers(),
        unary("gt scalar", x -> x.gt(0.5)).noGradient(),
        unary("maskedFill", x -> x.maskedFill(x.detach().gt(0), 3))
            .kinksAt(0)
            .onceOnly()
            .integers(),
        binary("where", (a, b) -> Tensor.where(a.detach().gt(b.detach()), a, b))
            .onceOnly()
            .integers(),
        unary("to float64 and back", x -> x.toDouble().to(x.dtype())).onceOnly(),
        unary("in place", x -> x.mul(1).add_(x).mul_(x).exp_().sub_(1.0).clamp_(-5, 5)).within(8));
  }

  static List<OpCase> activations() {
    return List.of(
        unary("relu", Tensor::relu).kinksAt(0).onceOnly().integers(),
        unary("leakyRelu", x -> x.leakyRelu(0.1)).kinksAt(0).onceOnly(),
        unary("elu", x -> x.elu(1.3)).kinksAt(0).within(2),
        unary("gelu", Tensor::gelu).within(8),
        unary("gelu tanh", x -> x.gelu("tanh")).within(8),
        unary("silu", Tensor::silu).within(4),
        unary("softplus", Tensor::softplus).within(4),
        unary("softplus 2", x -> x.softplus(2, 20)).within(4));
  }

  private static OpCase axis(String name, java.util.function.UnaryOperator<Tensor> f) {
    return op(name, in -> f.apply(in[0]))
        .shapes(s(3, 5))
        .shapes(s(2, 3, 4))
        .shapes(s(4, 33))
        .shapes(s(2, 1, 3, 2));
  }

  static List<OpCase> axes() {
    return List.of(
        unary("sum", Tensor::sum).integers().onceOnly(),
        axis("sum 0", x -> x.sum(0)).integers().onceOnly(),
        axis("sum -1 keepdim", x -> x.sum(new int[] {-1}, true)).onceOnly(),
        op("sum 0 2", in -> in[0].sum(0, 2))
            .shapes(s(2, 3, 4))
            .shapes(s(2, 0, 4))
            .integers()
            .onceOnly(),
        unary("mean", Tensor::mean).only(s(3, 5)).shapes(s()).shapes(s(37)).onceOnly(),
        axis("mean 1", x -> x.mean(1)).onceOnly().within(2),
        op("mean 0 2 keepdim", in -> in[0].mean(new int[] {0, 2}, true))
            .shapes(s(2, 3, 4))
            .onceOnly(),
        unary("prod", Tensor::prod).only(s(5)).shapes(s()).within(4),
        op("prod with a zero", in -> in[0].mul(Tensor.of(1, 0, 1).to(in[0].device())).prod())
            .shapes(s(3))
            .onceOnly(),
        axis("var", x -> x.var(1)).only(s(3, 5)).shapes(s(2, 7, 4)).within(8),
        axis("var all, no correction", x -> x.var(new int[0], 0, false)).within(8),
        axis("std", x -> x.std(-1)).only(s(3, 5)).shapes(s(2, 3, 4)).within(8),
        axis("std keepdim", x -> x.std(new int[] {0, 1}, 1, true)).only(s(3, 5)).within(8),
        axis("norm", Tensor::norm).within(4),
        axis("max", Tensor::max).distinct(0).onceOnly().integers(),
        axis("min", Tensor::min).distinct(0).onceOnly().integers(),
        axis("amax 0", x -> x.amax(0)).distinct(0).onceOnly().integers(),
        axis("amin -1 keepdim", x -> x.amin(new int[] {-1}, true)).distinct(0).onceOnly(),
        axis("max dim values", x -> x.max(1).values()).distinct(0).onceOnly().integers(),
        axis("max dim indices", x -> x.max(1).indices()).distinct(0).noGradient().integers(),
        axis("min dim values", x -> x.min(-1, true).values()).distinct(0).onceOnly(),
        axis("min dim indices", x -> x.min(0).indices()).noGradient().integers(),
        axis("argmax", Tensor::argmax).noGradient().integers(),
        axis("argmax dim", x -> x.argmax(1, true)).noGradient().integers(),
        axis("argmin", Tensor::argmin).noGradient(),
        axis("argmin dim", x -> x.argmin(0)).noGradient(),
        unary("any", Tensor::any).noGradient().integers(),
        axis("any dim", x -> x.gt(1).any(1)).noGradient(),
        unary("all", Tensor::all).noGradient().integers(),
        axis("all dim", x -> x.gt(-1).all(0, true)).noGradient(),
        axis("logsumexp", x -> x.logsumexp(1)).within(4),
        axis("logsumexp keepdim", x -> x.logsumexp(0, true)).within(4),
        axis("softmax", x -> x.softmax(-1)).shapes(s(6)).shapes(s()).within(4),
        axis("softmax 0", x -> x.softmax(0)).shapes(s(0, 3)).within(4),
        axis("logSoftmax", x -> x.logSoftmax(1)).within(4),
        axis("logSoftmax 0", x -> x.logSoftmax(0)).within(4),
        op("layerNorm", in -> in[0].layerNorm(new long[] {5}, in[1], in[2], 1e-5))
            .shapes(s(3, 5), s(5), s(5))
            .shapes(s(2, 3, 5), s(5), s(5))
            .within(32),
        op("layerNorm two dims", in -> in[0].layerNorm(new long[] {3, 4}, in[1], in[2], 1e-5))
            .shapes(s(2, 3, 4), s(3, 4), s(3, 4))
            .within(32),
        op("layerNorm plain", in -> in[0].layerNorm(new long[] {7}, null, null, 1e-5))
            .shapes(s(4, 7))
            .within(32));
  }

  static List<OpCase> matrices() {
    return List.of(
        op("matmul", in -> in[0].matmul(in[1]))
            .shapes(s(4), s(4))
            .shapes(s(3, 4), s(4))
            .shapes(s(4), s(4, 5))
            .shapes(s(3, 4), s(4, 5))
            .shapes(s(2, 3, 4), s(4))
            .shapes(s(2, 3, 4), s(4, 5))
            .shapes(s(4), s(2, 4, 5))
            .shapes(s(3, 4), s(2, 4, 5))
            .shapes(s(2, 3, 4), s(2, 4, 5))
            .shapes(s(2, 1, 3, 4), s(5, 4, 2))
            .shapes(s(0, 4), s(4, 5))
            .shapes(s(3, 0), s(0, 5))
            .shapes(s(17, 33), s(33, 9))
            .integers()
            .within(8),
        op("mm", in -> in[0].mm(in[1]))
            .shapes(s(3, 4), s(4, 5))
            .shapes(s(1, 1), s(1, 1))
            .integers()
            .within(8),
        op("mm transposed", in -> in[0].t().mm(in[1].t()))
            .shapes(s(4, 3), s(5, 4))
            .integers()
            .within(8),
        op("mv", in -> in[0].mv(in[1])).shapes(s(3, 4), s(4)).integers().within(8),
        op("dot", in -> in[0].dot(in[1]))
            .shapes(s(9), s(9))
            .shapes(s(0), s(0))
            .integers()
            .within(8),
        op("bmm", in -> in[0].bmm(in[1]))
            .shapes(s(2, 3, 4), s(2, 4, 5))
            .shapes(s(0, 3, 4), s(0, 4, 5))
            .integers()
            .within(8),
        op("addmm", in -> in[0].addmm(in[1], in[2]))
            .shapes(s(5), s(3, 4), s(4, 5))
            .shapes(s(3, 5), s(3, 4), s(4, 5))
            .shapes(s(), s(3, 4), s(4, 5))
            .within(8),
        op("addmm scaled", in -> in[0].addmm(in[1], in[2], 0.5, -2))
            .shapes(s(3, 1), s(3, 4), s(4, 5))
            .within(8),
        op("linear", in -> in[0].linear(in[1], in[2]))
            .shapes(s(3, 4), s(5, 4), s(5))
            .shapes(s(4), s(5, 4), s(5))
            .shapes(s(2, 3, 4), s(5, 4), s(5))
            .shapes(s(0, 4), s(5, 4), s(5))
            .within(8),
        op("linear relu", in -> in[0].linear(in[1], in[2], Activation.RELU))
            .shapes(s(3, 4), s(5, 4), s(5))
            .shapes(s(2, 3, 4), s(5, 4), s(5))
            .shapes(s(0, 4), s(5, 4), s(5))
            .within(8),
        op("linear gelu", in -> in[0].linear(in[1], in[2], Activation.GELU_TANH))
            .shapes(s(3, 4), s(5, 4), s(5))
            .shapes(s(2, 3, 4), s(5, 4), s(5))
            .within(16),
        op("linear without bias", in -> in[0].linear(in[1]))
            .shapes(s(3, 4), s(5, 4))
            .shapes(s(2, 3, 4), s(5, 4))
            .within(8),
        op("t", in -> in[0].t()).shapes(s(3, 4)).shapes(s(3)).shapes(s()).integers().onceOnly());
  }

  static List<OpCase> shapes() {
    return List.of(
        unary("reshape", x -> x.reshape(-1)).only(s(3, 5)).shapes(s()).integers().onceOnly(),
        op("reshape of transposed", in -> in[0].transpose(0, 1).reshape(2, -1))
            .shapes(s(4, 3))
            .integers()
            .onceOnly(),
        op("view", in -> in[0].view(5, 3)).shapes(s(3, 5)).onceOnly(),
        op("flatten", in -> in[0].flatten(1)).shapes(s(2, 3, 4)).integers().onceOnly(),
        op("squeeze", in -> in[0].squeeze()).shapes(s(1, 3, 1)).onceOnly(),
        op("squeeze dim", in -> in[0].squeeze(-1)).shapes(s(1, 3, 1)).onceOnly(),
        op("unsqueeze", in -> in[0].unsqueeze(1))
            .shapes(s(2, 3))
            .shapes(s())
            .only(s(2, 3))
            .onceOnly(),
        op("transpose", in -> in[0].transpose(0, -1)).shapes(s(2, 3, 4)).integers().onceOnly(),
        op("permute", in -> in[0].permute(2, 0, 1)).shapes(s(2, 3, 4)).integers().onceOnly(),
        op("expand", in -> in[0].expand(4, 3, 5)).shapes(s(3, 1)).onceOnly(),
        op("narrow", in -> in[0].narrow(1, 1, 2)).shapes(s(2, 4, 3)).onceOnly(),
        op("select", in -> in[0].select(-1, -2)).shapes(s(2, 4, 3)).onceOnly(),
        op("slice", in -> in[0].slice(0, 1, 10, 2)).shapes(s(7, 2)).onceOnly(),
        op("get", in -> in[0].get("1, :, ::2")).shapes(s(2, 3, 5)).onceOnly(),
        op("flip", in -> in[0].flip(0, 2)).shapes(s(2, 3, 4)).integers().onceOnly(),
        op("split", in -> in[0].split(2, 1).get(1)).shapes(s(2, 5)).onceOnly(),
        op("chunk", in -> in[0].chunk(2, 0).get(0)).shapes(s(5, 2)).onceOnly(),
        op("unbind", in -> in[0].unbind(0).get(1)).shapes(s(3, 4)).onceOnly(),
        op("repeat", in -> in[0].repeat(2, 3, 1)).shapes(s(2, 3)).integers().onceOnly(),
        op("cat", in -> Tensor.cat(in, 1)).shapes(s(2, 3), s(2, 1), s(2, 2)).integers().onceOnly(),
        op("stack", in -> Tensor.stack(in, 1)).shapes(s(2, 3), s(2, 3)).integers().onceOnly(),
        unary("copy", Tensor::copy).integers().onceOnly(),
        op("contiguous", in -> in[0].t().contiguous()).shapes(s(2, 3)).integers().onceOnly(),
        op(
                "eight dims",
                in ->
                    in[0]
                        .permute(7, 2, 5, 0, 3, 6, 1, 4)
                        .mul(in[0].permute(4, 3, 2, 1, 0, 7, 6, 5)))
            .shapes(s(2, 2, 2, 2, 2, 2, 2, 2))
            .integers());
  }

  private static Tensor index(Tensor like, Object values) {
    return Tensor.of(DType.INT64, values).to(like.device());
  }

  static List<OpCase> indices() {
    return List.of(
        op("gather", in -> in[0].gather(1, index(in[0], new int[][] {{0, 2}, {1, 1}})))
            .shapes(s(2, 3))
            .shapes(s(3, 4))
            .integers()
            .onceOnly(),
        op("gather 0", in -> in[0].gather(0, index(in[0], new int[][] {{2, 0, 1}})))
            .shapes(s(3, 3))
            .onceOnly(),
        op("scatter", in -> in[0].scatter(1, index(in[0], new int[][] {{0, 2}, {1, 3}}), in[1]))
            .shapes(s(2, 4), s(2, 2))
            .shapes(s(3, 4), s(2, 3))
            .integers()
            .onceOnly(),
        op("scatter value", in -> in[0].scatter(0, index(in[0], new int[][] {{1, 0}}), 7))
            .shapes(s(3, 2))
            .integers()
            .onceOnly(),
        op(
                "scatterAdd",
                in -> in[0].scatterAdd(0, index(in[0], new int[][] {{1, 1, 0}, {1, 0, 0}}), in[1]))
            .shapes(s(2, 3), s(2, 3))
            .integers()
            .onceOnly(),
        op("indexSelect", in -> in[0].indexSelect(1, index(in[0], new int[] {2, 0, 2})))
            .shapes(s(2, 3))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly(),
        op("indexAdd", in -> in[0].indexAdd(0, index(in[0], new int[] {1, 1, 0}), in[1]))
            .shapes(s(2, 3), s(3, 3))
            .integers()
            .onceOnly(),
        op(
                "get by tensor",
                in -> in[0].get(Index.all(), index(in[0], new int[][] {{0, -1}, {1, 1}})))
            .shapes(s(2, 3))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly(),
        op(
                "get by two tensors",
                in -> in[0].get(index(in[0], new int[] {0, 1}), index(in[0], new int[] {2, 0})))
            .shapes(s(2, 3, 4))
            .onceOnly(),
        op("get by mask", in -> in[0].get(in[0].detach().gt(0)))
            .shapes(s(4, 4))
            .kinksAt(0)
            .onceOnly(),
        op("set", in -> in[0].copy().set(in[1], Index.all(), index(in[0], new int[] {2, 0})))
            .shapes(s(2, 3), s(2, 2))
            .shapes(s(2, 3), s(2))
            .integers()
            .onceOnly(),
        op("set slice", in -> in[0].copy().set(in[1], "1:, 0"))
            .shapes(s(3, 2), s(2))
            .integers()
            .onceOnly(),
        op("oneHot", in -> in[0].detach().ge(0).toLong().oneHot(3))
            .shapes(s(2, 3))
            .shapes(s())
            .noGradient());
  }

  static List<OpCase> losses() {
    List<OpCase> out = new ArrayList<>();
    for (Reduction r : Reduction.values()) {
      long[][] shapes = {s(3, 5), s(3, 5)};
      out.add(
          op("mseLoss " + r, in -> in[0].mseLoss(in[1], r))
              .shapes(shapes)
              .shapes(s(40), s(40))
              .within(4));
      out.add(op("l1Loss " + r, in -> in[0].l1Loss(in[1], r)).shapes(shapes).onceOnly().within(4));
      out.add(
          op("bceLoss " + r, in -> in[0].bceLoss(in[1], r)).shapes(shapes).in(0.1, 0.9).within(8));
      out.add(
          op("bceWithLogitsLoss " + r, in -> in[0].bceWithLogitsLoss(in[1], r))
              .shapes(shapes)
              .within(8));
      out.add(
          op(
                  "nllLoss " + r,
                  in -> in[0].nllLoss(index(in[0], new int[] {0, 3, -100, 1}), null, -100, r))
              .shapes(s(4, 5))
              .onceOnly()
              .within(4));
      out.add(
          op(
                  "nllLoss weighted " + r,
                  in ->
                      in[0].nllLoss(
                          index(in[0], new int[][] {{0, 3}, {2, 1}}),
                          in[1].detach().exp(),
                          -100,
                          r))
              .shapes(s(2, 5, 2), s(5))
              .constant(1)
              .onceOnly()
              .within(8));
      out.add(
          op(
                  "crossEntropy " + r,
                  in ->
                      in[0].crossEntropy(index(in[0], new int[] {0, 3, -100, 1}), null, -100, r, 0))
              .shapes(s(4, 5))
              .within(4));
      out.add(
          op(
                  "crossEntropy smoothed " + r,
                  in -> in[0].crossEntropy(index(in[0], new int[] {0, 3, 4, 1}), null, 3, r, 0.2))
              .shapes(s(4, 40))
              .within(8));
      out.add(
          op(
                  "crossEntropy weighted and smoothed " + r,
                  in ->
                      in[0].crossEntropy(
                          index(in[0], new int[][] {{0, 3}, {2, -100}}),
                          Tensor.linspace(0.5, 2, 5).to(in[0].device(), in[0].dtype()),
                          -100,
                          r,
                          0.1))
              .shapes(s(2, 5, 2))
              .within(8));
      out.add(
          op("crossEntropy one " + r, in -> in[0].crossEntropy(index(in[0], 2), null, -100, r, 0))
              .shapes(s(5))
              .within(4));
      out.add(
          op("nllLoss one " + r, in -> in[0].nllLoss(index(in[0], 2), null, -100, r))
              .shapes(s(5))
              .onceOnly());
    }
    return out;
  }
}
