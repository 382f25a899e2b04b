import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One object file. It is current while its command and every file it was made from are the same.
 */
record CompileTask(String compiler, Path source, Path object, List<String> flags) {
  /** What people call it: a source's name, or a family of kernels and its instruction set. */
  String name() {
    String name = object.getFileName().toString();
    return name.substring(0, name.length() - ".o".length());
  }

  boolean isCurrent() throws IOException {
    Path key = sibling(".key");
    return Files.exists(object) && Files.exists(key) && Files.readString(key).equals(key());
  }

  void compile() throws IOException, InterruptedException {
    System.out.println("compiling " + name());
    Files.createDirectories(object.getParent());
    Files.deleteIfExists(sibling(".key"));
    List<String> command = new ArrayList<>();
    // It remembers objects after "mvn clean" and across clones, where it is installed.
    if (Io.isInstalled("ccache")) {
      command.add("ccache");
    }
    command.addAll(command());
    command.addAll(List.of("-MMD", "-MF", sibling(".d").toString()));
    Io.write(sibling(".log"), Io.execute(command));
    Io.write(sibling(".key"), key());
  }

  /** What the compiler said. */
  String log() throws IOException {
    return Io.readIfThere(sibling(".log"));
  }

  private Path sibling(String suffix) {
    return object.resolveSibling(object.getFileName() + suffix);
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
      String hash = Files.exists(file) ? Io.hash(Files.readAllBytes(file)) : "gone";
      key.append(hash).append(' ').append(file).append('\n');
    }
    return key.toString();
  }

  /** The source and the headers it read, from the rule for make that the compiler wrote. */
  private List<Path> dependencies() throws IOException {
    String rule = Io.readIfThere(sibling(".d"));
    int colon = rule.indexOf(": ");
    if (colon < 0) {
      return List.of(source);
    }
    return Stream.of(rule.substring(colon + 2).replace("\\\n", " ").trim().split("\\s+"))
        .map(Path::of)
        .toList();
  }
}
