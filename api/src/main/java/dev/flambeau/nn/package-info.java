/**
 * Modules: layers with parameters, losses, and their initialization, as in {@code torch.nn}.
 *
 * <pre>{@code
 * var model = new Sequential(new Linear(4, 16), new ReLU(), new Linear(16, 3));
 * var criterion = new CrossEntropyLoss();
 * Tensor loss = criterion.call(model.call(features), labels);
 * loss.backward();
 * }</pre>
 *
 * <p>To read it: {@link Module} holds parameters, buffers and children under names; {@link Layer}
 * is a module from tensor to tensor, {@link Loss} one of predictions and targets. {@link Linear}
 * shows what a layer is made of, {@link Sequential} runs layers in order. The other layers and
 * losses are a class each, under PyTorch's names; {@link Init} fills parameters, {@link Functional}
 * has the same as plain functions.
 *
 * <p>Here belongs what has parameters, or a mode, or a place in a model; the computation itself is
 * an operation in {@link dev.flambeau.ops}.
 */
package dev.flambeau.nn;
