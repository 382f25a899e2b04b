/**
 * The contract of kernels: what every backend promises. Start with {@link
 * dev.flambeau.spi.contract.KernelsContract}, the suite with its families, and with a short family
 * as {@link dev.flambeau.spi.contract.IndexContract}. Each test makes a call on the backend and on
 * the oracle of {@code dev.flambeau.spi.oracle} and compares the results: a differential test,
 * {@link dev.flambeau.spi.contract.DifferentialCheck}, on values of {@link
 * dev.flambeau.spi.contract.Samples}, within a {@link dev.flambeau.spi.contract.Tolerance}. {@link
 * dev.flambeau.spi.contract.ContractCoverage} fails where a kernel, a code or a dtype is left out.
 */
package dev.flambeau.spi.contract;
