package dev.flambeau.spi.contract;

import dev.flambeau.spi.oracle.JavaKernels;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What every backend promises: each kernel of the one on the class path is compared with the
 * oracle, {@link JavaKernels}, by a {@link DifferentialCheck}. A module with a backend runs this
 * suite from the api's test-jar; where there is no backend all of it is skipped, saying so. At the
 * end {@link ContractCoverage} fails if a kernel or a code of the header was left out.
 */
@Tag("kernels")
@DisplayName("Kernels")
@ExtendWith(ContractCoverage.class)
class KernelsContract {
  @Nested
  class Pointwise extends PointwiseContract {}

  @Nested
  class Sequences extends SequenceContract {}

  @Nested
  class Halves extends HalfContract {}

  @Nested
  class Dtypes extends DtypeContract {}

  @Nested
  class Strided extends StridedContract {}

  @Nested
  class Axis extends AxisContract {}

  @Nested
  class Loss extends LossContract {}

  @Nested
  class CrossEntropy extends CrossEntropyContract {}

  @Nested
  class Matrix extends MatrixContract {}

  @Nested
  class Index extends IndexContract {}

  @Nested
  class Random extends RandomContract {}

  @Nested
  class Optim extends OptimContract {}

  @Nested
  class MemoryAndThreads extends MemoryContract {}
}
