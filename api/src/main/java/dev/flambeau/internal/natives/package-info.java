/**
 * How a backend finds and loads its native library: for Flambeau's own backends, exported to nobody
 * else. Imports {@code java.*} and {@code spi}; JavaCPP is left to the backends.
 *
 * <p>To read it: {@link dev.flambeau.internal.natives.NativeLibrary} says where a library is looked
 * for, what it is checked for, and what an answer says; {@link
 * dev.flambeau.internal.natives.LibraryCache} makes a file of a resource; {@link
 * dev.flambeau.internal.natives.NativeJar} is how a native jar makes itself known.
 */
package dev.flambeau.internal.natives;
