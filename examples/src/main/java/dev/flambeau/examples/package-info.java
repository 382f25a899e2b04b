/**
 * Programs to read and to copy from.
 *
 * <p>To read it: {@link dev.flambeau.examples.FashionMnist} is a whole training in the order in
 * which one writes it; {@code FashionImages} and {@link dev.flambeau.examples.IdxFile} read its
 * images, and {@link dev.flambeau.examples.Program} has the option that all programs take. The
 * course notes are a package of their own, {@link dev.flambeau.examples.notes}.
 */
package dev.flambeau.examples;
