package dev.flambeau.rows;

import java.util.List;

/**
 * Every op, a row each and a row for each form of it, a file for each family. {@code
 * OpCoverageTest} demands a row for whatever is added. The rows are tried by
 *
 * <ul>
 *   <li>{@code OpForwardTest}: values, against the row's own reference and the plain-Java kernels;
 *   <li>{@code OpGradientTest}: first and second derivatives, against central differences;
 *   <li>{@code OpLayoutTest}: results on other memory layouts, against those on contiguous inputs;
 *   <li>{@code OpErrorTest}: what is refused;
 *   <li>{@code CapturedTensorTest}: what gradients hold on to;
 *   <li>{@code DeviceTest}: gradients on a device whose memory the host cannot read;
 *   <li>{@code GcStress}: all of it under constant garbage collection.
 * </ul>
 */
public final class OpCases {
  private OpCases() {}

  public static List<OpCase> all() {
    return OpCase.join(
        PointwiseRows.all(),
        CompareRows.all(),
        ActivationRows.all(),
        InPlaceRows.all(),
        AxisRows.all(),
        NormalizeRows.all(),
        MatrixRows.all(),
        ShapeRows.all(),
        IndexRows.all(),
        LossRows.all());
  }
}
