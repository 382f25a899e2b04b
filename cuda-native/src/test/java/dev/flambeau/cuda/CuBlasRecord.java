package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What an emulated cuBLAS was asked, and what it is to answer: a record, and wishes. */
abstract class CuBlasRecord {
  private static final Path RECORD = Path.of(System.getenv("FLAMBEAU_EMULATED_CUBLAS"));
  private static final Path FAILURES = Path.of(RECORD + ".fail");

  /** How many calls there were before this test, and what they answered. */
  private int before;

  @BeforeEach
  final void start() throws IOException {
    Files.deleteIfExists(FAILURES);
    forget();
  }

  @AfterEach
  final void noFailures() throws IOException {
    Files.deleteIfExists(FAILURES);
    CudaKernels.turn(CudaKernels.TF32, 0);
    CudaKernels.turn(CudaKernels.OWN_RELU, 0);
    CudaKernels.turn(CudaKernels.OWN_PRODUCTS, 0);
  }

  /** Calls so far are not counted. */
  final void forget() throws IOException {
    before = record().size();
  }

  static List<String> record() throws IOException {
    return Files.exists(RECORD) ? Files.readAllLines(RECORD) : List.of();
  }

  /** The calls since the test began whose line has this text. */
  final List<String> calls(String text) throws IOException {
    List<String> all = record();
    return all.subList(before, all.size()).stream().filter(line -> line.contains(text)).toList();
  }

  final void count(int expected, String text) throws IOException {
    assertEquals(expected, calls(text).size(), () -> text + ", of " + recordText());
  }

  private String recordText() {
    try {
      return calls("").toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Lets a function fail from now on. */
  static void fail(String function, int status) throws IOException {
    fail(function, status, Integer.MAX_VALUE);
  }

  static void fail(String function, int status, int times) throws IOException {
    Files.writeString(FAILURES, function + " " + status + " " + times + "\n");
  }
}
