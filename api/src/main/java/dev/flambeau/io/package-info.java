/**
 * Tensors in files.
 *
 * <p>To read it: {@link SafeTensors} reads and writes the safetensors format, whose header {@code
 * Header} checks before memory is allocated, into files that {@code WholeFile} replaces; {@link
 * StateDicts} cuts and joins state dicts.
 *
 * <p>Here belongs what reads and writes a file format; no class is stored, only names, dtypes,
 * shapes and numbers.
 */
package dev.flambeau.io;
