package dev.flambeau.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher looks for a driver before it builds for a GPU. Here it finds a system of our own,
 * whose Maven and Java say that they were asked and do nothing.
 */
@EnabledOnOs(OS.LINUX)
class LauncherTest {
  @TempDir private Path home;
  private Path bin;
  private Path root;

  @BeforeEach
  void system() throws IOException {
    bin = Files.createDirectories(home.resolve("bin"));
    root = Files.createDirectories(home.resolve("root"));
    Files.copy(Path.of("../flambeau"), home.resolve("flambeau"));
    for (String tool : List.of("dirname", "grep", "mkdir", "touch", "ls", "find", "cat")) {
      Path real = Path.of("/usr/bin", tool);
      Files.createSymbolicLink(
          bin.resolve(tool), Files.exists(real) ? real : Path.of("/bin", tool));
    }
    program("mvn", "echo mvn \"$@\" >&2");
    program("java", "echo java \"$@\"");
  }

  private void program(String name, String does) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + does + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private String run(int code, String libraries, String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", home.resolve("flambeau").toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("FLAMBEAU_ROOT", root.toString());
    if (libraries != null) {
      builder.environment().put("LD_LIBRARY_PATH", libraries);
    }
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(code, process.waitFor(), said);
    return said;
  }

  private void builds(String libraries) throws Exception {
    Files.deleteIfExists(home.resolve("cli/target/flambeau-cli.jar"));
    String said = run(0, libraries, "train", "--device", "cuda");
    assertTrue(said.contains("building with mvn"), said);
    assertTrue(Files.readString(home.resolve("cli/target/launcher.log")).contains("-Pcuda"));
    assertTrue(said.contains("java -jar ") && said.contains("train --device cuda"), said);
  }

  /** The folders whose newer files make it build again, the module, and the jar. */
  @Test
  void whatItNamesIsThere() throws IOException {
    Path repository = Path.of("..").toAbsolutePath().normalize();
    String launcher = Files.readString(repository.resolve("flambeau"));
    Matcher find = Pattern.compile("&& find (.*?)-newer", Pattern.DOTALL).matcher(launcher);
    assertTrue(find.find());
    List<String> paths = List.of(find.group(1).replace("\\\n", " ").strip().split("\\s+"));
    assertTrue(paths.contains("cli/src/main"), paths::toString);
    for (String path : paths) {
      assertTrue(Files.exists(repository.resolve(path)), "there is no " + path);
    }
    assertTrue(launcher.contains("-pl cli "));
    String pom = Files.readString(repository.resolve("cli/pom.xml"));
    Matcher jar = Pattern.compile("\\$home/cli/target/([\\w-]+)\\.jar").matcher(launcher);
    assertTrue(jar.find() && pom.contains("<finalName>" + jar.group(1) + "</finalName>"));
  }

  @Test
  void withoutADriverItSaysSoAtOnce() throws Exception {
    for (String[] arguments :
        new String[][] {
          {"train", "--device", "cuda"},
          {"train", "--device=cuda:1"},
          {"search", "--device", "cuda:0"}
        }) {
      String said = run(2, null, arguments);
      assertTrue(said.contains("needs an NVIDIA GPU and its driver, version 580 or newer"), said);
      assertTrue(said.contains("leave out --device to compute on the CPU"), said);
      assertEquals(1, said.lines().count(), said);
    }
    assertFalse(Files.exists(home.resolve("cli")), "something was built");
  }

  @Test
  void whoComputesOnTheCpuIsNotAsked() throws Exception {
    run(0, null, "train", "cuda.csv", "--out", "cuda", "--target=cuda");
    run(0, null, "train", "--device", "cuda", "--help");
    assertFalse(Files.readString(home.resolve("cli/target/launcher.log")).contains("-Pcuda"));
  }

  @Test
  void anySignOfADriverIsEnough() throws Exception {
    Path wsl = root.resolve("usr/lib/wsl/lib/libcuda.so.1");
    Files.createDirectories(wsl.getParent());
    Files.createFile(wsl);
    builds(null);
    Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
    Files.move(wsl, elsewhere.resolve("libcuda.so.1"));
    run(2, "/nowhere", "train", "--device", "cuda");
    builds("/nowhere:" + elsewhere);

    Path module = root.resolve("proc/driver/nvidia/version");
    Files.createDirectories(module.getParent());
    Files.createFile(module);
    builds(null);
    Files.delete(module);

    program("nvidia-smi", "exit 0");
    builds(null);
    Files.delete(bin.resolve("nvidia-smi"));

    program("ldconfig", "echo '  libcuda.so.1 (libc6,x86-64) => /lib/libcuda.so.1'");
    builds(null);
    program("ldconfig", "echo '  libcudart.so.13 (libc6,x86-64) => /lib/libcudart.so.13'");
    run(2, null, "train", "--device", "cuda");
  }
}
