/**
 * The graph that is recorded while a program computes, and backward through it.
 *
 * <p>To read it: {@link Recording} is how an operation records itself, with what it {@linkplain
 * Saved saves} and how a {@link Gradient} is found, or by a {@link JointGradient} those of several
 * inputs at once; {@link Engine} is backward. {@link GraphNode} is what both share, {@link
 * Accumulator} the node of a leaf, {@code SavingNode} one that keeps tensors, {@link FunctionNode}
 * that of a user's function. {@link InPlace} records writes, {@link GradMode} whether a thread
 * records, {@code Recomputation} and {@code OnceDifferentiable} are gradients of second order.
 *
 * <p>Here belongs what is the same for all operations; an operation's gradient stands with it in
 * {@link dev.flambeau.ops}.
 */
package dev.flambeau.internal.autograd;
