package dev.flambeau.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who is measured, and how its worker is started.
 *
 * @param module folder below {@code bench} that builds it; empty for what needs no module
 * @param engine its adapter; null for Python
 * @param floor a bound to look at, not a peer to be ahead of
 * @param options of its JVM, with THREADS for the number of threads
 */
public record Peer(
    String name,
    String title,
    String module,
    String engine,
    boolean floor,
    List<String> options,
    Map<String, String> environment) {
  static final String OURS = "flambeau";

  static final List<Peer> ALL =
      List.of(
          new Peer(OURS, "Flambeau", ".", "FlambeauEngine", false, List.of(), Map.of()),
          peer("libtorch", "libtorch from Java", "libtorch", "libtorch.LibtorchEngine"),
          peer(
              "libtorch-mkl",
              "libtorch, MKL",
              "libtorch-mkl",
              "libtorch.LibtorchEngine",
              "-Dorg.bytedeco.openblas.load=mkl_rt"),
          peer(
              "djl",
              "DJL (PyTorch)",
              "djl",
              "djl.DjlEngine",
              "-Dai.djl.offline=true",
              "-Dai.djl.pytorch.num_threads=THREADS"),
          peer(
              "nd4j",
              "ND4J / DL4J",
              "nd4j",
              "nd4j.Nd4jEngine",
              "-Dorg.bytedeco.javacpp.platform.extension=-avx512"),
          peer("tensorflow", "TensorFlow-Java", "tensorflow", "tensorflow.TensorFlowEngine"),
          new Peer("python", "PyTorch in Python", "", null, false, List.of(), Map.of()),
          new Peer("plain", "plain Java loops", ".", "PlainJava", true, List.of(), Map.of()),
          new Peer(
              "smile", "Smile", "peers/smile", "smile.SmileEngine", true, List.of(), Map.of()));

  /** Behind a peer's name: the same with OpenMP's idle threads asleep, instead of spinning. */
  private static final String PASSIVE = "-passive";

  private static Peer peer(
      String name, String title, String folder, String engine, String... options) {
    return new Peer(name, title, "peers/" + folder, engine, false, List.of(options), Map.of());
  }

  public static Peer named(String name) {
    if (name.endsWith(PASSIVE)) {
      Peer p = named(name.substring(0, name.length() - PASSIVE.length()));
      return new Peer(
          name,
          p.title + ", idle threads asleep",
          p.module,
          p.engine,
          p.floor,
          p.options,
          Map.of("OMP_WAIT_POLICY", "PASSIVE"));
    }
    return ALL.stream()
        .filter(p -> p.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no peer is named "
                        + name
                        + "; there are "
                        + String.join(", ", ALL.stream().map(Peer::name).toList())));
  }

  /**
   * The command that starts its worker.
   *
   * @throws IOException where what it needs has not been built
   */
  List<String> command(Path home, int threads) throws IOException {
    return engine == null
        ? python(home, threads)
        : java(home, threads, Worker.class, List.of("-Xmx3g", "-Djmh.ignoreLock=true"));
  }

  /** The same with the JVM as it comes: for what is told of start-up and memory. */
  List<String> freshCommand(Path home) throws IOException {
    return engine == null ? python(home, 1) : java(home, 1, Worker.class, List.of());
  }

  /**
   * The command that does A3's first step.
   *
   * @param cache where libraries are unpacked to; null for where they always are
   */
  List<String> firstCommand(Path home, Path cache) throws IOException {
    if (engine == null) {
      List<String> command = new ArrayList<>(python(home, 1));
      command.add("first");
      return command;
    }
    List<String> unpack =
        cache == null
            ? List.of()
            : List.of("-Dorg.bytedeco.javacpp.cachedir=" + cache, "-DDJL_CACHE_DIR=" + cache);
    return java(home, 1, First.class, unpack);
  }

  /** Whether it is another peer once more, with sleeping threads. */
  boolean passive() {
    return name.endsWith(PASSIVE);
  }

  /** Whether it is Java that unpacks native libraries. */
  boolean unpacks() {
    return engine != null && !floor;
  }

  private static List<String> python(Path home, int threads) {
    String python = System.getenv().getOrDefault("BENCH_PYTHON", "/usr/bin/python3");
    Path script = home.resolve("src/main/python/worker.py");
    return List.of(python, script.toString(), Integer.toString(threads));
  }

  private List<String> java(Path home, int threads, Class<?> main, List<String> settings)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(settings);
    command.add("-XX:ErrorFile=" + home.resolve("target").resolve("crash-%p.log"));
    options.forEach(o -> command.add(o.replace("THREADS", Integer.toString(threads))));
    command.add("-cp");
    command.add(classPath(home));
    command.add(main.getName());
    command.add("dev.flambeau.bench." + engine);
    command.add(Integer.toString(threads));
    return command;
  }

  private String classPath(Path home) throws IOException {
    Path target = home.resolve(module).resolve("target");
    Path list = target.resolve("classpath.txt");
    if (!Files.isRegularFile(list)) {
      throw new IOException("it has not been built: mvn -Ppeers -DskipTests package");
    }
    return target.resolve("classes") + File.pathSeparator + Files.readString(list).strip();
  }

  /** Megabytes of the jars that a user of the peer downloads; NaN for Python. */
  double jars(Path home) throws IOException {
    if (engine == null) {
      return Double.NaN;
    }
    long bytes = 0;
    for (String entry : classPath(home).split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      boolean harness = entry.matches(".*/(flambeau-bench|jmh|jopt|commons-math3)[^/]*");
      if (Files.isRegularFile(jar) && !harness) {
        bytes += Files.size(jar);
      }
    }
    return bytes / 1e6;
  }
}
