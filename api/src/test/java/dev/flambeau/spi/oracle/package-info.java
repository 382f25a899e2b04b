/**
 * The oracle: all kernels in plain Java, as they are defined, for other backends to be compared
 * with and for the api's own tests to compute with. Start with {@link
 * dev.flambeau.spi.oracle.JavaKernels}, whose families are files of their own ({@code *Oracle}, and
 * {@code *Formulas} for pointwise ops). {@link dev.flambeau.spi.oracle.JavaMemory} checks every
 * access, {@link dev.flambeau.spi.oracle.Elements} reads and writes the elements of any dtype,
 * {@link dev.flambeau.spi.oracle.HeaderEnum} has the names of flambeau.h's codes. {@link
 * dev.flambeau.spi.oracle.JavaKernelsTest} compares the oracle itself with PyTorch's values.
 */
package dev.flambeau.spi.oracle;
