package dev.flambeau.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is decided when the library loads, each tried in a Java process of its own. */
class SettingsTest {
  /**
   * Multiplies two matrices that are large enough for BLAS, then prints the answer and what served.
   */
  public static final class Product {
    public static void main(String[] args) {
      int n = 512;
      CpuBackend backend = new CpuBackend();
      Memory memory = backend.memory(0);
      long bytes = (long) n * n * Double.BYTES;
      long a = memory.allocate(bytes);
      long y = memory.allocate(bytes);
      Kernels kernels = backend.kernels(0);
      double[] ones = new double[n * n];
      Arrays.fill(ones, 1);
      memory.upload(a, ones);
      int status =
          kernels.matmul(Kernels.FLOAT64, 0, 1, n, n, n, a, 0, n, 1, a, 0, n, 1, 0, y, 0, n);
      System.out.println("status " + status);
      System.out.println("value " + memory.readDouble(Kernels.FLOAT64, y + bytes - Double.BYTES));
      System.out.println(kernels.describe());
    }
  }

  @ParameterizedTest
  @CsvSource({"v2, ssse3", "v3, avx2", "v4, avx512f"})
  void theInstructionSetCanBeChosen(String isa, String flag) throws Exception {
    Path info = Path.of("/proc/cpuinfo");
    assumeTrue(
        Files.exists(info) && Files.readString(info).contains(flag), "this machine has no " + isa);
    String output = run(Map.of("FLAMBEAU_ISA", isa), List.of());
    assertTrue(output.contains("value 512.0"), output);
    assertTrue(output.contains(isa), output);
  }

  @Test
  void openBlasServesLargeProducts() throws Exception {
    String output = run(Map.of(), List.of());
    assertTrue(output.contains("status 0"), output);
    assertTrue(output.contains("value 512.0"), output);
    assertTrue(output.contains("libopenblas"), output);
  }

  @Test
  void withoutBlasOurOwnKernelsServe() throws Exception {
    String output = run(Map.of(), List.of("-Dflambeau.blas=none"));
    assertTrue(output.contains("status 0"), output);
    assertTrue(output.contains("value 512.0"), output);
    assertFalse(output.contains("libopenblas"), output);
  }

  /**
   * Both devices' libraries have functions of the same names: only JNI's and the hash are exported.
   */
  @Test
  void theLibraryExportsNothingButTheBoundary() throws Exception {
    Path library =
        Path.of("target", "classes", "dev", "flambeau", "cpu", "linux-x86_64")
            .resolve("libjniflambeau_cpu.so");
    assumeTrue(Files.exists(library), "not Linux on x86-64");
    assumeTrue(onPath("nm"), "nm is not installed");
    Process nm =
        new ProcessBuilder("nm", "-D", "--defined-only", library.toString())
            .redirectErrorStream(true)
            .start();
    List<String> other =
        new String(nm.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.substring(line.lastIndexOf(' ') + 1))
            .filter(name -> !name.matches("Java_.*|fl_abi"))
            .toList();
    assertEquals(0, nm.waitFor());
    assertEquals(List.of(), other);
  }

  private static boolean onPath(String program) {
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  private static String run(Map<String, String> environment, List<String> options)
      throws IOException, InterruptedException {
    return run(System.getProperty("java.class.path"), environment, options);
  }

  static String run(String classPath, Map<String, String> environment, List<String> options)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, Product.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }
}
