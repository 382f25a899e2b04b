package dev.flambeau.parity;

import dev.flambeau.Reduction;
import java.util.List;

/** Calls of losses. */
final class ParityLosses {
  private ParityLosses() {}

  static void into(ParityOps ops) {
    ops.one("mseLoss", (r, in) -> in[0].mseLoss(in[1], reduction(r, 0)));
    ops.one("l1Loss", (r, in) -> in[0].l1Loss(in[1], reduction(r, 0)));
    ops.one("bceLoss", (r, in) -> in[0].bceLoss(in[1], in[2], reduction(r, 0)));
    ops.one(
        "bceWithLogitsLoss",
        (r, in) -> in[0].bceWithLogitsLoss(in[1], in[2], in[3], reduction(r, 0)));
    ops.one("nllLoss", (r, in) -> in[0].nllLoss(in[1], in[2], r.whole(0), reduction(r, 1)));
    ops.one(
        "crossEntropy",
        (r, in) -> in[0].crossEntropy(in[1], in[2], r.whole(0), reduction(r, 1), r.real(2)));
  }

  /** The reduction of the row's argument {@code i}: libtorch's 0 none, 1 mean, 2 sum. */
  private static Reduction reduction(ParityCase row, int i) {
    return List.of(Reduction.NONE, Reduction.MEAN, Reduction.SUM).get(row.number(i));
  }
}
