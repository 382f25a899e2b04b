/**
 * Flambeau's CPU backend: found by the api through {@link java.util.ServiceLoader}; programs need
 * no class of it.
 *
 * <p>To read it: {@link dev.flambeau.cpu.CpuBackend} loads the library and hands out its one
 * device; {@code CpuLibrary} binds what describes and sets it; {@code CpuKernels} binds the
 * kernels, written by {@code native-src/tools/Bindings.java}; {@code CpuMemory} binds the caching
 * allocator and copies arrays; {@code OpenBlas} is loaded by the first large product. How a library
 * is found and checked is {@code dev.flambeau.internal.natives}.
 */
package dev.flambeau.cpu;
