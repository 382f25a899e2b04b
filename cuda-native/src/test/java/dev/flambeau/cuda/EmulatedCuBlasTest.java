package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.cuda.EmulatedProduct.Side;
import dev.flambeau.spi.Kernels;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.commons.JUnitException;
import org.opentest4j.AssertionFailedError;

/**
 * How products call cuBLAS and cuBLASLt: beside an emulated library that refuses what the
 * documentation does not allow, and writes down what it was asked.
 */
class EmulatedCuBlasTest {
  private static final Path RECORD = Path.of(System.getenv("FLAMBEAU_EMULATED_CUBLAS"));
  private static final Path FAILURES = Path.of(RECORD + ".fail");
  private static final int[] DTYPES = {
    Kernels.FLOAT32, Kernels.FLOAT64, Kernels.FLOAT16, Kernels.BFLOAT16
  };

  /** How many calls there were before this test, and what they answered. */
  private int before;

  @BeforeEach
  void start() throws IOException {
    Files.deleteIfExists(FAILURES);
    before = record().size();
  }

  @AfterEach
  void noFailures() throws IOException {
    Files.deleteIfExists(FAILURES);
    CudaKernels.turn(CudaKernels.TF32, 0);
  }

  private static List<String> record() throws IOException {
    return Files.exists(RECORD) ? Files.readAllLines(RECORD) : List.of();
  }

  /** The calls since the test began whose line has this text. */
  private List<String> calls(String text) throws IOException {
    List<String> all = record();
    return all.subList(before, all.size()).stream().filter(line -> line.contains(text)).toList();
  }

  private void count(int expected, String text) throws IOException {
    assertEquals(expected, calls(text).size(), () -> text + ", of " + recordText());
  }

