/** What ops and factories do with arguments that no tensor fits: absurd sizes, nulls. */
package dev.flambeau.arguments;
