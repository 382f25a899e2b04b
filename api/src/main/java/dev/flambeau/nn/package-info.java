/**
 * Modules: layers with parameters, losses, and their initialization, as in {@code torch.nn}.
 *
 * <pre>{@code
 * var model = new Sequential(new Linear(4, 16), new ReLU(), new Linear(16, 3));
 * var criterion = new CrossEntropyLoss();
 * Tensor loss = criterion.call(model.call(features), labels);
 * loss.backward();
 * }</pre>
 */
package dev.flambeau.nn;
