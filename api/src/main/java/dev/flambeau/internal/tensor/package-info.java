/**
 * The tensor itself: its memory, its layout, its place in the graph and in the scopes of its
 * thread.
 *
 * <p>To read it: {@link TensorImpl} is the implementation of {@link dev.flambeau.Tensor}, above it
 * {@link TensorHandle}, which refers to a {@link Storage}, the memory, in a {@link Layout} of sizes
 * and strides, for which {@link Dims} has the arithmetic. {@link DeviceContext} is what a device
 * offers, and checks what a kernel call returned; {@link Devices} finds the backends. {@link
 * Scopes} frees what was made in a scope. {@link Factories}, {@link NestedArray} and {@link
 * Joining} make tensors, {@code TensorText} prints them, {@link Bytes} reads and writes their
 * memory.
 *
 * <p>Here belongs what one tensor is; what is computed of tensors lies in {@code internal.kernels}
 * and {@link dev.flambeau.ops}, what is recorded in {@code internal.autograd}.
 */
package dev.flambeau.internal.tensor;
