import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.bytedeco.javacpp.tools.Builder;

/**
 * Builds the native library of the CPU backend with nothing but a C++ compiler: {@code java -cp
 * CLASSPATH NativeBuild.java BASEDIR PLATFORM}. Maven runs it on every build; what is current by
 * content (command line, source, headers) is left alone, so a build without changes takes no
 * compiler at all.
 */
public final class NativeBuild {
  private static final String LIBRARY = "jniflambeau_cpu";

  private final String platform;
  private final Path base;
  private final Path sources;
  private final Path classes;
  private final Path work;
  private final Path nativeJar;

  private NativeBuild(Path base, String platform) {
    this.platform = platform;
    this.base = base;
    sources = base.resolveSibling("native-src");
    classes = base.resolve("target/classes");
    work = base.resolve("target/native");
    nativeJar = base.resolve("target/native-jar");
  }

  public static void main(String[] args) throws Exception {
    new NativeBuild(Path.of(args[0]).toRealPath(), args[1]).run();
  }

  private void run() throws Exception {
    String abi = stamp(sources.resolve("include/flambeau.h"));
    Path packaged = Path.of("dev", "flambeau", "cpu");
    write(classes.resolve(packaged).resolve("abi.properties"), "abi=" + abi + "\n");

    Path glue = work.resolve("glue");
    generateGlue(glue, classes.resolve(packaged));

    List<Task> tasks = new ArrayList<>();
    for (Path source : list(sources.resolve("src/cpu"), ".cpp")) {
      List<String> flags = new ArrayList<>(kernelFlags());
      flags.add("-DFL_ABI_HASH=0x" + abi + "ULL");
      tasks.add(new Task(source, objectOf(sources.relativize(source)), flags));
    }
    Path wrapper = base.resolve("src/native/glue.cpp");
    tasks.add(new Task(wrapper, objectOf(wrapper.getFileName()), glueFlags(glue)));
    boolean changed = compile(tasks);

    Path library = work.resolve(fileName());
    List<String> link = linkCommand(library, tasks);
    Path linked = work.resolve("link.key");
    String key = String.join(" ", link);
    if (changed || !Files.exists(library) || !key.equals(readIfThere(linked))) {
      System.out.println("linking " + library.getFileName());
      execute(link);
      write(linked, key);
    }
    copy(library, classes.resolve(packaged).resolve(platform));
    copy(library, nativeJar.resolve(packaged).resolve(platform));
    buildNativeJar();
  }

  // ------------------------------------------------------------------------------------- commands

  private boolean is(String system) {
    return platform.startsWith(system);
  }

  private static String compiler() {
    String cxx = System.getenv("CXX");
    return cxx == null || cxx.isBlank() ? "g++" : cxx;
  }

  private String fileName() {
    return is("windows") ? LIBRARY + ".dll" : "lib" + LIBRARY + (is("macosx") ? ".dylib" : ".so");
  }

  /** Kernels choose their instruction set by pragma; see docs/architecture.md for the flags. */
  private List<String> kernelFlags() {
    return words(
        "-std=c++17 -O3 -fno-math-errno -fno-trapping-math -ffp-contract=fast -fvisibility=hidden"
            + " -pthread -Wall -Wextra -Wno-psabi "
            + (is("windows") ? "" : "-fPIC ")
            + "-I"
            + sources.resolve("include")
            + " -I"
            + sources.resolve("src"));
  }

  /** JavaCPP writes this code: its warnings are not ours. */
  private List<String> glueFlags(Path glue) {
    Path jdk = Path.of(System.getProperty("java.home"), "include");
    String system = is("windows") ? "win32" : is("macosx") ? "darwin" : "linux";
    return words(
        "-std=c++17 -O2 -fvisibility=hidden -pthread -w "
            + (is("windows") ? "" : "-fPIC ")
            + "-I"
            + sources.resolve("include")
            + " -I"
            + glue
            + " -I"
            + jdk
            + " -I"
            + jdk.resolve(system));
  }

  /** The C++ runtime is linked in, so that the jar also serves systems with an older one. */
  private List<String> linkCommand(Path library, List<Task> tasks) {
    List<String> command =
        new ArrayList<>(List.of(compiler(), "-shared", "-o", library.toString()));
    tasks.forEach(task -> command.add(task.object().toString()));
    if (is("linux")) {
      command.addAll(
          words(
              "-s -static-libgcc -static-libstdc++ -pthread -Wl,--no-undefined -Wl,--version-script="
                  + base.resolve("src/native/exports.map")
                  + " -ldl"));
    } else if (is("macosx")) {
      command.addAll(words("-Wl,-exported_symbol,_Java_* -Wl,-exported_symbol,_fl_abi"));
    } else {
      command.addAll(words("-static -static-libgcc -static-libstdc++"));
    }
    return command;
  }

  private Path objectOf(Path source) {
    return work.resolve("objects").resolve(source + ".o");
  }

  private static List<String> words(String line) {
    return Arrays.asList(line.trim().split(" +"));
  }

  // ------------------------------------------------------------------------------------- steps

