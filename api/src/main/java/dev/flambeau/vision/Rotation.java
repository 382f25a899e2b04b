package dev.flambeau.vision;

import dev.flambeau.DType;
import dev.flambeau.Tensor;

/**
 * Where each pixel of a turned image comes from. Coordinates are computed as torchvision's affine
 * grid and <a
 * href="https://pytorch.org/docs/1.13/generated/torch.nn.functional.grid_sample.html">grid_sample</a>
 * with align_corners=False compute them, rounding for rounding, so that the same pixels are
 * nearest.
 */
final class Rotation {
  private final long height;
  private final long width;
  private final double[] x; // column and row in the old image, for each pixel of the new one
  private final double[] y;

  /**
   * By {@code degrees} counter-clockwise around a point that lies (centerX, centerY) from the
   * middle.
   */
  Rotation(Size size, double degrees, double centerX, double centerY, DType type) {
    height = size.height();
    width = size.width();
    int n = Math.toIntExact(Math.multiplyExact(height, width));
    x = new double[n];
    y = new double[n];
    boolean single = type != DType.FLOAT64;
    double angle = Math.toRadians(-degrees);
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    double shiftX = cos * -centerX + sin * -centerY + centerX;
    double shiftY = -sin * -centerX + cos * -centerY + centerY;
    double[] toX = scaled(width, single, cos, sin, shiftX);
    double[] toY = scaled(height, single, -sin, cos, shiftY);
    for (int i = 0; i < n; i++) {
      double right = i % width - width * 0.5 + 0.5;
      double down = i / width - height * 0.5 + 0.5;
      x[i] = position(width, single, toX, right, down);
      y[i] = position(height, single, toY, right, down);
    }
  }

  /** A row of the matrix that gives positions from -1 to 1 across the image. */
  private static double[] scaled(long length, boolean single, double... row) {
    double[] out = new double[row.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = round(round(row[i], single) / (0.5 * length), single);
    }
    return out;
  }

  private static double position(
      long length, boolean single, double[] row, double right, double down) {
    double part = round(round(right * row[0], single) + round(down * row[1], single), single);
    double p = round(part + row[2], single);
    return round(round(round(p + 1, single) * (length * 0.5), single) - 0.5, single);
  }

  /** To float32 where PyTorch computes in it. */
  private static double round(double v, boolean single) {
    return single ? (float) v : v;
  }

  /** Each pixel a copy of the nearest one, or {@code fill}. */
  Tensor nearest(Tensor image, double[] fill) {
    int n = x.length;
    long[] index = new long[n];
    boolean[] inside = new boolean[n];
    for (int i = 0; i < n; i++) {
      double column = Math.rint(x[i]);
      double row = Math.rint(y[i]);
      inside[i] = isInside(column, row);
      index[i] = at(column, row);
    }
    double[] colour = fill.clone();
    for (int c = 0; c < colour.length && !image.dtype().isFloating(); c++) {
      colour[c] = Math.rint(colour[c]);
    }
    Tensor mask = Tensor.of(inside).reshape(height, width).to(image.device());
    return Tensor.where(mask, pick(image, index), Images.perChannel(image, colour));
  }

  /** Each pixel the mean of four, weighted by nearness; {@code fill} where they lie outside. */
  Tensor bilinear(Tensor image, double[] fill) {
    int n = x.length;
    boolean single = image.dtype() != DType.FLOAT64;
    double[] covered = new double[n];
    Tensor sum = null;
    for (int corner = 0; corner < 4; corner++) {
      long[] index = new long[n];
      double[] weight = new double[n];
      for (int i = 0; i < n; i++) {
        double column = Math.floor(x[i]);
        double row = Math.floor(y[i]);
        double east = round(x[i] - column, single);
        double south = round(y[i] - row, single);
        double across = corner % 2 == 1 ? east : round(1 - east, single);
        double along = corner / 2 == 1 ? south : round(1 - south, single);
        column += corner % 2;
        row += corner / 2;
        index[i] = at(column, row);
        weight[i] = isInside(column, row) ? round(across * along, single) : 0;
        covered[i] = round(covered[i] + weight[i], single);
      }
      Tensor part = pick(image, index).mul(plane(image, weight));
      sum = sum == null ? part : sum.add(part);
    }
    // What is covered in part is weighted twice, at torchvision's edges too.
    Tensor cover = plane(image, covered);
    return sum.mul(cover).add(cover.rsub(1.0).mul(Images.perChannel(image, fill)));
  }

  private boolean isInside(double column, double row) {
    return column >= 0 && column < width && row >= 0 && row < height;
  }

  /** The pixel's place in the flattened image; for one outside, the nearest inside. */
  private long at(double column, double row) {
    long c = (long) Math.max(0, Math.min(column, width - 1));
    long r = (long) Math.max(0, Math.min(row, height - 1));
    return r * width + c;
  }

  private Tensor pick(Tensor image, long[] index) {
    return image
        .flatten(-2)
        .indexSelect(-1, Tensor.of(index).to(image.device()))
        .reshape(image.shape());
  }

  private Tensor plane(Tensor image, double[] values) {
    return Tensor.of(image.dtype(), values).reshape(height, width).to(image.device());
  }
}
