/**
 * Flambeau's CUDA backend: found by the api through {@link java.util.ServiceLoader}; programs need
 * no class of it.
 */
package dev.flambeau.cuda;
