/**
 * How kernels are called: arguments are checked, dtypes promoted, shapes brought to the normal
 * forms that {@link dev.flambeau.spi.Kernels} describes.
 *
 * <p>To read it: {@link Pointwise} with {@link UnaryOp} and {@link BinaryOp} calls the kernels that
 * go element by element, through {@link Geometry} where strides matter; {@link Reduce} those along
 * dims, seen as an {@link AxisView}; {@link Gemm} matrix products, {@link Copy} copies, {@link
 * IndexKernels} gather and scatter, {@link OptimizerSteps} optimizers. {@link Require} has the
 * checks that several share, {@link DTypes} the codes and the promotion of dtypes, {@link
 * HostTable} the tables that kernels read, {@link Generator} random numbers.
 *
 * <p>Here belongs what more than one family of {@link dev.flambeau.ops} needs, without autograd;
 * {@link UnaryOp} alone has derivatives, in tensor operations.
 */
package dev.flambeau.internal.kernels;
