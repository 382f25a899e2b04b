package dev.flambeau;

import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Devices;

/** Settings of the whole library. */
public final class Flambeau {
  private static final String VERSION =
      version(Flambeau.class.getPackage().getImplementationVersion());

  private Flambeau() {}

  private static String version(String fromManifest) {
    return fromManifest == null ? "0.1.0" : fromManifest;
  }

  /** The library's version. */
  public static String version() {
    return VERSION;
  }

  /**
   * Seeds the generator that this thread draws from: the program's, unless {@link Rng#use} set
   * another.
   */
  public static Rng manualSeed(long seed) {
    return Rng.current().manualSeed(seed);
  }

  /** Sets how many threads CPU kernels use, at least 1. The numbers do not depend on it. */
  public static void setNumThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("setNumThreads: at least 1, got " + threads);
    }
    DeviceContext cpu = Devices.cpu();
    int status = cpu.kernels.setThreads(threads);
    if (status != 0) {
      throw new IllegalStateException("setNumThreads: " + cpu.kernels.lastError());
    }
  }

  /** How many threads CPU kernels use. */
  public static int numThreads() {
    return Devices.cpu().kernels.threads();
  }

  /** As {@link Autograd#noGrad()}. */
  public static Autograd.Mode noGrad() {
    return Autograd.noGrad();
  }
}
