/**
 * Turns a table of texts into the numbers that a model is trained on.
 *
 * <p>To read it: {@link dev.flambeau.cli.prepare.Prepared} is the result, and its method {@code of}
 * the order of the steps: {@link dev.flambeau.cli.prepare.Target} and {@link
 * dev.flambeau.cli.prepare.Task} decide what is predicted, {@code Columns} what it is predicted
 * from, {@link dev.flambeau.cli.prepare.Missing} what becomes of gaps, {@code Split} which rows are
 * for validation. {@link dev.flambeau.cli.prepare.Features}, a {@link
 * dev.flambeau.cli.prepare.Feature} a column, learns the scaling from the training rows, and
 * applies it to any table.
 */
package dev.flambeau.cli.prepare;