  /** JavaCPP reads the native methods of the compiled classes and writes the C++ between. */
  private void generateGlue(Path glue, Path packaged) throws Exception {
    StringBuilder content = new StringBuilder();
    for (Path type : list(packaged, ".class")) {
      content.append(type.getFileName()).append(' ').append(hash(Files.readAllBytes(type)));
    }
    content.append(Builder.class.getProtectionDomain().getCodeSource().getLocation());
    Path key = work.resolve("glue.key");
    if (content.toString().equals(readIfThere(key)) && !list(glue, ".cpp").isEmpty()) {
      return;
    }
    Files.createDirectories(glue);
    new Builder()
        .classesOrPackages("dev.flambeau.cpu.CpuKernels", "dev.flambeau.cpu.CpuMemory")
        .property("platform", platform)
        .outputDirectory(glue.toFile())
        .compile(false)
        .deleteJniFiles(false)
        .build();
    write(key, content.toString());
  }

  /** Compiles what is not current, as many at a time as there are processors. */
  private static boolean compile(List<Task> tasks) throws IOException, InterruptedException {
    List<Task> stale = new ArrayList<>();
    for (Task task : tasks) {
      if (!task.isCurrent()) {
        stale.add(task);
      }
    }
    if (stale.isEmpty()) {
      System.out.println("native library: nothing to compile");
      return false;
    }
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (Task task : stale) {
        running.add(
            pool.submit(
                () -> {
                  task.compile();
                  return null;
                }));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } finally {
      pool.shutdownNow();
    }
    return true;
  }

  /**
   * The module of the jar with the classifier: it brings the native jars of JavaCPP and OpenBLAS
   * along.
   */
  private void buildNativeJar() throws IOException {
    String module = platform.replace('-', '.');
    boolean changed = !Files.exists(nativeJar.resolve("module-info.class"));
    Path generated = work.resolve("native-jar");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--release", "17", "-Xlint:all,-module,-path", "-d", nativeJar.toString(), "-p"));
    arguments.add(System.getProperty("java.class.path"));
    for (Path template : list(base.resolve("src/native/jar"), ".in")) {
      String name = template.getFileName().toString().replace(".in", "");
      Path target = generated.resolve(name);
      changed |=
          write(
              target,
              Files.readString(template)
                  .replace("${platform}", platform)
                  .replace("${module}", module));
      arguments.add(target.toString());
    }
    write(
        nativeJar.resolve("META-INF/services/dev.flambeau.cpu.NativeJar"),
        "dev.flambeau.cpu." + module + ".Library\n");
    copy(base.resolveSibling("LICENSE"), nativeJar.resolve("META-INF"));
    if (!changed) {
      return;
    }
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, System.out, System.err, arguments.toArray(String[]::new));
    if (status != 0) {
      throw new IOException("the module of the native jar did not compile");
    }
  }

  /**
   * One object file. It is current while its command and every file it was made from are the same.
   */
  private record Task(Path source, Path object, List<String> flags) {

    private Path sibling(String suffix) {
      return object.resolveSibling(object.getFileName() + suffix);
    }

    boolean isCurrent() throws IOException {
      Path key = sibling(".key");
      return Files.exists(object) && Files.exists(key) && Files.readString(key).equals(key());
    }

    void compile() throws IOException, InterruptedException {
      System.out.println("compiling " + source.getFileName());
      Files.createDirectories(object.getParent());
      Files.deleteIfExists(sibling(".key"));
      List<String> command = new ArrayList<>();
      // It remembers objects after "mvn clean" and across clones, where it is installed.
      if (isInstalled("ccache")) {
        command.add("ccache");
      }
      command.addAll(command());
      command.addAll(List.of("-MMD", "-MF", sibling(".d").toString()));
      execute(command);
      write(sibling(".key"), key());
    }

    private List<String> command() {
      List<String> command = new ArrayList<>(List.of(compiler()));
      command.addAll(flags);
      command.addAll(List.of("-c", source.toString(), "-o", object.toString()));
      return command;
    }

    private String key() throws IOException {
      StringBuilder key = new StringBuilder(String.join(" ", command())).append('\n');
      for (Path file : dependencies()) {
        String hash = Files.exists(file) ? hash(Files.readAllBytes(file)) : "gone";
        key.append(hash).append(' ').append(file).append('\n');
      }
      return key.toString();
    }

    /** The source and the headers it read, from the rule for make that the compiler wrote. */
    private List<Path> dependencies() throws IOException {
      String rule = readIfThere(sibling(".d"));
      int colon = rule.indexOf(": ");
      if (colon < 0) {
        return List.of(source);
      }
      return Stream.of(rule.substring(colon + 2).replace("\\\n", " ").trim().split("\\s+"))
          .map(Path::of)
          .toList();
    }
  }

  // ------------------------------------------------------------------------------------- helpers

  /** FNV-1a, 64 bits, of a text file with Unix line ends: the same on every system. */
  private static String stamp(Path header) throws IOException {
    return hash(Files.readString(header).replace("\r\n", "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String hash(byte[] bytes) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return String.format(Locale.ROOT, "%016x", hash);
  }

  private static List<Path> list(Path folder, String suffix) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static String readIfThere(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file) : "";
  }

  /**
   * Writes a file unless it says the same already: dates stay, and with them what was made from it.
   */
  private static boolean write(Path file, String text) throws IOException {
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return false;
    }
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return true;
  }

  private static void copy(Path file, Path folder) throws IOException {
    Path target = folder.resolve(file.getFileName());
    if (!Files.exists(target) || Files.mismatch(file, target) >= 0) {
      Files.createDirectories(folder);
      Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void execute(List<String> command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IOException(
          "no C++ compiler: " + command.get(0) + " cannot be started; install g++, or set CXX", e);
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.print(output);
    if (process.waitFor() != 0) {
      throw new IOException("failed: " + String.join(" ", command) + "\n" + output);
    }
  }
}
