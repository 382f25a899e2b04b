/**
 * Flambeau's CUDA backend: found by the api through {@link java.util.ServiceLoader}; programs need
 * no class of it.
 *
 * <p>To read it: {@link dev.flambeau.cuda.CudaBackend} loads the library, sets its switches and
 * hands out one device for each GPU; {@code CudaLibrary} binds what selects, describes and waits
 * for a device; {@code CudaKernels} binds the kernels, written by {@code
 * native-src/tools/Bindings.java}; {@code CudaMemory} allocates, and copies through pinned memory;
 * {@code CuBlas} looks for NVIDIA's library at the first product. How a library is found and
 * checked is {@code dev.flambeau.internal.natives}.
 */
package dev.flambeau.cuda;
