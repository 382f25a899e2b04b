/**
 * The course notes "Introduction to Deep Learning" as programs, one a chapter, in the order in
 * which one reads them. Each prints what PyTorch prints for the same seed; with {@code --device
 * cuda} it computes on a GPU, where what is drawn there (dropout, a new initialization) is other
 * numbers.
 */
package dev.flambeau.examples.notes;
