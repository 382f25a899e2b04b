import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.tools.Builder;

/**
 * One native library: which sources it is made of, and what becomes of its objects. {@code cpu},
 * {@code cpu-sanitized} (for AddressSanitizer, its blocks malloc's), {@code cuda} (with nvcc;
 * without it this says so and makes nothing) or {@code cuda-emulated} (the CUDA kernels on an
 * emulated GPU, for tests).
 */
final class Library {
  private final Toolchain tools;
  private final Path base; // the Maven module
  private final String backend; // the package, and the folder in native-src/src: cpu or cuda
  private final boolean emulated;
  private final boolean sanitized;
  private final String nvcc; // null: not used
  private final Path sources;
  private final Path classes;
  private final Path packaged;
  private final Path work;
  private final List<CompileTask> tasks = new ArrayList<>();
  private final Map<String, CompileTask> libraries = new LinkedHashMap<>(); // found at run time
  private final Map<Path, String> units = new LinkedHashMap<>(); // kernels, and their sets

  Library(Path base, Path sources, Toolchain tools, String name) {
    this.tools = tools;
    this.base = base;
    this.sources = sources;
    backend = name.startsWith("cuda") ? "cuda" : "cpu";
    emulated = name.endsWith("-emulated");
    sanitized = name.endsWith("-sanitized");
    nvcc = name.equals("cuda") && tools.is("linux-x86_64") ? Toolchain.nvcc() : null;
    classes = base.resolve("target/classes");
    packaged = Path.of("dev", "flambeau", backend);
    work =
        base.resolve(
            emulated ? "target/emulated" : sanitized ? "target/sanitized" : "target/native");
  }

  /** What has to be compiled, or nothing: then this has said why. */
  List<CompileTask> prepare() throws Exception {
    String abi = stamp();
    Io.write(classes.resolve(packaged).resolve("abi.properties"), "abi=" + abi + "\n");
    if (backend.equals("cuda") && !emulated && nvcc == null) {
      System.out.println(
          tools.is("linux-x86_64")
              ? "nvcc was not found (-Dflambeau.nvcc, CUDA_HOME, PATH): no CUDA library is built"
              : "the CUDA library is built for linux-x86_64 only, not for " + tools.platform);
      Files.deleteIfExists(work.resolve("ptxas.txt"));
      Files.deleteIfExists(times());
      return List.of();
    }
    if (backend.equals("cpu")) {
      addKernels();
    } else {
      addCuda("-DFL_ABI_HASH=0x" + abi + "ULL");
    }
    addAll("src/" + backend, ".cpp", with(kernelFlags(), "-DFL_ABI_HASH=0x" + abi + "ULL"));
    addAll("src/shared", ".cpp", kernelFlags());
    if (sanitized) {
      Path blocks = sources.resolve("tests/malloc_allocator.cpp");
      add(
          Toolchain.compiler(),
          blocks,
          blocks.getFileName(),
          with(kernelFlags(), "-I" + sources.resolve("src/cpu")));
    }
    Path glue = work.resolve("glue");
    generateGlue(glue, classes.resolve(packaged));
    Path wrapper = sources.resolve("jni/glue.cpp");
    add(Toolchain.compiler(), wrapper, wrapper.getFileName(), tools.glueFlags(backend, glue));
    List<CompileTask> all = new ArrayList<>(tasks);
    all.addAll(libraries.values());
    return all;
  }

  // -------------------------------------------------------------------------------------- sources

  private void add(String compiler, Path source, Path name, List<String> flags) {
    tasks.add(new CompileTask(compiler, source, objectOf(name.toString()), flags));
  }

  private void addAll(String folder, String suffix, List<String> flags) throws IOException {
    for (Path source : Io.list(sources.resolve(folder), suffix)) {
      if (!source.endsWith("unit.cpp") && !(sanitized && source.endsWith("allocator.cpp"))) {
        add(Toolchain.compiler(), source, sources.relativize(source), flags);
      }
    }
  }

  /** Each family of kernels, for each instruction set: src/cpu/unit.cpp says how. */
  private void addKernels() throws IOException {
    Path cpu = sources.resolve("src/cpu");
    for (Path family : Io.list(cpu.resolve("kernels"), ".inl")) {
      for (Path set : Io.list(cpu.resolve("sets"), ".h")) {
        if (nameOf(set).equals("generic") == tools.platform.endsWith("-x86_64")) {
          continue;
        }
        List<String> flags =
            with(kernelFlags(), "-DFL_FAMILY=" + nameOf(family), "-DFL_SET=" + nameOf(set));
        Path object = objectOf("kernels/" + nameOf(family) + "." + nameOf(set));
        tasks.add(new CompileTask(Toolchain.compiler(), cpu.resolve("unit.cpp"), object, flags));
        units.put(object, nameOf(set));
      }
    }
  }

  private void addCuda(String abi) throws IOException {
    for (Path source : Io.list(sources.resolve("src/cuda"), ".cu")) {
      add(
          emulated ? Toolchain.compiler() : nvcc,
          source,
          sources.relativize(source),
          with(emulated ? tools.emulatedFlags() : tools.nvccFlags(), abi));
    }
    if (!emulated) {
      return;
    }
    Path emulator = sources.resolve("tests/cuda_emulator");
    for (String part : List.of("emulator.cpp", "memory.cpp", "runtime.cpp")) {
      add(Toolchain.compiler(), emulator.resolve(part), Path.of(part), tools.emulatorFlags());
    }
    // What the emulated GPU's products are handed to. The second needs the first.
    for (String name : List.of("cublasLt", "cublas")) {
      Path source = emulator.resolve(name.toLowerCase(Locale.ROOT) + ".cpp");
      libraries.put(
          name,
          new CompileTask(
              Toolchain.compiler(),
              source,
              objectOf(source.getFileName().toString()),
              tools.kernelFlags()));
    }
  }

