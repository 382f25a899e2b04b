/**
 * What a backend implements: kernels, memory, availability.
 *
 * <p>To read it: {@link Backend}, found through {@link java.util.ServiceLoader}, says by {@link
 * Availability} whether it can be used, and has for each of its devices {@link Kernels} and {@link
 * Memory}. {@link Kernels} first describes the normal forms of arguments, then each kernel; its
 * supertype {@link Library} is what a library says of itself.
 *
 * <p>Here belongs what crosses to another module: numbers, addresses and arrays, no tensor.
 * Programs need nothing of it; nothing but {@code java.*} is imported.
 */
package dev.flambeau.spi;
