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
 * Builds a native library with nothing but a compiler: {@code java -cp CLASSPATH NativeBuild.java
 * BASEDIR PLATFORM LIBRARY}, where the library is {@code cpu}, {@code cuda} (with nvcc; without it
 * this says so and makes nothing) or {@code cuda-emulated} (the CUDA kernels on an emulated GPU,
 * for tests). Maven runs it on every build; what is current by content (command line, source,
 * headers) is left alone, so a build without changes takes no compiler at all.
 */
public final class NativeBuild {
  private final String platform;
  private final Path base;
  private final String backend; // the package, and the folder in native-src/src: cpu or cuda
  private final boolean emulated;
  private final Path sources;
  private final Path classes;
  private final Path packaged;
  private final Path work;
  private final Path nativeJar;

  private NativeBuild(Path base, String platform, String library) {
    this.platform = platform;
    this.base = base;
    backend = library.startsWith("cuda") ? "cuda" : "cpu";
    emulated = library.endsWith("-emulated");
    sources = base.resolveSibling("native-src");
    classes = base.resolve("target/classes");
    packaged = Path.of("dev", "flambeau", backend);
    work = base.resolve(emulated ? "target/emulated" : "target/native");
    nativeJar = base.resolve("target/native-jar");
  }

  public static void main(String[] args) throws Exception {
    new NativeBuild(Path.of(args[0]).toRealPath(), args[1], args[2]).run();
  }

  private void run() throws Exception {
    String abi = stamp();
    write(classes.resolve(packaged).resolve("abi.properties"), "abi=" + abi + "\n");
    String nvcc = "";
    if (backend.equals("cuda") && !emulated) {
      nvcc = nvcc();
      if (nvcc == null || !platform.equals("linux-x86_64")) {
        System.out.println(
            nvcc == null
                ? "nvcc was not found (-Dflambeau.nvcc, CUDA_HOME, PATH): no CUDA library is built"
                : "the CUDA library is built for linux-x86_64 only, not for " + platform);
        Files.deleteIfExists(work.resolve("ptxas.txt"));
        return;
      }
    }

    Path glue = work.resolve("glue");
    generateGlue(glue, classes.resolve(packaged));

    List<Task> tasks = new ArrayList<>();
    List<String> flags = new ArrayList<>(emulated ? emulatedFlags() : kernelFlags());
    flags.add("-DFL_ABI_HASH=0x" + abi + "ULL");
    for (Path source : list(sources.resolve("src/" + backend), ".cpp")) {
      tasks.add(new Task(compiler(), source, objectOf(sources.relativize(source)), flags));
    }
    for (Path source : list(sources.resolve("src/cuda"), ".cu")) {
      if (emulated) {
        tasks.add(new Task(compiler(), source, objectOf(sources.relativize(source)), flags));
      } else if (backend.equals("cuda")) {
        tasks.add(new Task(nvcc, source, objectOf(sources.relativize(source)), nvccFlags(abi)));
      }
    }
    for (Path source : list(sources.resolve("src/shared"), ".cpp")) {
      tasks.add(new Task(compiler(), source, objectOf(sources.relativize(source)), kernelFlags()));
    }
    if (emulated) {
      for (String part : List.of("emulator.cpp", "memory.cpp", "runtime.cpp")) {
        Path source = sources.resolve("tests/cuda_emulator").resolve(part);
        tasks.add(new Task(compiler(), source, objectOf(source.getFileName()), emulatorFlags()));
      }
      buildEmulatedBlas();
    }
    Path wrapper = sources.resolve("jni/glue.cpp");
    tasks.add(new Task(compiler(), wrapper, objectOf(wrapper.getFileName()), glueFlags(glue)));
    boolean changed = compile(tasks);
    if (!nvcc.isEmpty()) {
      write(work.resolve("ptxas.txt"), logs(tasks));
    }

    Path library = work.resolve(fileName());
    List<String> link = linkCommand(library, tasks, nvcc);
    Path linked = work.resolve("link.key");
    String key = String.join(" ", link);
    if (changed || !Files.exists(library) || !key.equals(readIfThere(linked))) {
      System.out.println("linking " + library.getFileName());
      execute(link);
      write(linked, key);
    }
    if (!emulated) {
      copy(library, classes.resolve(packaged).resolve(platform));
      copy(library, nativeJar.resolve(packaged).resolve(platform));
      buildNativeJar();
    }
  }

