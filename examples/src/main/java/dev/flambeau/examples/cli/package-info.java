/** The commands of {@code flambeau}: their options, and what they print. */
package dev.flambeau.examples.cli;
