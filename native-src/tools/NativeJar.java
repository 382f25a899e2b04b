import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/**
 * The module of the jar with the classifier: it makes itself known to the library, and brings the
 * native jars that it needs along.
 */
final class NativeJar {
  private NativeJar() {}

  /**
   * Fills the folder of the jar: module and licence from base, the library is there.
   *
   * @param generated where sources go that are made from {@code base/src/native/jar} and {@code
   *     native-src/jni}
   */
  static void build(Path base, String backend, String platform, Path generated, Path jar)
      throws IOException {
    String module = platform.replace('-', '.');
    boolean changed = !Files.exists(jar.resolve("module-info.class"));
    List<String> arguments =
        new ArrayList<>(
            List.of("--release", "17", "-Xlint:all,-module,-path", "-d", jar.toString(), "-p"));
    arguments.add(System.getProperty("java.class.path"));
    List<Path> templates = new ArrayList<>(Io.list(base.resolve("src/native/jar"), ".in"));
    templates.addAll(Io.list(base.resolveSibling("native-src").resolve("jni"), ".in"));
    for (Path template : templates) {
      String name = template.getFileName().toString().replace(".in", "");
      Path target = generated.resolve(name);
      changed |=
          Io.write(
              target,
              Files.readString(template)
                  .replace("${backend}", backend)
                  .replace("${platform}", platform)
                  .replace("${module}", module));
      arguments.add(target.toString());
    }
    Io.write(
        jar.resolve("META-INF/services/dev.flambeau.internal.natives.NativeJar"),
        "dev.flambeau." + backend + "." + module + ".Library\n");
    Io.copy(base.resolveSibling("LICENSE"), jar.resolve("META-INF"));
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
}
