package dev.flambeau.parity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes what libtorch computes into the tables that {@code ParityTest} holds the library to. All
 * of them anew, the same bytes each time, from the repository's root:
 *
 * <pre>mvn -q -Pparity -pl api test-compile exec:java@parity
 * python3 api/src/parity/python/schedules.py api/src/test/resources/dev/flambeau/parity</pre>
 *
 * The second command writes the learning-rate schedules and wants a Python with torch: libtorch's
 * C++ side counts {@code ReduceLROnPlateau} in single precision and has no {@code
 * CosineAnnealingLR}.
 */
public final class Generate {
  private Generate() {}

  /** Writes the tables into the folder that the first argument names. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    PointwiseCases.cases(new Table("pointwise", 101)).write(folder);
    PromotionCases.cases().write(folder);
    AxisCases.cases(new Table("axes", 103)).write(folder);
    MatrixCases.cases(new Table("matrices", 104)).write(folder);
    ShapeCases.cases(new Table("shapes", 105)).write(folder);
    IndexCases.cases(new Table("indices", 106)).write(folder);
    LossCases.cases(new Table("losses", 107)).write(folder);
    RandomCases.cases().write(folder);
    OptimizerCases.cases().write(folder);
    Table second = Table.ofSecondOrder("second", 110);
    PointwiseCases.cases(second);
    AxisCases.cases(second);
    MatrixCases.cases(second);
    ShapeCases.cases(second);
    IndexCases.cases(second);
    LossCases.cases(second).write(folder);
  }
}
