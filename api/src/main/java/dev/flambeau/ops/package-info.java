/**
 * The operations of tensors, a sealed interface to each family, all of which {@link
 * dev.flambeau.Tensor} implements: programs call them on a tensor, and import nothing from here.
 *
 * <p>To read it: {@link NormalizeOps} shows in {@code softmax} the form that all have: check, call
 * the kernel, say what is saved, give the gradients. {@link PointwiseOps}, {@link CompareOps},
 * {@link ActivationOps} and {@link InPlaceOps} go element by element, {@link AxisOps} along dims,
 * {@link MatrixOps} are products; {@link ShapeOps}, {@link SliceOps} and {@link CopyOps} give the
 * same elements another form, {@link IndexOps} picks them; {@link LossOps}, {@link RandomOps}, and
 * {@link ArrayOps} for Java arrays, dtypes and devices. The other classes ({@code LayerNorm},
 * {@code CrossEntropy}, {@code Indexing}, ...) are what would not fit into an interface.
 *
 * <p>Here belongs what an operation means: shapes, dtypes, errors, gradient. How kernels are called
 * for several families lies in {@code internal.kernels}; only sealed interfaces are public.
 */
package dev.flambeau.ops;
