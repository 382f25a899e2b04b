package dev.flambeau;

/**
 * Variances and means, over all elements or along dims.
 *
 * @param var the variances
 * @param mean the means
 */
public record VarMean(Tensor var, Tensor mean) {
  @Override
  public String toString() {
    return "var=" + var + ",\nmean=" + mean;
  }
}
