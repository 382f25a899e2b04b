/**
 * What writes into a tensor do to others: to views of its memory, to operands that share it, to
 * what autograd saved.
 */
package dev.flambeau.inplace;