  private String recordText() {
    try {
      return calls("").toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void fail(String function, int status) throws IOException {
    Files.writeString(FAILURES, function + " " + status + "\n");
  }

  // ---- what is asked

  @Test
  void viewsBeginAnywhere() throws IOException {
    int[] offsets = {0, 1, 2, 4, 64};
    for (int dtype : DTYPES) {
      int width = dtype == Kernels.FLOAT64 ? 8 : dtype == Kernels.FLOAT32 ? 4 : 2;
      for (int offset : offsets) {
        before = record().size();
        EmulatedProduct p = new EmulatedProduct(dtype, 6, 5, 7).biased();
        p.left = new Side(offset, offset % 2 == 0, 0);
        p.right = new Side(2 * offset, offset < 2, 1);
        p.biasOffset = offset;
        p.check();
        int promised = Math.min(256, offset == 0 ? 256 : Integer.lowestOneBit(offset) * width);
        int right = Math.min(256, 2 * promised);
        boolean fused = promised >= 16; // a bias that begins anywhere else may trap
        String expected =
            String.format(Locale.ROOT, "align=%d,%d,256,%d ", right, promised, promised);
        count(fused ? 1 : 0, expected);
        count(fused ? 1 : 0, "cublasLtMatmul op");
        p.biasOffset = 0;
        p.check();
        count(1, String.format(Locale.ROOT, "align=%d,%d,256,256 ", right, promised));
      }
    }
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 9, 8, 7).biased();
    p.resultOffset = 3;
    p.check();
    count(1, "align=256,256,4,4 ");
    count(0, "-> 7");
  }

  @Test
  void everySideOfEveryType() throws IOException {
    for (int dtype : DTYPES) {
      for (int form = 0; form < 16; form++) {
        for (int[] s : new int[][] {{5, 6, 7}, {1, 6, 7}, {5, 1, 7}, {5, 6, 1}, {1, 1, 1}}) {
          EmulatedProduct p = new EmulatedProduct(dtype, s[0], s[1], s[2]);
          p.left = new Side(form % 3, (form & 1) != 0, form & 4);
          p.right = new Side(0, (form & 2) != 0, form & 4);
          p.resultGap = form & 8;
          p.check();
          p.biased().check();
        }
      }
    }
    count(0, "-> 7");
    count(0, "-> 15");
    count(4 * 16 * (5 + 4), "cublasGemmEx op"); // rows, columns and single elements: not cuBLASLt
    count(4 * 16, "cublasLtMatmul op");
  }

  @Test
  void batches() throws IOException {
    for (int dtype : DTYPES) {
      for (int repeated = 0; repeated < 3; repeated++) {
        EmulatedProduct p = new EmulatedProduct(dtype, 4, 8, 6);
        p.batch = 5;
        p.left = new Side(1, true, repeated == 1 ? -1 : 0);
        p.right = new Side(0, false, repeated == 2 ? -1 : 0);
        p.check();
        p.activation = Kernels.RELU;
        p.biased().check();
      }
    }
    count(4 * 3 * 2, "cublasGemmStridedBatchedEx op");
    count(4 * 3 * 2, "batch=5");
    count(0, "-> 7");
    count(0, "Lt");
  }

  @Test
  void activationsAreEpilogues() throws IOException {
    for (int activation : new int[] {Kernels.RELU, Kernels.GELU_TANH}) {
      for (boolean biased : new boolean[] {false, true}) {
        int epilogue = (activation == Kernels.RELU ? 2 : 32) + (biased ? 4 : 0);
        for (int dtype : DTYPES) {
          before = record().size();
          EmulatedProduct p = new EmulatedProduct(dtype, 12, 16, 5);
          p.activation = activation;
          (biased ? p.biased() : p).check();
          boolean refused = dtype == Kernels.FLOAT64; // this one has no such epilogue
          count(refused ? 0 : 1, "epilogue=" + epilogue + " -> 0");
          count(refused ? 1 : 0, "cublasGemmEx op");
        }
      }
    }
  }

  @Test
  void whatCuBlasLtDoesNotDoIsDoneAfterwards() throws IOException {
    fail("cublasLtMatmulAlgoGetHeuristic", 15);
    for (int dtype : DTYPES) {
      for (int[] s :
          new int[][] {{3, 2, 4}, {70, 24, 3}, {2, 1000, 3}, {2, 2048, 2}, {300, 7, 2}}) {
        for (int activation : new int[] {0, Kernels.RELU, Kernels.GELU_TANH}) {
          EmulatedProduct p = new EmulatedProduct(dtype, s[0], s[1], s[2]).biased();
          p.activation = activation;
          p.resultGap = s[1] == 24 ? 8 : 0;
          p.biasOffset = s[1] == 1000 ? 1 : 0;
          p.check();
        }
      }
    }
    count(0, "cublasLtMatmul op");
    count(4 * 5 * 3, "cublasGemmEx op");
  }

  @Test
  void halvesAreSummedInFloatAndFloatsAreNotRounded() throws IOException {
    float fine = 1 + 1f / 4096; // TF32 keeps ten bits
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 2, 2, 2);
    p.value = fine;
    assertEquals(2 * (double) fine * fine, p.first(), 1e-6);
    count(1, "type=0 compute=68");
    CudaKernels.turn(CudaKernels.TF32, 1);
    assertEquals(2, p.first());
    assertEquals(2, p.biased().first(), "the plan for TF32 is another");
    count(1, "cublasGemmEx op=00 m=2 n=2 k=2 type=0 compute=77");
    count(1, "compute=77 epilogue=4");
    CudaKernels.turn(CudaKernels.TF32, 0);
    assertEquals(2 * (double) fine * fine, p.first(), 1e-6);
    new EmulatedProduct(Kernels.FLOAT16, 2, 2, 2).check();
    count(1, "type=2 compute=68");
    new EmulatedProduct(Kernels.BFLOAT16, 2, 2, 2).check();
    count(1, "type=14 compute=68");
    new EmulatedProduct(Kernels.FLOAT64, 2, 2, 2).check();
    count(1, "type=1 compute=70");
  }

