package dev.flambeau.cpu;

import dev.flambeau.spi.Kernels;
import java.io.File;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * OpenBLAS, loaded when the first large product needs it: unpacking its 40 MB costs more than most
 * programs' small products. Without it (or with {@code -Dflambeau.blas=none}) our own kernels serve
 * every size.
 */
final class OpenBlas {
  private OpenBlas() {}

  /** Loads OpenBLAS once and hands it to the kernels, which use it from then on. */
  static void open() {
    Opened.once();
  }

  /**
   * The class whose initialisation is the loading: other threads wait for it, and it happens once.
   */
  private static final class Opened {
    static {
      String path = "none".equals(System.getProperty("flambeau.blas")) ? "" : load();
      if (CpuLibrary.blasOpen(path) != Kernels.OK) {
        CpuLibrary.blasOpen("");
      }
    }

    static void once() {}
  }

  /** The file of the loaded OpenBLAS, or "" when there is none for this machine. */
  private static String load() {
    try {
      Loader.load(openblas_nolapack.class);
      return Loader.getLoadedLibraries().values().stream()
          .filter(path -> new File(path).getName().startsWith("libopenblas"))
          .findFirst()
          .orElse("");
    } catch (LinkageError e) {
      System.getLogger("dev.flambeau")
          .log(
              System.Logger.Level.INFO,
              "OpenBLAS did not load ({0}); our own kernels multiply matrices",
              e.getMessage());
      return "";
    }
  }
}
