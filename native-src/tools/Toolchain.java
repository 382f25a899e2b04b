import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The compilers of a platform, and what they are called with. */
final class Toolchain {
  /** The g++ that our code is tested with: with it, a warning is an error. */
  private static final String TESTED = "12";

  /** Of what is compiled and linked for AddressSanitizer. */
  static final String SANITIZED = "-fsanitize=address";

  final String platform;
  private final Path sources; // native-src
  private final String errors;

  Toolchain(String platform, Path sources) throws IOException {
    this.platform = platform;
    this.sources = sources;
    errors = isTested() ? " -Werror" : "";
  }

  boolean is(String system) {
    return platform.startsWith(system);
  }

  static String compiler() {
    String cxx = System.getenv("CXX");
    return cxx == null || cxx.isBlank() ? "g++" : cxx;
  }

  /** clang says that it is an old g++, too. */
  private static boolean isTested() throws IOException {
    if (!Io.isInstalled(compiler()) && !Files.isExecutable(Path.of(compiler()))) {
      return false; // the first file to compile says so
    }
    String macros = Io.output(List.of(compiler(), "-dM", "-E", "-x", "c++", "-"));
    return macros.contains("#define __GNUC__ " + TESTED) && !macros.contains("__clang__");
  }

  /** nm of the compiler's own tools. */
  static String nm() throws IOException {
    String nm = Io.output(List.of(compiler(), "-print-prog-name=nm")).strip();
    return nm.isEmpty() || nm.contains("\n") ? "nm" : nm;
  }

  /** nvcc as -Dflambeau.nvcc, CUDA_HOME or PATH has it; null: nowhere. */
  static String nvcc() {
    String given = System.getProperty("flambeau.nvcc", "");
    if (!given.isEmpty()) {
      return given.equals("none") ? null : given;
    }
    String home = System.getenv("CUDA_HOME");
    if (home != null && Files.isExecutable(Path.of(home, "bin", "nvcc"))) {
      return Path.of(home, "bin", "nvcc").toString();
    }
    return Io.isInstalled("nvcc") ? "nvcc" : null;
  }

  // ------------------------------------------------------------------------------------ compiling

  private String ourHeaders() {
    return " -I" + sources.resolve("include") + " -I" + sources.resolve("src");
  }

  /** Kernels choose their instruction set by pragma; see docs/internals.md. */
  List<String> kernelFlags() {
    return Io.words(
        "-std=c++17 -O3 -fno-math-errno -fno-trapping-math -ffp-contract=fast -fvisibility=hidden"
            + " -pthread -Wall -Wextra -Wno-psabi "
            + errors
            + (is("windows") ? "" : " -fPIC")
            + ourHeaders());
  }

  /**
   * Machine code for Turing, Ampere and Hopper, and PTX for what comes after; packed, or it would
   * be eight times as large. All of it is assembled from one PTX, that of Turing, which spares two
   * of three passes of the compiler: nothing in our kernels is written for a later architecture,
   * and that of compute_80 and compute_90 differs in the line that names it, the machine code not
   * at all. A kernel that uses what only later ones have needs a -gencode of its own.
   */
  List<String> nvccFlags() {
    return Io.words(
        "-std=c++17 -O3 -diag-suppress 186 --compress-mode=size -Xptxas -v"
            + " -gencode arch=compute_75,code=[sm_75,sm_80,sm_90,compute_75]"
            + (errors.isEmpty() ? "" : " -Werror all-warnings")
            + " -Xcompiler -fPIC,-fvisibility=hidden,-Wall,-Wextra,-Wno-unknown-pragmas"
            + (errors.isEmpty() ? "" : ",-Werror")
            + ourHeaders());
  }

  /**
   * The CUDA sources as C++: what they include as the CUDA runtime is the emulated one. A vector
   * read or written where its address does not allow it ends the kernel, as on a GPU. Products and
   * sums become one operation as nvcc makes them, on a machine that has such operations.
   */
  List<String> emulatedFlags() throws IOException {
    boolean fused = Io.readIfThere(Path.of("/proc/cpuinfo")).contains(" fma ");
    return Io.words(
        "-x c++ -std=c++17 -O1 -fPIC -fvisibility=hidden -pthread -Wall -Wextra"
            + errors
            + " -fsanitize=alignment,float-cast-overflow -fsanitize-undefined-trap-on-error"
            + (fused ? " -mfma -ffp-contract=fast" : "")
            + " -Wno-unknown-pragmas -Wno-psabi -D__CUDACC__ -include cuda_runtime.h -I"
            + sources.resolve("tests/cuda_emulator")
            + ourHeaders());
  }

  /** The emulated GPU itself. */
  List<String> emulatorFlags() {
    return Io.words(
        "-std=c++17 -O1 -fPIC -fvisibility=hidden -pthread -Wall -Wextra"
            + errors
            + " -I"
            + sources.resolve("tests/cuda_emulator"));
  }

  /** JavaCPP writes this code: its warnings are not ours. */
  List<String> glueFlags(String backend, Path glue) {
    Path jdk = Path.of(System.getProperty("java.home"), "include");
    String system = is("windows") ? "win32" : is("macosx") ? "darwin" : "linux";
    return Io.words(
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

  // -------------------------------------------------------------------------------------- linking

  String fileName(String backend) {
    String name = "jniflambeau_" + backend;
    return is("windows") ? name + ".dll" : "lib" + name + (is("macosx") ? ".dylib" : ".so");
  }

  /**
   * The C++ runtime is linked in, so that the jar also serves systems with an older one.
   *
   * @param nvcc the compiler of some of the objects; null: of none
   * @param sanitized for AddressSanitizer, whose reports name functions
   */
  List<String> linkCommand(Path library, List<CompileTask> tasks, String nvcc, boolean sanitized)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of(compiler(), "-shared", "-o", library.toString()));
    tasks.forEach(task -> command.add(task.object().toString()));
    if (is("linux")) {
      command.addAll(
          Io.words(
              (sanitized ? SANITIZED : "-s")
                  + " -static-libgcc -static-libstdc++ -pthread -Wl,--no-undefined"
                  + " -Wl,--version-script="
                  + sources.resolve("jni/exports.map")
                  + (nvcc == null ? "" : " " + cudart(nvcc))
                  + " -ldl"));
    } else if (is("macosx")) {
      command.addAll(Io.words("-Wl,-exported_symbol,_Java_* -Wl,-exported_symbol,_fl_abi"));
    } else {
      command.addAll(Io.words("-static -static-libgcc -static-libstdc++"));
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
        Io.output(List.of(nvcc, "--dryrun", "-c", "-x", "cu", "/dev/null")).split("\n")) {
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
}