  @Test
  void workspacesAreThoseOfPyTorch() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 31, 33, 35).biased();
    p.check();
    assertTrue(
        record().contains("cublasSetWorkspace_v2 bytes=" + (2 * 4096 + 8 * 16) * 1024 + " -> 0"));
    count(1, "workspace=" + (1 << 20));
  }

  @Test
  void plansAreKeptAndGivenBack() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 17, 18, 19).biased();
    for (int i = 0; i < 3; i++) {
      p.check();
      p.biasOffset += 64; // as well aligned, elsewhere
    }
    count(1, "AlgoGetHeuristic");
    count(3, "cublasLtMatmul op");
    for (int m = 2; m < 1200; m++) {
      new EmulatedProduct(Kernels.FLOAT32, m, 2, 2).biased().first();
    }
    int most = 0;
    for (String line : calls("living=")) {
      most =
          Math.max(
              most, Integer.parseInt(line.replaceFirst(".*living=", "").replaceFirst(" .*", "")));
    }
    assertTrue(most > 1000 && most <= 4 * 1000 + 5, "at most " + most + " objects at a time");
    p.check();
  }

  @Test
  void threadsShareAHandle() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int seed = t;
        Callable<Void> body =
            () -> {
              EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 8, 8, 8).biased();
              p.biasOffset = 64 * seed;
              for (int i = 0; i < 100; i++) {
                p.seed = seed * 1000 + i;
                p.check();
              }
              return null;
            };
        running.add(pool.submit(body));
      }
      for (Future<?> f : running) {
        f.get();
      }
    } finally {
      pool.shutdownNow();
    }
    count(400, "cublasLtMatmul op");
  }

  // ---- when it fails

  @Test
  void aFailureHasItsName() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5);
    fail("cublasGemmEx", 13);
    assertNotEquals(Kernels.OK, p.run());
    String message = p.kernels.lastError();
    assertTrue(
        message.startsWith(
            "matmul: cuBLAS answers CUBLAS_STATUS_EXECUTION_FAILED (13) to (3, 5) by (5, 4)"),
        message);
    fail("cublasGemmEx", 7);
    assertNotEquals(Kernels.OK, p.run());
    message = p.kernels.lastError();
    assertTrue(message.contains("CUBLAS_STATUS_INVALID_VALUE"), message);
    noFailures();
    p.check();
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
    Files.delete(FAILURES);
    p.check();
    count(2, "cublasGemmEx op");
  }

  // ---- which library it is: a choice for the life of a process

  @Test
  void theReportSaysWhoMultiplies() {
    new EmulatedProduct(Kernels.FLOAT32, 2, 2, 2).check();
    String report = new CudaBackend().kernels(0).describe();
    String expected =
        "BLAS: cuBLAS from "
            + System.getProperty("flambeau.cublas")
            + ", with cuBLASLt, version 13.1.0";
    assertTrue(report.endsWith(expected), report);
  }

  @Test
  void otherLibraries(@TempDir Path folder) throws Exception {
    Path cublas = Path.of(System.getProperty("flambeau.cublas"));
    Path alone = Files.copy(cublas, folder.resolve("libcublas.so"));
    program(alone, "", "BLAS: cuBLAS from " + alone + ", without cuBLASLt, version 13.1.0", 3, 0);
    Path wrong = cublas.resolveSibling("libcublasLt.so");
    program(wrong, "", "our own kernels (" + wrong + " lacks functions of cuBLAS", 0, 0);
    program(folder.resolve("libnone.so"), "", "our own kernels (cuBLAS did not load: ", 0, 0);
    program(Path.of("none"), "", "BLAS: our own kernels (no cuBLAS)", 0, 0);
    program(cublas, "cublasCreate_v2 1", "does not start: CUBLAS_STATUS_NOT_INITIALIZED)", 0, 0);
    program(cublas, "cublasLtCreate 1", "with cuBLASLt, version 13.1.0", 3, 0);
    program(cublas, "", "with cuBLASLt, version 13.1.0", 1, 2);
  }

  /** Another process, which multiplies, with that library; and how often it called it. */
  private static void program(Path cublas, String failure, String report, int blas, int lt)
      throws Exception {
    Path record = Files.createTempFile("cublas", ".txt");
    Files.writeString(Path.of(record + ".fail"), failure + "\n");
    ProcessBuilder builder =
        new ProcessBuilder(
            new File(System.getProperty("java.home"), "bin/java").getPath(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-Dflambeau.cublas=" + cublas,
            "-Dflambeau.cuda.library=" + System.getProperty("flambeau.cuda.library"),
            "-cp",
            classPath(),
            Program.class.getName());
    builder.environment().put("FLAMBEAU_EMULATED_CUBLAS", record.toString());
    // a stream that lags behind, and memory that only its work may touch
    builder.environment().put("FLAMBEAU_EMULATED_DEFER", "0");
    builder.environment().remove("FLAMBEAU_EMULATED_OPEN");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("before: ") && output.contains("to be chosen"), output);
    assertTrue(output.contains(report), output);
    List<String> calls = Files.readAllLines(record);
    assertEquals(blas, calls.stream().filter(c -> c.startsWith("cublasGemmEx")).count(), output);
    assertEquals(lt, calls.stream().filter(c -> c.startsWith("cublasLtMatmul op")).count());
    Files.delete(record);
    Files.delete(Path.of(record + ".fail"));
  }

  /** Where the classes lie that a program needs: runners have loaders of their own. */
  private static String classPath() throws Exception {
    Set<String> places = new LinkedHashSet<>();
    for (Class<?> c :
        List.of(
            Program.class,
            CudaBackend.class,
            Kernels.class,
            Loader.class,
            Assertions.class,
            AssertionFailedError.class,
            JUnitException.class)) {
      places.add(Path.of(c.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(File.pathSeparator, places);
  }

  /** Three products: plain, with a bias, with a bias and an activation. */
  public static final class Program {
    /** Prints who multiplies before the first product, and after the last. */
    public static void main(String[] args) {
      System.out.println("before: " + new CudaBackend().kernels(0).describe());
      new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).check();
      EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 3, 4, 5).biased();
      p.check();
      p.activation = Kernels.RELU;
      p.check();
      System.out.println("after: " + p.kernels.describe());
    }
  }
}
