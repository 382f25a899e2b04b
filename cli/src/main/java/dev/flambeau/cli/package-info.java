/**
 * The command {@code flambeau}: its subcommands, their options, and what they print.
 *
 * <p>To read it: {@link dev.flambeau.cli.Main} parses the command line and turns errors into one
 * line and an exit code; {@link dev.flambeau.cli.TrainCommand} is the whole way from a table to a
 * saved model. Then its options, {@code TableOptions}, {@code ReadOptions} and {@code RunOptions},
 * and {@code Outcome}, which reports and saves. {@link dev.flambeau.cli.SearchCommand}, {@link
 * dev.flambeau.cli.PredictCommand} and {@link dev.flambeau.cli.InfoCommand} are made of the same
 * parts. What they call lies below, each package using only those named after it: {@link
 * dev.flambeau.cli.training}, {@link dev.flambeau.cli.prepare}, {@link dev.flambeau.cli.table}.
 */
package dev.flambeau.cli;