  /** What the emulated GPU's products are handed to: libraries of their own, found at run time. */
  private void buildEmulatedBlas() throws IOException, InterruptedException {
    Path emulators = sources.resolve("tests/cuda_emulator");
    for (String name : List.of("cublasLt", "cublas")) {
      Path source = emulators.resolve(name.toLowerCase(Locale.ROOT) + ".cpp");
      Path object = objectOf(source.getFileName());
      Path library = work.resolve("lib" + name + ".so");
      boolean changed = compile(List.of(new Task(compiler(), source, object, kernelFlags())));
      if (changed || !Files.exists(library)) {
        // as NVIDIA's, the second needs the first, which the loader knows by its name once it is
        // there
        String needed =
            name.equals("cublas") ? " -Wl,--no-as-needed -L" + work + " -lcublasLt" : "";
        String named = " -Wl,-soname,lib" + name + ".so -o " + library + " ";
        execute(words(compiler() + " -shared -s" + named + object + needed + " -lm"));
      }
    }
  }

  // ------------------------------------------------------------------------------------- commands

  private boolean is(String system) {
    return platform.startsWith(system);
  }

  private static String compiler() {
    String cxx = System.getenv("CXX");
    return cxx == null || cxx.isBlank() ? "g++" : cxx;
  }

  /** nvcc as -Dflambeau.nvcc, CUDA_HOME or PATH has it; null: nowhere. */
  private static String nvcc() {
    String given = System.getProperty("flambeau.nvcc", "");
    if (!given.isEmpty()) {
      return given.equals("none") ? null : given;
    }
    String home = System.getenv("CUDA_HOME");
    if (home != null && Files.isExecutable(Path.of(home, "bin", "nvcc"))) {
      return Path.of(home, "bin", "nvcc").toString();
    }
    return isInstalled("nvcc") ? "nvcc" : null;
  }

  private String fileName() {
    String name = "jniflambeau_" + backend;
    return is("windows") ? name + ".dll" : "lib" + name + (is("macosx") ? ".dylib" : ".so");
  }

  /** Kernels choose their instruction set by pragma; see docs/architecture.md for the flags. */
  private List<String> kernelFlags() {
    return words(
        "-std=c++17 -O3 -fno-math-errno -fno-trapping-math -ffp-contract=fast -fvisibility=hidden"
            + " -pthread -Wall -Wextra -Wno-psabi "
            + (is("windows") ? "" : "-fPIC")
            + ourHeaders());
  }

  private String ourHeaders() {
    return " -I" + sources.resolve("include") + " -I" + sources.resolve("src");
  }

  /**
   * Machine code for Turing, Ampere and Hopper, and PTX for what comes after; packed, or it would
   * be eight times as large.
   */
  private List<String> nvccFlags(String abi) {
    return words(
        "-std=c++17 -O3 -diag-suppress 186 --compress-mode=size -Xptxas -v"
            + " -gencode arch=compute_75,code=sm_75 -gencode arch=compute_80,code=sm_80"
            + " -gencode arch=compute_90,code=[sm_90,compute_90]"
            + " -Xcompiler -fPIC,-fvisibility=hidden,-Wall,-Wextra,-Wno-unknown-pragmas"
            + " -DFL_ABI_HASH=0x"
            + abi
            + "ULL"
            + ourHeaders());
  }

  /**
   * The CUDA sources as C++: what they include as the CUDA runtime is the emulated one. A vector
   * read or written where its address does not allow it ends the kernel, as on a GPU. Products and
   * sums become one operation as nvcc makes them, on a machine that has such operations.
   */
  private List<String> emulatedFlags() throws IOException {
    boolean fused = readIfThere(Path.of("/proc/cpuinfo")).contains(" fma ");
    return words(
        "-x c++ -std=c++17 -O1 -fPIC -fvisibility=hidden -pthread -Wall -Wextra"
            + " -fsanitize=alignment,float-cast-overflow -fsanitize-undefined-trap-on-error"
            + (fused ? " -mfma -ffp-contract=fast" : "")
            + " -Wno-unknown-pragmas -Wno-psabi -D__CUDACC__ -include cuda_runtime.h -I"
            + sources.resolve("tests/cuda_emulator")
            + ourHeaders());
  }

  private List<String> emulatorFlags() {
    return words(
        "-std=c++17 -O1 -fPIC -fvisibility=hidden -pthread -Wall -Wextra -I"
            + sources.resolve("tests/cuda_emulator"));
  }

