package dev.flambeau.spi.oracle;

import static dev.flambeau.spi.oracle.ReduceOracle.requireFloating;

/** Softmax and layer normalisation, with their gradients. */
final class NormOracle {
  private final JavaMemory memory;

  NormOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void softmax(
      boolean log, int dtype, long outer, long len, long inner, long xAddress, long yAddress) {
    requireFloating("softmax", dtype);
    Elements x = memory.elements(dtype, xAddress);
    Elements y = memory.elements(dtype, yAddress);
    Line.each(
        outer,
        len,
        inner,
        line -> {
          double top = ReduceOracle.greatest(x, line);
          double sum = ReduceOracle.sum(len, k -> Math.exp(x.get(line.at(k)) - top));
          for (long k = 0; k < len; k++) {
            double shifted = x.get(line.at(k)) - top;
            y.set(line.at(k), log ? shifted - Math.log(sum) : Math.exp(shifted) / sum);
          }
        });
  }

  void softmaxGrad(
      boolean log,
      int dtype,
      long outer,
      long len,
      long inner,
      long gAddress,
      long yAddress,
      long gxAddress) {
    requireFloating("softmax gradient", dtype);
    Elements g = memory.elements(dtype, gAddress);
    Elements y = memory.elements(dtype, yAddress);
    Elements gx = memory.elements(dtype, gxAddress);
    Line.each(
        outer,
        len,
        inner,
        line -> {
          double sum =
              ReduceOracle.sum(len, k -> g.get(line.at(k)) * (log ? 1 : y.get(line.at(k))));
          for (long k = 0; k < len; k++) {
            double slope = g.get(line.at(k));
            double out = y.get(line.at(k));
            gx.set(line.at(k), log ? slope - Math.exp(out) * sum : out * (slope - sum));
          }
        });
  }

  void layerNorm(
      int dtype,
      long rows,
      long columns,
      long xAddress,
      long weightAddress,
      long biasAddress,
      long yAddress,
      long meanAddress,
      long rstdAddress,
      double eps) {
    requireFloating("layer norm", dtype);
    Elements x = memory.elements(dtype, xAddress);
    Elements weight = weightAddress == 0 ? null : memory.elements(dtype, weightAddress);
    Elements bias = biasAddress == 0 ? null : memory.elements(dtype, biasAddress);
    Elements y = memory.elements(dtype, yAddress);
    Elements means = memory.elements(dtype, meanAddress);
    Elements rstds = memory.elements(dtype, rstdAddress);
    Line.each(
        rows,
        columns,
        1,
        line -> {
          double mean = ReduceOracle.sum(x, line) / columns;
          double squares =
              ReduceOracle.sum(columns, k -> ReduceOracle.square(x.get(line.at(k)) - mean));
          double rstd = 1 / Math.sqrt(squares / columns + eps);
          means.set(line.row(), mean);
          rstds.set(line.row(), rstd);
          for (long k = 0; k < columns; k++) {
            double normal = (x.get(line.at(k)) - mean) * rstd;
            double scaled = weight == null ? normal : normal * weight.get(k);
            y.set(line.at(k), bias == null ? scaled : scaled + bias.get(k));
          }
        });
  }

  /**
   * With h = (x - mean) rstd and u = g weight: gx = rstd (u - mean(u) - h mean(u h)), gweight =
   * sum(g h).
   */
  void layerNormGrad(
      int dtype,
      long rows,
      long columns,
      long gAddress,
      long xAddress,
      long meanAddress,
      long rstdAddress,
      long weightAddress,
      long gxAddress,
      long gweightAddress,
      long gbiasAddress) {
    requireFloating("layer norm gradient", dtype);
    Elements g = memory.elements(dtype, gAddress);
    Elements x = memory.elements(dtype, xAddress);
    Elements mean = memory.elements(dtype, meanAddress);
    Elements rstd = memory.elements(dtype, rstdAddress);
    Elements weight = weightAddress == 0 ? null : memory.elements(dtype, weightAddress);
    Elements gx = gxAddress == 0 ? null : memory.elements(dtype, gxAddress);
    double[] gweight = new double[Math.toIntExact(columns)];
    double[] gbias = new double[gweight.length];
    Line.each(
        rows,
        columns,
        1,
        line -> {
          double scale = rstd.get(line.row());
          double[] h = new double[gweight.length];
          double[] u = new double[gweight.length];
          double meanU = 0;
          double meanUh = 0;
          for (int k = 0; k < columns; k++) {
            double slope = g.get(line.at(k));
            h[k] = (x.get(line.at(k)) - mean.get(line.row())) * scale;
            u[k] = weight == null ? slope : slope * weight.get(k);
            meanU += u[k] / columns;
            meanUh += u[k] * h[k] / columns;
            gweight[k] += slope * h[k];
            gbias[k] += slope;
          }
          for (int k = 0; k < columns && gx != null; k++) {
            gx.set(line.at(k), scale * (u[k] - meanU - h[k] * meanUh));
          }
        });
    write(dtype, gweight, gweightAddress);
    write(dtype, gbias, gbiasAddress);
  }

  private void write(int dtype, double[] values, long address) {
    for (int k = 0; k < values.length && address != 0; k++) {
      memory.elements(dtype, address).set(k, values[k]);
    }
  }
}
