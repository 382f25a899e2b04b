package dev.flambeau.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;

/** The build that made the library under test, run once more. */
class NativeBuildTest {
  @Test
  void whatIsCurrentIsNotCompiledAgain() throws Exception {
    Process build =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path") + File.pathSeparator + "target/tools",
                "NativeBuild",
                ".",
                Loader.getPlatform(),
                "cpu")
            .redirectErrorStream(true)
            .start();
    String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, build.waitFor(), output);
    assertEquals("native library: nothing to compile", output.strip());
  }
}
