/**
 * The course notes "Introduction to Deep Learning" as programs, one a chapter, each of which prints
 * what PyTorch prints for the same seed. With {@code --device cuda} it computes on a GPU, where
 * what is drawn there (dropout, a new initialization) is other numbers.
 *
 * <p>To read it: in the order of the chapters, {@link dev.flambeau.examples.notes.Chapter1Tensors},
 * {@link dev.flambeau.examples.notes.Chapter2Training}, {@link
 * dev.flambeau.examples.notes.Chapter3Architecture}, {@link
 * dev.flambeau.examples.notes.Chapter4Evaluation}; within one from {@code run} downwards.
 */
package dev.flambeau.examples.notes;
