/** From a CSV file to standardised numbers: reading, choosing columns, splitting, encoding. */
package dev.flambeau.examples.table;
