/** Training on a table: the loop, what it reports, and what it saves. */
package dev.flambeau.examples.training;
