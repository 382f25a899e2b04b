/**
 * Tests of the whole library; tests of one class lie in its package. Start with a row of {@link
 * dev.flambeau.rows.OpCases}, which tells what an op computes, and with {@link
 * dev.flambeau.OpForwardTest}, which computes all rows; then read
 *
 * <ul>
 *   <li>the other suites over the rows: {@link dev.flambeau.OpGradientTest}, {@link
 *       dev.flambeau.OpLayoutTest}, {@link dev.flambeau.OpErrorTest}, {@link
 *       dev.flambeau.DeviceTest}; {@link dev.flambeau.OpCoverageTest} fails where an op has no row;
 *   <li>{@link dev.flambeau.ParityTest}: every op against libtorch's values, read by {@code
 *       dev.flambeau.parity};
 *   <li>{@code dev.flambeau.spi.contract}: every kernel of a backend against the plain-Java kernels
 *       of {@code dev.flambeau.spi.oracle};
 *   <li>{@code dev.flambeau.notes}: whole programs against what PyTorch prints for them;
 *   <li>{@link dev.flambeau.ArchitectureTest}, {@link dev.flambeau.FenceTest} and {@link
 *       dev.flambeau.CapturedTensorTest}: rules that the sources and recorded graphs keep.
 * </ul>
 *
 * {@link dev.flambeau.TestBackend} decides which kernels all of them compute with.
 */
package dev.flambeau;