  /** JavaCPP writes this code: its warnings are not ours. */
  private List<String> glueFlags(Path glue) {
    Path jdk = Path.of(System.getProperty("java.home"), "include");
    String system = is("windows") ? "win32" : is("macosx") ? "darwin" : "linux";
    return words(
        "-std=c++17 -O2 -fvisibility=hidden -pthread -w -DFL_GLUE=<jniflambeau_"
            + backend
            + ".cpp> "
            + (is("windows") ? "" : "-fPIC")
            + ourHeaders()
            + " -I"
            + glue
            + " -I"
            + jdk
            + " -I"
            + jdk.resolve(system));
  }

  /** The C++ runtime is linked in, so that the jar also serves systems with an older one. */
  private List<String> linkCommand(Path library, List<Task> tasks, String nvcc) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(compiler(), "-shared", "-o", library.toString()));
    tasks.forEach(task -> command.add(task.object().toString()));
    if (is("linux")) {
      command.addAll(
          words(
              "-s -static-libgcc -static-libstdc++ -pthread -Wl,--no-undefined -Wl,--version-script="
                  + sources.resolve("jni/exports.map")
                  + (nvcc.isEmpty() ? "" : " " + cudart(nvcc))
                  + " -ldl"));
    } else if (is("macosx")) {
      command.addAll(words("-Wl,-exported_symbol,_Java_* -Wl,-exported_symbol,_fl_abi"));
    } else {
      command.addAll(words("-static -static-libgcc -static-libstdc++"));
    }
    return command;
  }

  /**
   * The static CUDA runtime beside nvcc: with it the library loads where there is no CUDA, and can
   * say so.
   */
  private static String cudart(String nvcc) throws IOException {
    List<String> found = new ArrayList<>();
    // what nvcc says of itself, as nvcc may be a script that calls another
    for (String line :
        output(List.of(nvcc, "--dryrun", "-c", "-x", "cu", "/dev/null")).split("\n")) {
      if (line.startsWith("#$ TOP=")) {
        Path top = Path.of(line.substring(line.indexOf('=') + 1).trim());
        for (String folder : List.of("lib64", "lib", "targets/x86_64-linux/lib")) {
          found.add(top.resolve(folder).resolve("libcudart_static.a").normalize().toString());
        }
      }
    }
    return found.stream()
            .filter(file -> Files.exists(Path.of(file)))
            .findFirst()
            .orElseThrow(() -> new IOException("libcudart_static.a is in none of " + found))
        + " -lrt";
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
    String prefix = "dev.flambeau." + backend + (backend.equals("cpu") ? ".Cpu" : ".Cuda");
    List<String> bound = Stream.of("Library", "Kernels", "Memory").map(prefix::concat).toList();
    new Builder()
        .classesOrPackages(bound.toArray(String[]::new))
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

  /** What ptxas said of the kernels of each source, for KernelStackTest. */
  private static String logs(List<Task> tasks) throws IOException {
    StringBuilder all = new StringBuilder();
    for (Task task : tasks) {
      if (task.source().toString().endsWith(".cu")) {
        all.append("source ").append(task.source().getFileName()).append('\n');
        all.append(readIfThere(task.sibling(".log")));
      }
    }
    return all.toString();
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
    if (backend.equals("cpu")) {
      write(
          nativeJar.resolve("META-INF/services/dev.flambeau.cpu.NativeJar"),
          "dev.flambeau.cpu." + module + ".Library\n");
    }
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
  private record Task(String compiler, Path source, Path object, List<String> flags) {

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
      write(sibling(".log"), execute(command));
      write(sibling(".key"), key());
    }

    private List<String> command() {
      List<String> command = new ArrayList<>(List.of(compiler));
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

  /** FNV-1a, 64 bits, of the headers with Unix line ends: the same on every system. */
  private String stamp() throws IOException {
    String text = Files.readString(sources.resolve("include/flambeau.h"));
    if (backend.equals("cuda")) {
      text += Files.readString(sources.resolve("include/flambeau_cuda.h"));
    }
    return hash(text.replace("\r\n", "\n").getBytes(StandardCharsets.UTF_8));
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

  private static String output(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Runs a command, and shows what it says but for ptxas's reports; that is the answer. */
  private static String execute(List<String> command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IOException(
          "no C++ compiler: " + command.get(0) + " cannot be started; install g++, or set CXX", e);
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    output
        .lines()
        .filter(line -> !line.startsWith("ptxas info") && !line.contains("bytes stack frame"))
        .forEach(System.out::println);
    if (process.waitFor() != 0) {
      throw new IOException("failed: " + String.join(" ", command) + "\n" + output);
    }
    return output;
  }
}
