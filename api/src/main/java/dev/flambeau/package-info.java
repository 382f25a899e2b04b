/**
 * Tensors, autograd, devices and random numbers: what every program imports.
 *
 * <p>To read it: {@link Tensor} first, whose page leads to the operations, a family of them to each
 * interface of {@link dev.flambeau.ops}; {@link DType}, {@link Shape} and {@link Device} are what a
 * tensor is made of, {@link Index} names parts of it, {@link MaxMin}, {@link VarMean}, {@link
 * Reduction} and {@link Activation} are results and options of operations. Then {@link Autograd},
 * with {@link Function} for an operation of one's own, {@link Node} and {@link Hook} to look into
 * the graph; {@link Rng} for what is drawn; {@link Scope} for memory that returns at once; {@link
 * Backends} and {@link Transfer} for devices, {@link PrintOptions} for text, {@link Flambeau} for
 * the version.
 *
 * <p>Here belongs what models, data and optimizers all need; they have packages of their own. How
 * it works lies in {@code dev.flambeau.internal}, which is not exported.
 */
package dev.flambeau;
