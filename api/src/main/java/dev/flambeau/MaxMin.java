package dev.flambeau;

/**
 * Extremes along a dim and where they are.
 *
 * @param values the extremes
 * @param indices where the first of each is along the dim, int64
 */
public record MaxMin(Tensor values, Tensor indices) {
  @Override
  public String toString() {
    return "values=" + values + ",\nindices=" + indices;
  }
}
