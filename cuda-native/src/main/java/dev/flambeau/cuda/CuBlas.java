package dev.flambeau.cuda;

import dev.flambeau.spi.Kernels;
import java.io.File;
import java.util.Collection;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * cuBLAS, loaded when the first product needs it: where {@code -Dflambeau.cublas} says (a file, or
 * {@code none}), in JavaCPP's CUDA presets if they are on the class path, and on the system.
 * Without it our own kernels multiply.
 */
final class CuBlas {
  private static final String PRESET = "org.bytedeco.cuda.global.cublas";

  private CuBlas() {}

  /** Chooses the library, once; later products use the choice. */
  static void open() {
    Opened.once();
  }

  /** The class whose initialisation is the choice: other threads wait for it. */
  private static final class Opened {
    static {
      boolean found = false;
      String named = System.getProperty("flambeau.cublas", "");
      if (!named.isEmpty()) {
        found = !named.equals("none") && opens(named);
      } else {
        found = opensPreset() || opensSystem();
      }
      if (!found) {
        CudaLibrary.cublasOpen("", "");
      }
    }

    static void once() {}
  }

  /** cuBLASLt lies beside cuBLAS, under the same version. */
  private static boolean opens(String cublas) {
    File file = new File(cublas);
    String lt =
        file.getName().replace("libcublas.", "libcublasLt.").replace("cublas64", "cublasLt64");
    String path = file.getParent() == null ? lt : new File(file.getParent(), lt).getPath();
    return CudaLibrary.cublasOpen(cublas, path) == Kernels.OK;
  }

  private static boolean opensPreset() {
    try {
      Loader.load(Class.forName(PRESET));
      Collection<String> loaded = Loader.getLoadedLibraries().values();
      return loaded.stream()
          .filter(path -> new File(path).getName().startsWith("libcublas."))
          .anyMatch(CuBlas::opens);
    } catch (ClassNotFoundException | LinkageError e) {
      return false; // no presets, or only their Java part
    }
  }

  /**
   * By name only the version of the CUDA that this library is built with: older ones came with
   * drivers that it cannot use. A toolkit in {@code CUDA_HOME} may have another.
   */
  private static boolean opensSystem() {
    String home = System.getenv("CUDA_HOME");
    return List.of(
            "libcublas.so.13", (home == null ? "/usr/local/cuda" : home) + "/lib64/libcublas.so")
        .stream()
        .anyMatch(CuBlas::opens);
  }
}
