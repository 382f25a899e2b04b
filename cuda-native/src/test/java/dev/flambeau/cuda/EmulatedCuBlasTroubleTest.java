package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.commons.JUnitException;
import org.opentest4j.AssertionFailedError;

/** When cuBLAS fails, and which library it is: a choice for the life of a process. */
class EmulatedCuBlasTroubleTest extends CuBlasRecord {
  @Test
  void aFailureHasItsName() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5);
    fail("cublasGemmEx", 7);
    assertNotEquals(Kernels.OK, p.run());
    String message = p.kernels.lastError();
    assertTrue(
        message.startsWith(
            "matmul: cuBLAS answers CUBLAS_STATUS_INVALID_VALUE (7) to (3, 5) by (5, 4)"),
        message);
    noFailures();
    p.check();
  }

  @Test
  void cuBlasGetsTheMemoryThatOurCacheHolds() throws IOException {
    Memory memory = new CudaBackend().memory(0);
    for (int status : new int[] {3, 13, 14}) {
      long block = memory.allocate(48 << 20);
      memory.free(block, 48 << 20);
      assertTrue(memory.cachedBytes() >= 48 << 20);
      forget();
      fail("cublasGemmEx", status, 1);
      new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).check();
      count(2, "cublasGemmEx op");
      assertTrue(memory.cachedBytes() < 48 << 20, "the cache was given back");
      fail("cublasGemmEx", status);
      new EmulatedProduct(Kernels.BFLOAT16, 3, 4, 5).biased().check();
      count(0, "cublasLtMatmul -");
    }
    assertTrue(description().contains("left to our own kernels (first: "), description());
  }

  @Test
  void whatCuBlasLtCouldNotDoOnceItIsAskedAgain() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 29, 4, 5).biased();
    for (String function : List.of("cublasLtMatmulAlgoGetHeuristic", "cublasLtMatmul")) {
      fail(function, 3, 1);
      p.check();
      count(1, "cublasGemmEx op");
      p.check();
      count(1, "cublasLtMatmul op");
      forget();
      p = new EmulatedProduct(Kernels.FLOAT32, 31, 4, 5).biased();
    }
  }

  @Test
  void aKernelThatDiedIsNotCuBlassFault() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).biased();
    p.check();
    String left = leftToUs();
    for (int activation : new int[] {0, Kernels.RELU}) {
      p.activation = activation;
      Path fault = Path.of(System.getenv("FLAMBEAU_EMULATED_CONTROL"), "fault");
      Files.createDirectories(fault.getParent());
      p.beforeTheProduct = () -> Files.createFile(fault);
      p.afterTheProduct = () -> Files.delete(fault);
      assertNotEquals(Kernels.OK, p.run());
      String message = p.kernels.lastError();
      assertTrue(message.startsWith("matmul: ") && message.contains("a kernel died"), message);
      p.beforeTheProduct = null;
      p.afterTheProduct = null;
      p.check();
    }
    assertEquals(left, leftToUs(), "our own kernels were not tried on a dead device");
  }

  @Test
  void whatCuBlasLacksOurOwnKernelsHave() throws IOException {
    fail("cublasGemmEx", 15);
    new EmulatedProduct(Kernels.BFLOAT16, 3, 4, 5).check();
    fail("cublasGemmEx", 8);
    new EmulatedProduct(Kernels.BFLOAT16, 1, 4, 5).biased().check();
    count(2, "cublasGemmEx op");
  }

  @Test
  void cuBlasLtMayFailLater() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 23, 4, 5).biased();
    p.check();
    fail("cublasLtMatmul", 15);
    p.check();
    noFailures();
    p.check();
    count(2, "cublasGemmEx op");
  }

  /** How many products cuBLAS has left to our own kernels, as the description says. */
  private static String leftToUs() {
    return description().replaceAll(".*; (\\d+) left to our own.*|.*", "$1");
  }

  private static String description() {
    return new CudaBackend().kernels(0).describe();
  }

  @Test
  void theReportSaysWhoMultipliesAndHow() throws Exception {
    Path cublas = Path.of(System.getProperty("flambeau.cublas"));
    String who = "BLAS: cuBLAS from " + cublas + ", with cuBLASLt, version 13.1.0";
    Output output = new Program(cublas).run();
    assertTrue(output.text.contains("before: ") && output.text.contains("to be chosen"));
    assertTrue(output.text.contains(who + "; bias and activation: 2 fused\n"), output.text);
    output = new Program(cublas, "cublasLtMatmul 15 9").run("what is not fused");
    assertTrue(
        output.text.contains(
            who
                + "; bias and activation: 0 fused, not fused: 1 in a batch, 1 of a row or column,"
                + " 1 with a bias off 16 bytes, 1 with an activation of ours, 1 of 16 bits with"
                + " gaps, 2 refused by cuBLASLt (first: CUBLAS_STATUS_NOT_SUPPORTED (15) to (3, 5)"
                + " by (5, 4), batch 1, float32)\n"),
        output.text);
  }

  @Test
  void otherLibraries(@TempDir Path folder) throws Exception {
    Path cublas = Path.of(System.getProperty("flambeau.cublas"));
    Path alone = Files.copy(cublas, folder.resolve("libcublas.so"));
    new Program(alone).run().says("our own kernels (cuBLAS did not load: libcublasLt.so", 0, 0);
    Path wrong = cublas.resolveSibling("libcublasLt.so");
    new Program(wrong).run().says("our own kernels (" + wrong + " lacks functions of cuBLAS", 0, 0);
    new Program(folder.resolve("libnone.so"))
        .run()
        .says("our own kernels (cuBLAS did not load: ", 0, 0);
    new Program(Path.of("none")).run().says("BLAS: our own kernels (no cuBLAS)", 0, 0);
    new Program(cublas, "cublasCreate_v2 1 9")
        .run()
        .says("does not start: CUBLAS_STATUS_NOT_INITIALIZED)", 0, 0);
    new Program(cublas, "cublasCreate_v2 3 1").run().says("version 13.1.0", 1, 2);
    new Program(cublas, "cublasCreate_v2 3 3").run().says("version 13.1.0", 0, 2);
    new Program(cublas, "cublasLtCreate 1 9")
        .run()
        .says("version 13.1.0; bias and activation: 0 fused, not fused: 2 without", 3, 0);
  }

  @Test
  void thereIsOneCuBlasLt(@TempDir Path folder) throws Exception {
    Path cublas = Path.of(System.getProperty("flambeau.cublas"));
    Path other =
        Files.copy(cublas.resolveSibling("libcublasLt.so"), folder.resolve("libcublasLt.so"));
    Output output = new Program(cublas).with("LD_LIBRARY_PATH", folder.toString()).run();
    output.says("with cuBLASLt", 1, 2);
    assertTrue(output.text.contains("loaded: " + cublas.resolveSibling("libcublasLt.so") + "\n"));
    assertFalse(output.text.contains("loaded: " + other), output.text);
    // and cuBLAS's own where there is none beside it
    Path alone = Files.createDirectory(folder.resolve("alone")).resolve("libcublas.so");
    Files.copy(cublas, alone);
    output = new Program(alone).with("LD_LIBRARY_PATH", folder.toString()).run();
    output.says("with cuBLASLt", 1, 2);
    assertTrue(output.text.contains("loaded: " + other + "\n"), output.text);
  }

  @Test
  void theSystemsCuBlasIsThatOfOurCuda(@TempDir Path folder) throws Exception {
    Path cublas = Path.of(System.getProperty("flambeau.cublas"));
    for (int version : new int[] {12, 13}) {
      for (String name : List.of("libcublas.so", "libcublasLt.so")) {
        Files.copy(cublas.resolveSibling(name), folder.resolve(name + "." + version));
      }
      Output output =
          new Program(Path.of(""))
              .with("LD_LIBRARY_PATH", folder.toString())
              .with("CUDA_HOME", folder.toString())
              .run();
      if (version == 12) {
        output.says("BLAS: our own kernels (cuBLAS did not load: " + folder + "/lib64", 0, 0);
      } else {
        output.says("BLAS: cuBLAS from libcublas.so.13, with cuBLASLt", 1, 2);
      }
    }
  }

  @Test
  void manyInABatch() throws Exception {
    Path cublas = Path.of(System.getProperty("flambeau.cublas"));
    int[][] expected = {{75, 2}, {80, 1}};
    for (int[] row : expected) {
      Output output =
          new Program(cublas)
              .with("FLAMBEAU_EMULATED_CAPABILITY", Integer.toString(row[0]))
              .run("a large batch");
      output.says("cuBLAS from", 0, 0);
      assertEquals(row[1], output.count("cublasGemmStridedBatchedEx"), output.text);
      assertEquals(row[0] < 80 ? 1 : 0, output.count("batch=64512"), output.text);
    }
  }

  @Test
  void anOldDriverIsNamed() throws Exception {
    Output output =
        new Program(Path.of("none")).with("FLAMBEAU_EMULATED_DRIVER", "12080").run("availability");
    assertTrue(
        output.text.contains(
            "the NVIDIA driver serves CUDA 12.8, and this library needs CUDA 13.0: driver 580 or newer"),
        output.text);
  }

  /** What another process printed, and what it asked of cuBLAS. */
  private record Output(String text, List<String> calls) {
    long count(String call) {
      return calls.stream().filter(c -> c.contains(call)).count();
    }

    void says(String report, int blas, int lt) {
      assertTrue(text.contains(report), text);
      assertEquals(blas, count("cublasGemmEx op"), text);
      assertEquals(lt, count("cublasLtMatmul op"), text);
    }
  }

  /** Another process, which multiplies with that library. */
  private static final class Program {
    private final Path cublas;
    private final String failure;
    private final Map<String, String> environment = new HashMap<>();

    Program(Path cublas) {
      this(cublas, "");
    }

    Program(Path cublas, String failure) {
      this.cublas = cublas;
      this.failure = failure;
    }

    Program with(String variable, String value) {
      environment.put(variable, value);
      return this;
    }

    Output run(String... what) throws Exception {
      Path record = Files.createTempFile("cublas", ".txt");
      Path failures = Path.of(record + ".fail");
      Files.writeString(failures, failure + "\n");
      List<String> command =
          new ArrayList<>(
              List.of(
                  new File(System.getProperty("java.home"), "bin/java").getPath(),
                  "-Xshare:auto",
                  "-XX:TieredStopAtLevel=1",
                  "-Dflambeau.cublas=" + cublas,
                  "-Dflambeau.cuda.library=" + System.getProperty("flambeau.cuda.library"),
                  "-cp",
                  classPath(),
                  Multiplications.class.getName()));
      command.addAll(List.of(what));
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      builder.environment().put("FLAMBEAU_EMULATED_CUBLAS", record.toString());
      // a stream that lags behind, and memory that only its work may touch
      builder.environment().put("FLAMBEAU_EMULATED_DEFER", "0");
      builder.environment().remove("FLAMBEAU_EMULATED_OPEN");
      Process process = builder.redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), text);
      Output output = new Output(text, Files.readAllLines(record));
      Files.delete(record);
      Files.delete(failures);
      return output;
    }

    /** Where the classes lie that a program needs: runners have loaders of their own. */
    private static String classPath() throws Exception {
      Set<String> places = new LinkedHashSet<>();
      for (Class<?> c :
          List.of(
              Multiplications.class,
              CudaBackend.class,
              Kernels.class,
              Loader.class,
              Assertions.class,
              AssertionFailedError.class,
              JUnitException.class)) {
        places.add(
            Path.of(c.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
      }
      return String.join(File.pathSeparator, places);
    }
  }

  /**
   * Three products: plain, with a bias, with a bias and an activation; or what else is asked for.
   */
  public static final class Multiplications {
    /** Prints who multiplies before the first product, and after the last. */
    public static void main(String[] args) throws IOException {
      String what = args.length == 0 ? "" : args[0];
      if (what.equals("availability")) {
        System.out.println(new CudaBackend().availability().reason());
        return;
      }
      System.out.println("before: " + description());
      if (what.equals("a large batch")) {
        EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT16, 2, 2, 1);
        p.batch = 65537;
        p.check();
      } else {
        new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).check();
        EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).biased();
        p.check();
        p.activation = Kernels.RELU;
        p.check();
      }
      if (what.equals("what is not fused")) {
        EmulatedProduct batch = new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).biased();
        batch.batch = 2;
        batch.check();
        new EmulatedProduct(Kernels.FLOAT32, 1, 4, 5).biased().check();
        EmulatedProduct off = new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).biased();
        off.biasOffset = 1;
        off.check();
        EmulatedProduct gelu = new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).biased();
        gelu.activation = Kernels.GELU_TANH;
        gelu.check();
        EmulatedProduct gaps = new EmulatedProduct(Kernels.FLOAT16, 3, 4, 5).biased();
        gaps.resultGap = 4;
        gaps.check();
      }
      System.out.println("after: " + description());
      try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
        lines
            .filter(line -> line.contains("libcublasLt"))
            .map(line -> line.substring(line.indexOf('/')))
            .distinct()
            .forEach(path -> System.out.println("loaded: " + path));
      }
    }
  }
}
