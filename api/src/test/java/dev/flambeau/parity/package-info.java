/**
 * libtorch's tables: their cases read, each op called with them, the results compared. {@code
 * dev.flambeau.ParityTest} is the suite. Start with {@link dev.flambeau.parity.ParityCase}, a line
 * of a table; {@link dev.flambeau.parity.ParityOps} and the families beside it call the ops, {@link
 * dev.flambeau.parity.ParityTolerance} says how near a result must come, {@link
 * dev.flambeau.parity.ParityDifferences} where it is meant to differ. The programs that write the
 * tables have the same package, in {@code api/src/parity}.
 */
package dev.flambeau.parity;
