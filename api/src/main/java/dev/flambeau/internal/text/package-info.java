/**
 * Text as Python and PyTorch print it, and warnings.
 *
 * <p>To read it: {@link TensorFormat} lays out a tensor, {@code ElementFormat} chooses the form of
 * its elements, with the {@link TextOptions} given; {@link PyFormat} prints single numbers as
 * Python does. {@link Warnings} prints a warning once.
 *
 * <p>Here belongs what turns numbers into text; it has no tensor, only an interface that reads
 * elements.
 */
package dev.flambeau.internal.text;
