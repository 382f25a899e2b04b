/**
 * The rows: every form of every op, with inputs to try it on and its definition in plain Java.
 * Start with {@link dev.flambeau.rows.ActivationRows}, the shortest family; {@link
 * dev.flambeau.rows.OpCase} says what a row may state, {@link dev.flambeau.rows.PlainTensor} and
 * {@link dev.flambeau.rows.Formulas} are what the definitions compute with. {@link
 * dev.flambeau.rows.OpCases} lists the families, and the suites in {@code dev.flambeau} that run
 * them.
 */
package dev.flambeau.rows;
