/**
 * Trains a model on a prepared table: the loop, what it reports, and what it saves.
 *
 * <p>To read it: {@link dev.flambeau.cli.training.Hyperparameters} is what one chooses, {@link
 * dev.flambeau.cli.training.Trainer} the loop, {@link dev.flambeau.cli.training.Scores} what a task
 * means for tensors. While it runs, {@link dev.flambeau.cli.training.Progress} is told each {@link
 * dev.flambeau.cli.training.Epoch}, and {@link dev.flambeau.cli.training.StopRequest} asked whether
 * to go on; {@link dev.flambeau.cli.training.ConsoleProgress} shows it. Afterwards {@link
 * dev.flambeau.cli.training.Report} tells how good the model is, {@link
 * dev.flambeau.cli.training.RunFolder} writes {@link dev.flambeau.cli.training.TableModel}, metrics
 * and {@link dev.flambeau.cli.training.Curves}. {@link dev.flambeau.cli.training.Decimals} prints
 * numbers; {@link dev.flambeau.cli.training.UserError} is what the user can put right.
 */
package dev.flambeau.cli.training;
