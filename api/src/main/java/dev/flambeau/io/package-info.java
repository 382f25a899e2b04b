/** Tensors in files. */
package dev.flambeau.io;
