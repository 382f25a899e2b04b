import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds native libraries with nothing but a compiler: {@code java -cp CLASSPATH NativeBuild
 * BASEDIR PLATFORM LIBRARY...}; {@link Library} says which there are. Maven compiles these tools
 * and runs them on every build; what is current by content (command line, source, headers) is left
 * alone, so a build without changes takes no compiler at all.
 */
public final class NativeBuild {
  private NativeBuild() {}

  public static void main(String[] args) throws Exception {
    try {
      build(args);
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void build(String[] args) throws Exception {
    Path base = Path.of(args[0]).toRealPath();
    Path sources = base.resolveSibling("native-src");
    Toolchain tools = new Toolchain(args[1], sources);
    List<Library> libraries = new ArrayList<>();
    List<CompileTask> tasks = new ArrayList<>();
    for (String name : Arrays.asList(args).subList(2, args.length)) {
      Library library = new Library(base, sources, tools, name);
      libraries.add(library);
      tasks.addAll(library.prepare());
    }
    Compilation compilation = Compilation.of(tasks);
    for (Library library : libraries) {
      library.finish(compilation);
    }
  }
}
