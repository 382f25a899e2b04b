package dev.flambeau;

import java.util.List;

/**
 * Every op, a row each and a row for each form of it, a file for each family. {@link
 * OpCoverageTest} demands a row for whatever is added. The rows are tried by
 *
 * <ul>
 *   <li>{@link OpForwardTest}: values, against the row's own reference and the plain-Java kernels;
 *   <li>{@link OpGradientTest}: first and second derivatives, against central differences;
 *   <li>{@link OpLayoutTest}: results on other memory layouts, against those on contiguous inputs;
 *   <li>{@link OpErrorTest}: what is refused;
 *   <li>{@link ArchitectureTest}: what gradients hold on to;
 *   <li>{@link DeviceTest}: gradients on a device whose memory the host cannot read;
 *   <li>{@link GcStress}: all of it under constant garbage collection.
 * </ul>
 */
final class OpCases {
  private OpCases() {}

  static List<OpCase> all() {
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
