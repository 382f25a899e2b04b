import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this machine can run, found out without any library of ours. */
final class Machine {
  /** What Linux calls the extensions that distinguish the instruction sets. */
  private static final Map<String, List<String>> FLAGS =
      Map.of(
          "v2", List.of("ssse3", "sse4_1", "sse4_2", "popcnt"),
          "v3", List.of("avx2", "fma", "bmi1", "bmi2"),
          "v4", List.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"));

  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");
  private static final boolean X86_64 =
      Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));

  /** Where the tables of tests are written. */
  static final boolean IS_LINUX_X86_64 = LINUX && X86_64;

  private Machine() {}

  /** Why a surefire execution cannot be had here; null: it can. */
  static String lacks(String execution) throws IOException {
    if (execution.startsWith("emulated")) {
      return IS_LINUX_X86_64 ? null : "the emulated GPU is for Linux on x86-64";
    }
    if (!FLAGS.containsKey(execution)) {
      return null;
    }
    if (!IS_LINUX_X86_64) {
      // Beside x86-64 there is one instruction set, on Windows one is used: the first run is its.
      return execution.equals("v2") ? null : "there is one instruction set here";
    }
    Set<String> missing = new TreeSet<>(FLAGS.get(execution));
    missing.removeAll(flags());
    return missing.isEmpty() ? null : "this processor has no " + String.join(", ", missing);
  }

  private static Set<String> flags() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .limit(1)
          .flatMap(line -> Stream.of(line.substring(line.indexOf(':') + 1).trim().split(" ")))
          .collect(Collectors.toSet());
    }
  }
}
