/**
 * What a backend implements: kernels, memory, availability. Primitives only; imports nothing but
 * {@code java.*}.
 */
package dev.flambeau.spi;
