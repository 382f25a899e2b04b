package dev.flambeau.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.bench.gpu.GpuLine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the scripts of the bundle and the POMs name is there: the scripts run for minutes on
 * somebody else's machine, where a class that has another name now would cost the lot.
 */
@EnabledOnOs(OS.LINUX)
class BundleTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path SCRIPTS = ROOT.resolve("cuda-native/src/bundle");

  /** Java's own, JavaCPP's, and cuBLASLt's. */
  private static final Set<String> FOREIGN =
      Set.of(
          "java.awt.headless",
          "org.bytedeco.javacpp.cachedir",
          "CLASSPATH",
          "CUBLASLT_LOG_LEVEL",
          "CUBLASLT_LOG_FILE",
          "LD_PRELOAD",
          "ASAN_OPTIONS");

  /** By their paths from src/main/java, or the like: what is compiled. */
  private static final Map<String, String> JAVA = new HashMap<>();

  private static final StringBuilder NATIVE = new StringBuilder();

  @TempDir private static Path out;

  /** What a script would do: one command a line, unquoted. */
  private static List<String> dryRun(String script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("bash", SCRIPTS.resolve(script).toString(), "--dry-run"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("OUT", out.resolve("results").toString());
    builder.environment().put("FLAMBEAU_CUBLAS", "/lib/libcublas.so.13");
    builder.environment().put("FLAMBEAU_CUDA_LIBRARY", "/lib/libjniflambeau_cuda.so");
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    return text.replace("\\", "").lines().toList();
  }

  private static final List<String> COMMANDS = new ArrayList<>();

  @BeforeAll
  static void read() throws Exception {
    for (Path pom : poms()) {
      for (String kind : List.of("main", "test", "parity")) {
        Path top = pom.resolveSibling("src/" + kind + "/java");
        for (Path file : files(top, ".java")) {
          JAVA.put(top.relativize(file).toString(), Files.readString(file));
        }
      }
    }
    for (String folder : List.of("src/cuda", "tests/cuda_emulator")) {
      for (Path file : files(ROOT.resolve("native-src").resolve(folder), "")) {
        NATIVE.append(Files.readString(file));
      }
    }
    COMMANDS.addAll(dryRun("lease", "first"));
    COMMANDS.addAll(dryRun("lease", "--bundle", "b.tar.gz", "again", "Matrix async-Axis", "ops"));
    for (String what : List.of("report", "test", "bench", "jmh", "sanitize", "all")) {
      COMMANDS.addAll(dryRun("run", what));
    }
  }

  private static List<Path> files(Path top, String end) throws IOException {
    if (!Files.isDirectory(top)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(top)) {
      return all.filter(f -> Files.isRegularFile(f) && f.toString().endsWith(end)).toList();
    }
  }

  /** Of all modules, also those that a profile adds. */
  private static List<Path> poms() throws IOException {
    List<Path> poms =
        files(ROOT, "/pom.xml").stream()
            .filter(p -> !ROOT.relativize(p).toString().matches("(.*/)?(target|src)/.*"))
            .toList();
    for (String module : List.of("cli", "native-src/tools", "bench/peers/djl")) {
      assertTrue(poms.contains(ROOT.resolve(module).resolve("pom.xml")), poms.toString());
    }
    return poms;
  }

  private static Set<String> found(String regex, Iterable<String> texts) {
    Set<String> found = new TreeSet<>();
    for (String text : texts) {
      Matcher matcher = Pattern.compile(regex).matcher(text);
      while (matcher.find()) {
        found.add(matcher.group(1));
      }
    }
    return found;
  }

  private static String source(String name) {
    String text = JAVA.get(name.replace('.', '/') + ".java");
    assertTrue(text != null, "there is no class " + name);
    return text;
  }

  /** One of ours, or a program of the build. */
  private static void isProgram(String name) throws IOException {
    Path tool = ROOT.resolve("native-src/tools/" + name + ".java");
    String text = Files.exists(tool) ? Files.readString(tool) : source(name);
    assertTrue(text.contains("public static void main(String"), name + " is no program");
  }

  private static boolean reads(String text) {
    if (text.equals("flambeau.cpu.library")) { // put together in NativeLibrary
      return source("dev.flambeau.internal.natives.NativeLibrary").contains("+ \".library\"");
    }
    String quoted = '"' + text + '"';
    return NATIVE.indexOf("getenv(" + quoted) >= 0
        || NATIVE.indexOf("number(" + quoted) >= 0
        || JAVA.values().stream().anyMatch(s -> s.contains(quoted));
  }

  private static void known(Set<String> names) {
    names.removeAll(FOREIGN);
    assertFalse(names.isEmpty());
    names.removeIf(BundleTest::reads);
    assertEquals(Set.of(), names, "nobody reads these properties or variables");
  }

  // ---- commands

  @Test
  void selectedTestsAreThere() {
    Set<String> selected = found("--select-class=(\\S+)", COMMANDS);
    assertTrue(selected.size() >= 16, selected.toString());
    for (String name : selected) {
      String[] parts = name.split("\\$");
      String text = source(parts[0]);
      assertTrue(text.contains("@Test") || text.contains("@Nested"), name + " has no tests");
      assertTrue(
          parts.length == 1 || text.contains("@Nested\n  class " + parts[1] + " "),
          "there is no class " + name);
    }
  }

  /** Each class of the contract has a JVM of its own: a new one too. */
  @Test
  void theWholeContractIsRun() throws Exception {
    String contract = "dev.flambeau.spi.contract.KernelsContract";
    Set<String> nested = found("@Nested\\s+class (\\w+)", List.of(source(contract)));
    for (List<String> commands : List.of(dryRun("lease", "first"), dryRun("run", "test"))) {
      for (String name : nested) {
        String of = "--select-class=" + contract + "$" + name + " ";
        String to = "/logs/contract-" + name + ".txt 2>&1";
        assertEquals(
            1,
            commands.stream().filter(c -> c.contains(of) && c.endsWith(to)).count(),
            "runs of " + name);
      }
    }
  }

  @Test
  void programsAreThere() throws Exception {
    Set<String> programs = found(" (dev\\.flambeau\\.[\\w.]+)(?= )", COMMANDS);
    assertTrue(programs.size() >= 7, programs.toString());
    for (String name : programs) {
      isProgram(name);
      List<String> options = new ArrayList<>();
      for (String command : COMMANDS) {
        if (command.contains(" " + name + " ")) {
          options.add(command.substring(command.indexOf(" " + name + " ")));
        }
      }
      for (String option : found(" (--[a-z-]+)", options)) {
        assertTrue(reads(option), name + " has no option " + option);
      }
    }
    for (String name : found("=(dev\\.flambeau\\.[\\w.]+)", COMMANDS)) {
      source(name); // one that a property names
    }
    // Others' come with jars that filesArePacked looks for. JUnit's console is not on our class
    // path.
    Set<String> foreign = found(" (org\\.[a-z.]+\\.[A-Z]\\w+)(?= )", COMMANDS);
    assertTrue(foreign.remove("org.junit.platform.console.ConsoleLauncher"), foreign.toString());
    assertFalse(foreign.isEmpty());
    for (String name : foreign) {
      Class.forName(name, false, BundleTest.class.getClassLoader());
    }
  }

  /** Where a script spells a class out, on whatever way to it: also what no dry run comes to. */
  @Test
  void scriptsNameClassesThatAreThere() throws IOException {
    List<Path> scripts = new ArrayList<>(files(SCRIPTS, ""));
    for (String script : List.of("cuda-native/bundle", "bench/run", "flambeau")) {
      scripts.add(ROOT.resolve(script));
    }
    Set<String> names = new TreeSet<>();
    for (Path script : scripts) {
      names.addAll(classes(Files.readString(script)));
    }
    names.forEach(BundleTest::source);
    assertTrue(names.size() >= 12, names.toString());
  }

  private static Set<String> classes(String text) {
    return found("\\b(dev\\.flambeau\\.(?:[a-z]\\w*\\.)*[A-Z]\\w*)", List.of(text));
  }

  @Test
  void propertiesAndVariablesAreRead() {
    known(found("-D([\\w.]+)=", COMMANDS));
    known(found("(?:^| )([A-Z][A-Z0-9_]+)=", COMMANDS));
  }

  @Test
  void javaKnowsItsOptions() throws Exception {
    Set<String> options = found(" (-X\\S+|--enable-native-access=\\S+)", COMMANDS);
    assertTrue(options.size() >= 4, options.toString());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-version");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  /** Below the bundle's folder: what the packing script puts there. */
  @Test
  void filesArePacked() throws IOException {
    String bundle = Files.readString(ROOT.resolve("cuda-native/bundle"));
    for (String file : found(SCRIPTS + "/([\\w.]+(?:/\\w+)?)", COMMANDS)) {
      String top = file.replaceAll("/.*", "");
      switch (top) {
        case "logs" ->
            assertTrue(COMMANDS.get(1).startsWith("mkdir ") && COMMANDS.get(1).contains(top));
        case "classes" -> assertTrue(bundle.contains("\"$to/" + file + "\""), file);
        case "lib", "java" -> assertTrue(bundle.contains("\"$to/" + top), file);
        default -> assertTrue(bundle.contains("/" + top + " "), file + " is not packed");
      }
    }
    for (String file : found("cp (?:-r )?([\\w./-]+/src/\\S+)", List.of(bundle))) {
      assertTrue(Files.exists(ROOT.resolve(file)), file);
    }
    for (Path file : files(SCRIPTS, "")) {
      String all = found("src/bundle/\\{([\\w.,]+)}", List.of(bundle)).toString();
      assertTrue(all.contains(file.getFileName().toString()), file + " is not packed");
    }
    assertTrue(bundle.contains(":junit-platform-console-standalone:"));
    assertTrue(bundle.contains(":jmh-core:"));
  }

  @Test
  void linesAreThere() {
    Set<String> chosen = found("--only (\\S+)", COMMANDS);
    assertEquals(2, chosen.size(), chosen.toString());
    for (String only : chosen) {
      for (String part : only.split("\\|")) {
        assertTrue(
            GpuLine.ALL.stream().anyMatch(l -> Pattern.compile(part).matcher(l.name()).find()),
            "no line has " + part + " in its name");
      }
    }
  }

  // ---- what people read

  /** The variables that the scripts read are those that their first lines tell of. */
  @Test
  void variablesAreDescribed() throws IOException {
    Set<String> read = new TreeSet<>();
    Set<String> told = new TreeSet<>();
    for (Path file : files(SCRIPTS, "")) {
      String text = Files.readString(file);
      read.addAll(found("\\$\\{?([A-Z][A-Z_]{2,})", List.of(text)));
      String first = text.substring(0, text.indexOf("\nset -u") + 1);
      told.addAll(
          found(
              "\\b((?:FLAMBEAU|BENCH|CUDA|FASHION)(?:_[A-Z]+)+|OUT|END|TMPDIR)\\b",
              List.of(first)));
    }
    read.remove("SECONDS");
    assertEquals(told, read);
  }

  @Test
  void aWrongSuiteIsToldAtOnce() throws Exception {
    Process process =
        new ProcessBuilder("bash", SCRIPTS.resolve("lease").toString(), "again", "Matrices")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(2, process.waitFor(), said);
    assertTrue(said.contains("there is no suite Matrices, but contract-Pointwise"), said);
  }

  // ---- POMs

  @Test
  void whatPomsNameIsThere() throws IOException {
    Set<String> names = new TreeSet<>();
    Set<String> programs = new TreeSet<>();
    for (Path pom : poms()) {
      String text = Files.readString(pom);
      List<String> texts = List.of(text);
      for (String pattern : found("<(?:in|ex)clude>(dev/flambeau/[\\w/*]+(?:\\.java)?)</", texts)) {
        if (pattern.contains("-*")) {
          continue; // a platform's folder of libraries
        }
        var matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        assertTrue(
            JAVA.keySet().stream()
                .map(name -> pattern.endsWith(".java") ? name : name.replace(".java", ""))
                .anyMatch(name -> matcher.matches(Path.of(name))),
            pom + ": nothing is " + pattern);
      }
      classes(text).forEach(BundleTest::source);
      programs.addAll(found("<mainClass>\\s*([\\w.$]+)\\s*<", texts));
      programs.addAll(found("\\bclassname=\"([\\w.$]+)\"", texts));
      for (String list :
          found("<javac srcdir=\"\\$\\{flambeau.tools}\" includes=\"(.*?)\"", texts)) {
        for (String pattern : list.split(",")) {
          var matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
          assertTrue(
              files(ROOT.resolve("native-src/tools"), ".java").stream()
                  .anyMatch(file -> matcher.matches(file.getFileName())),
              pom + ": nothing is " + pattern);
        }
      }
      for (String path : found("\\$\\{project\\.basedir}/([\\w./-]+)", texts)) {
        Path file = pom.resolveSibling(path).normalize();
        assertTrue(path.contains("target/") || Files.exists(file), pom + " names " + path);
      }
      for (String block : found("(?s)<systemPropertyVariables>(.*?)</systemPropertyV", texts)) {
        names.addAll(found("<([\\w.]+)>", List.of(block)));
      }
      for (String block : found("(?s)<environmentVariables>(.*?)</environmentV", texts)) {
        names.addAll(found("<(\\w+)>", List.of(block)));
      }
    }
    assertTrue(programs.containsAll(Set.of("dev.flambeau.cli.Main", "NativeBuild")), "" + programs);
    for (String name : programs) {
      isProgram(name);
    }
    assertTrue(names.contains("flambeau.cuda.sync"), names.toString());
    known(names);
  }
}
