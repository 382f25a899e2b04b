/**
 * Image augmentation on tensors of shape (..., C, H, W), as in torchvision.transforms.
 *
 * <p>Random transforms draw from {@link dev.flambeau.Rng#current()}, in torchvision's order, so the
 * same seed gives the same augmentation. A batch counts as one image: all of it gets the same draw;
 * to draw anew for each image, transform samples, not batches. Each transform is differentiable
 * with respect to the pixels of a floating image.
 *
 * <pre>{@code
 * Transform augment =
 *     new Compose(
 *         new ConvertImageDtype(),
 *         new RandomHorizontalFlip(),
 *         new RandomRotation(15),
 *         new RandomResizedCrop(64),
 *         new Normalize(new double[] {0.5}, new double[] {0.25}));
 * }</pre>
 *
 * To augment what a data loader reads, change each sample as it is fetched: every pass then sees
 * other images.
 *
 * <pre>{@code
 * var loader = new DataLoader(train.map(s -> s.mapInput(augment)), 64).shuffle(true).workers(2);
 * }</pre>
 */
package dev.flambeau.vision;
