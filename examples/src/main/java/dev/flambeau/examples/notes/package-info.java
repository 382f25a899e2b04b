/**
 * The course notes "Introduction to Deep Learning" as programs, one a chapter, in the order in
 * which one reads them. Each prints what PyTorch prints for the same seed.
 */
package dev.flambeau.examples.notes;
