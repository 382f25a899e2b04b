package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** Which classes of the library use which, by class files: imports lack names written out. */
public final class ClassUses {
  static final String ROOT = "dev.flambeau";

  private ClassUses() {}

  /** Where a class was loaded from: a folder or a jar. */
  static Path placeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All classes that lie where {@code type} does, nested ones too. */
  public static List<Class<?>> all(Class<?> type) throws IOException {
    Path place = placeOf(type);
    if (Files.isDirectory(place)) {
      return all(place, type.getClassLoader());
    }
    try (FileSystem jar = FileSystems.newFileSystem(place)) {
      return all(jar.getPath("/"), type.getClassLoader());
    }
  }

  private static List<Class<?>> all(Path root, ClassLoader loader) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(ROOT.replace('.', '/')))) {
      List<Class<?>> found = new ArrayList<>();
      for (Path p : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
        String name = root.relativize(p).toString().replace('/', '.').replaceAll("\\.class$", "");
        if (!name.endsWith("-info")) {
          found.add(Class.forName(name, false, loader));
        }
      }
      return found;
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For each class that lies where {@code type} does, the library's classes that it uses. */
  public static Map<String, Set<String>> of(Class<?> type) {
    StringWriter out = new StringWriter();
    ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
    String[] arguments = {
      "--multi-release",
      "base",
      "--module-path",
      System.getProperty("java.class.path"),
      "-verbose:class",
      "-filter:none",
      placeOf(type).toString()
    };
    int status = jdeps.run(new PrintWriter(out), new PrintWriter(out), arguments);
    assertEquals(0, status, out.toString());
    Map<String, Set<String>> uses = new TreeMap<>();
    for (String line : out.toString().split("\\R")) {
      String[] words = line.strip().split(" +"); // "from -> to place"
      if (words.length > 2 && isOurs(words[0]) && words[1].equals("->") && isOurs(words[2])) {
        uses.computeIfAbsent(words[0], f -> new TreeSet<>()).add(words[2]);
      }
    }
    return uses;
  }

  private static boolean isOurs(String name) {
    return name.startsWith(ROOT + ".");
  }

  /** A class's package without {@code dev.flambeau.}; "" for that itself. */
  public static String packageOf(String name) {
    String outer = name.substring(0, name.lastIndexOf('.'));
    return outer.equals(ROOT) ? "" : outer.substring(ROOT.length() + 1);
  }

  /** The packages of the library that those of the module of {@code type} use. */
  public static Set<String> packagesUsedWith(Class<?> type) {
    Set<String> used = new TreeSet<>();
    of(type).values().forEach(all -> all.forEach(to -> used.add(packageOf(to))));
    return used;
  }
}
