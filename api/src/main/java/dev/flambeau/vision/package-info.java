/**
 * Image augmentation on tensors of shape (..., C, H, W), as in {@code torchvision.transforms}.
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
 *
 * <p>To read it: {@link Transform} is one method, {@link Compose} runs several. Each transform is a
 * class under torchvision's name: sizes ({@link Resize}, {@link CenterCrop}, {@link Pad}, {@link
 * RandomCrop}, {@link RandomResizedCrop}), turns ({@link RandomHorizontalFlip}, {@link
 * RandomVerticalFlip}, {@link RandomRotation}), values ({@link ConvertImageDtype}, {@link
 * Grayscale}, {@link Normalize}). Behind them, {@code Images} has checks and views, {@code Taps}
 * and {@code Sampling} interpolate, {@code Draw} draws.
 *
 * <p>Here belongs what turns an image into an image; reading image files does not.
 */
package dev.flambeau.vision;
