package dev.flambeau.cli;

import java.io.PrintStream;

/**
 * Where commands write.
 *
 * @param out results
 * @param err progress, remarks and errors
 * @param terminal whether it is a terminal, where a progress bar makes sense
 */
public record Console(PrintStream out, PrintStream err, boolean terminal) {}
