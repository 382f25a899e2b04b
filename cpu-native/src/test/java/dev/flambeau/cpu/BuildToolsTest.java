package dev.flambeau.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checks of the build (native-src/tools) find what they are there for. */
class BuildToolsTest {
  private static final Path TOOLS = Path.of("target", "tools");

  @TempDir private Path folder;

  // ---- counts of tests

  private record Answer(int status, String text) {}

  private Answer count(String mode, String chosen) throws Exception {
    return run(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        TOOLS.toString(),
        "TestCounts",
        folder.toString(),
        mode,
        chosen);
  }

  private static Answer run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), text);
  }

  private void report(String execution, String type, int tests) throws IOException {
    Path file = folder.resolve("target/surefire-reports/" + execution + "/TEST-" + type + ".xml");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"%s\" time=\"1,000.5\""
                .formatted(type)
            + " tests=\"%d\" errors=\"0\" skipped=\"0\"/>\n".formatted(tests));
  }

  @BeforeEach
  void someTestsRan() throws Exception {
    Files.createDirectories(folder.resolve("src/test"));
    report("default-test", "a.OneTest", 3);
    report("default-test", "a.OtherTest", 20);
    report("best", "a.OneTest", 3);
    assertEquals(0, count("write", "").status);
    assertEquals(new Answer(0, ""), count("check", ""));
  }

  private void fails(String... parts) throws Exception {
    Answer answer = count("check", "${test}");
    assertEquals(1, answer.status);
    for (String part : parts) {
      assertTrue(answer.text.contains(part), answer.text);
    }
  }

  @Test
  void aTestThatIsGoneIsMissed() throws Exception {
    report("default-test", "a.OtherTest", 19);
    fails(
        "default-test ran 19 tests of a.OtherTest, listed are 20",
        "mvn verify -Dflambeau.counts=write");
  }

  @Test
  void aClassThatIsGoneIsMissed() throws Exception {
    Files.delete(folder.resolve("target/surefire-reports/default-test/TEST-a.OneTest.xml"));
    fails("default-test did not run a.OneTest, of which 3 tests are listed");
  }

  @Test
  void anExecutionThatRanNothingIsMissed() throws Exception {
    Files.delete(folder.resolve("target/surefire-reports/best/TEST-a.OneTest.xml"));
    fails("best ran no test at all");
  }

  @Test
  void whatIsNewHasToBeListed() throws Exception {
    report("best", "a.NewTest", 1);
    fails("best ran a.NewTest, which is not listed: 1 tests");
    assertEquals(0, count("write", "").status);
    assertEquals(new Answer(0, ""), count("check", ""));
  }

  @Test
  void testsChosenByHandAreNotCounted() throws Exception {
    report("default-test", "a.OtherTest", 1);
    Answer answer = count("check", "OtherTest${groups}");
    assertEquals(0, answer.status);
    assertTrue(answer.text.contains("not counted"), answer.text);
  }

  // ---- weak symbols

  private void checkWeakSymbols(Map<Path, String> units) throws Throwable {
    try (URLClassLoader loader = new URLClassLoader(new URL[] {TOOLS.toUri().toURL()})) {
      Method check =
          loader.loadClass("WeakSymbols").getDeclaredMethod("check", String.class, Map.class);
      check.setAccessible(true);
      check.invoke(null, "nm", units);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Path compile(String source) throws Exception {
    assumeTrue(
        System.getProperty("os.name").equals("Linux"), "objects are looked at on Linux only");
    Path file = folder.resolve("unit.cpp");
    Path object = folder.resolve("unit.v3.o");
    Files.writeString(file, source);
    List<String> command =
        new ArrayList<>(List.of("g++", "-O1", "-c", file.toString(), "-o", object.toString()));
    Answer answer = run(command.toArray(String[]::new));
    assertEquals(0, answer.status, answer.text);
    return object;
  }

  private static final String KERNEL =
      "namespace flambeau { namespace v3 { int kernel(int x) { return x; } } }\n";

  @Test
  void whatTheLinkerMayTakeForAllIsFound() throws Throwable {
    checkWeakSymbols(Map.of(compile(KERNEL), "v3"));
    String shared =
        "template <class T> __attribute__((noinline)) T shared(T x) { return x * x; }\n"
            + "int user(int x) { return shared(x); }\n";
    Path stranger = compile(KERNEL + shared);
    IOException e = assertThrows(IOException.class, () -> checkWeakSymbols(Map.of(stranger, "v3")));
    assertTrue(e.getMessage().contains("unit.v3.o: _Z6sharedIiET_S0_"), e.getMessage());
  }

  @Test
  void anObjectWithoutKernelsIsNoProof() throws Throwable {
    Path object = compile(KERNEL);
    assertThrows(IOException.class, () -> checkWeakSymbols(Map.of()));
    assertThrows(IOException.class, () -> checkWeakSymbols(Map.of(object, "v4")));
    assertThrows(
        IOException.class, () -> checkWeakSymbols(Map.of(folder.resolve("nothing.o"), "v3")));
  }
}
