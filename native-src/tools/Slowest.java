import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Prints what took longest in this run of Maven: test classes, and sources that were compiled.
 * {@code Slowest ROOT START}.
 */
public final class Slowest {
  private static final int MOST = 20;

  private record Line(double seconds, String what) {}

  private Slowest() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]).toRealPath();
    FileTime start = FileTime.from(Instant.parse(args[1]));
    List<Line> tests = new ArrayList<>();
    List<Line> files = new ArrayList<>();
    for (Path module : modules(root)) {
      String name = root.relativize(module).toString();
      for (TestReports.Report one : TestReports.of(module)) {
        if (one.tests() > 0 && Files.getLastModifiedTime(one.file()).compareTo(start) >= 0) {
          tests.add(
              new Line(one.seconds(), one.type() + " (" + name + ", " + one.execution() + ")"));
        }
      }
      for (String library : List.of("native", "emulated")) {
        Path times = module.resolve("target").resolve(library).resolve("times.txt");
        if (Files.exists(times) && Files.getLastModifiedTime(times).compareTo(start) >= 0) {
          for (String line : Files.readAllLines(times)) {
            String[] words = line.split(" ", 2);
            files.add(
                new Line(
                    Double.parseDouble(words[0]), words[1] + " (" + name + ", " + library + ")"));
          }
        }
      }
    }
    print("test classes", tests);
    print("compiled sources", files);
  }

  private static List<Path> modules(Path root) throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.filter(folder -> Files.isDirectory(folder.resolve("target"))).toList();
    }
  }

  private static void print(String what, List<Line> lines) {
    if (lines.isEmpty()) {
      return;
    }
    double all = lines.stream().mapToDouble(Line::seconds).sum();
    System.out.printf(
        Locale.ROOT, "the slowest of %d %s, %.0f s in all:%n", lines.size(), what, all);
    lines.stream()
        .sorted(Comparator.comparingDouble(Line::seconds).reversed())
        .limit(MOST)
        .forEach(
            line -> System.out.printf(Locale.ROOT, "%7.1f s  %s%n", line.seconds(), line.what()));
  }
}
