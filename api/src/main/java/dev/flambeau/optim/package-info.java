/**
 * Optimizers and gradient clipping, as in {@code torch.optim}; schedules of the learning rate are
 * in {@link dev.flambeau.optim.lr}.
 *
 * <pre>{@code
 * var optimizer = new AdamW(model.parameters(), 1e-3).weightDecay(0.01);
 * for (Batch b : loader) {
 *   optimizer.zeroGrad();
 *   criterion.call(model.call(b.input()), b.target()).backward();
 *   optimizer.step();
 * }
 * }</pre>
 *
 * <p>To read it: {@link Optimizer} has the loop over parameters and the saved state; {@link
 * ParamGroup} is the options of some parameters, {@code ParamState} what is kept of one. {@link
 * SGD}, {@link Adam}, {@link AdamW} and {@link RMSprop} are the optimizers, each its options and
 * one kernel call, which {@code FusedOptimizer} makes. {@link GradClip} bounds gradients before a
 * step.
 *
 * <p>Here belongs what changes parameters; their formulas are in {@code
 * native-src/src/shared/optimizers.h}.
 */
package dev.flambeau.optim;
