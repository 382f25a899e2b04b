package dev.flambeau.cuda;

import dev.flambeau.spi.contract.MatrixContract;

/** The contract's products where cuBLAS, emulated, computes them. */
class EmulatedCuBlasMatrixTest extends MatrixContract {}