  private List<String> kernelFlags() {
    List<String> flags = tools.kernelFlags();
    return sanitized ? with(flags, Toolchain.SANITIZED, "-O1", "-g") : flags;
  }

  private static List<String> with(List<String> flags, String... more) {
    List<String> all = new ArrayList<>(flags);
    all.addAll(List.of(more));
    return all;
  }

  private static String nameOf(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.lastIndexOf('.'));
  }

  private Path objectOf(String name) {
    return work.resolve("objects").resolve(name + ".o");
  }

  /** FNV-1a, 64 bits, of the headers with Unix line ends: the same on every system. */
  private String stamp() throws IOException {
    String text = Files.readString(sources.resolve("include/flambeau.h"));
    if (backend.equals("cuda")) {
      text += Files.readString(sources.resolve("include/flambeau_cuda.h"));
    }
    return Io.hash(text.replace("\r\n", "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** JavaCPP reads the native methods of the compiled classes and writes the C++ between. */
  private void generateGlue(Path glue, Path packaged) throws Exception {
    StringBuilder content = new StringBuilder();
    for (Path type : Io.list(packaged, ".class")) {
      content.append(type.getFileName()).append(' ').append(Io.hash(Files.readAllBytes(type)));
    }
    content.append(Builder.class.getProtectionDomain().getCodeSource().getLocation());
    Path key = work.resolve("glue.key");
    if (content.toString().equals(Io.readIfThere(key)) && !Io.list(glue, ".cpp").isEmpty()) {
      return;
    }
    Files.createDirectories(glue);
    String prefix = "dev.flambeau." + backend + (backend.equals("cpu") ? ".Cpu" : ".Cuda");
    List<String> bound = Stream.of("Library", "Kernels", "Memory").map(prefix::concat).toList();
    new Builder()
        .classesOrPackages(bound.toArray(String[]::new))
        .property("platform", tools.platform)
        .outputDirectory(glue.toFile())
        .compile(false)
        .deleteJniFiles(false)
        .build();
    Io.write(key, content.toString());
  }

  // -------------------------------------------------------------------------------------- objects

  /** Links, and puts the library where the jar and the tests expect it. */
  void finish(Compilation compilation) throws IOException, InterruptedException {
    if (tasks.isEmpty()) {
      return;
    }
    report(compilation);
    if (!units.isEmpty() && tools.is("linux") && !sanitized) {
      WeakSymbols.check(Toolchain.nm(), units);
    }
    linkLibraries(compilation);
    Path library = work.resolve(tools.fileName(backend));
    List<String> link = tools.linkCommand(library, tasks, nvcc, sanitized);
    Path linked = work.resolve("link.key");
    String key = String.join(" ", link);
    if (compilation.compiledAnyOf(tasks)
        || !Files.exists(library)
        || !key.equals(Io.readIfThere(linked))) {
      System.out.println("linking " + library.getFileName());
      Io.execute(link);
      Io.write(linked, key);
    }
    if (!emulated && !sanitized) {
      Path jar = base.resolve("target/native-jar");
      Io.copy(library, classes.resolve(packaged).resolve(tools.platform));
      Io.copy(library, jar.resolve(packaged).resolve(tools.platform));
      NativeJar.build(base, backend, tools.platform, work.resolve("native-jar"), jar);
    }
  }

  private void linkLibraries(Compilation compilation) throws IOException, InterruptedException {
    for (Map.Entry<String, CompileTask> one : libraries.entrySet()) {
      String name = one.getKey();
      Path library = work.resolve("lib" + name + ".so");
      if (compilation.compiledAnyOf(List.of(one.getValue())) || !Files.exists(library)) {
        // as NVIDIA's, the second needs the first, which the loader knows by its name once it is
        // there
        String needed =
            name.equals("cublas") ? " -Wl,--no-as-needed -L" + work + " -lcublasLt" : "";
        String named = " -Wl,-soname,lib" + name + ".so -o " + library + " ";
        Io.execute(
            Io.words(
                Toolchain.compiler()
                    + " -shared -s"
                    + named
                    + one.getValue().object()
                    + needed
                    + " -lm"));
      }
    }
  }

  /** How long the compilers took, and what ptxas said of the kernels of each source. */
  private void report(Compilation compilation) throws IOException {
    List<CompileTask> all = new ArrayList<>(tasks);
    all.addAll(libraries.values());
    String took = compilation.times(all);
    if (took.isEmpty()) {
      Files.deleteIfExists(times());
    } else {
      Files.writeString(times(), took);
    }
    if (nvcc == null) {
      return;
    }
    StringBuilder ptxas = new StringBuilder();
    for (CompileTask task : tasks) {
      if (task.source().toString().endsWith(".cu")) {
        ptxas.append("source ").append(task.source().getFileName()).append('\n');
        ptxas.append(task.log());
      }
    }
    Io.write(work.resolve("ptxas.txt"), ptxas.toString());
  }

  /** For Slowest. */
  private Path times() {
    return work.resolve("times.txt");
  }
}
