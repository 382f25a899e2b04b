/**
 * Measures Flambeau on a GPU beside PyTorch on the same card.
 *
 * <p>To read it: {@code GpuLine} is a line of the table with its {@code GpuTarget}; {@link
 * dev.flambeau.bench.gpu.GpuBench} is the program: it asks a {@code GpuWorker} (ours) and {@code
 * gpu.py} (PyTorch's) for each line and writes the section of a report by {@code GpuSection}.
 * {@code GpuWork} is what is timed, {@link dev.flambeau.bench.gpu.DeviceBenchmark} the same for
 * JMH.
 */
package dev.flambeau.bench.gpu;
