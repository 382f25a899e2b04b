package dev.flambeau.spi;

/** The contract's products where cuBLAS, emulated, computes them. */
class EmulatedCuBlasMatrixTest extends MatrixContract {}
