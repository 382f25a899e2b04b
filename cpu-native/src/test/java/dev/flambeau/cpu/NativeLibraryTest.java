package dev.flambeau.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library's way from its jar into a process. */
class NativeLibraryTest {
  private static final String WITHOUT_BLAS = "-Dflambeau.blas=none";

  @TempDir Path folder;

  @Test
  void thePlatformIsNamedAsJavaCppNamesIt() {
    assertEquals(Loader.getPlatform(), NativeLibrary.platform());
  }

  @Test
  void whatIsUnpackedIsUsedAgain() throws Exception {
    Path library = unpack();
    FileTime before = FileTime.fromMillis(0);
    Files.setLastModifiedTime(library, before);
    assertEquals(library, unpack());
    assertEquals(before, Files.getLastModifiedTime(library));
  }

  @Test
  void whatIsNotWholeIsReplaced() throws Exception {
    byte[] whole = Files.readAllBytes(unpack());
    Files.write(unpack(), new byte[] {1, 2, 3});
    assertArrayEquals(whole, Files.readAllBytes(unpack()));
  }

  @Test
  void manyMayUnpackAtOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<Path>> paths =
          IntStream.range(0, 8).mapToObj(i -> pool.submit(this::unpack)).toList();
      for (Future<Path> path : paths) {
        assertEquals(unpack(), path.get());
      }
    } finally {
      pool.shutdown();
    }
    try (Stream<Path> left = Files.list(folder.resolve("cache"))) {
      assertEquals(1, left.count(), "parts were left behind");
    }
  }

  @Test
  void aProgramUnpacksIntoTheCacheOnce() throws Exception {
    String classPath = jarInsteadOfClasses();
    Path cache = folder.resolve("javacpp");
    List<String> options = List.of("-Dorg.bytedeco.javacpp.cachedir=" + cache, WITHOUT_BLAS);
    for (int run = 0; run < 2; run++) {
      String output = SettingsTest.run(classPath, Map.of(), options);
      assertTrue(output.contains("value 512.0"), output);
      try (Stream<Path> files = Files.walk(cache)) {
        assertEquals(1, files.filter(Files::isRegularFile).count());
      }
    }
  }

  @Test
  void aCacheThatCannotBeWrittenIsDoneWithout() throws Exception {
    Path file = Files.createFile(folder.resolve("no-folder"));
    List<String> options = List.of("-Dorg.bytedeco.javacpp.cachedir=" + file, WITHOUT_BLAS);
    String output = SettingsTest.run(jarInsteadOfClasses(), Map.of(), options);
    assertTrue(output.contains("value 512.0"), output);
  }

  private Path unpack() throws IOException {
    return NativeLibrary.unpack(NativeLibrary.resource().openConnection(), folder.resolve("cache"));
  }

  /** This process's class path, with the classes and the library under test in a jar. */
  private String jarInsteadOfClasses() throws IOException {
    Path classes = Path.of("target", "classes").toAbsolutePath();
    Path jar = folder.resolve("flambeau.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new ZipEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
    String classPath = System.getProperty("java.class.path");
    assertTrue(classPath.contains(classes.toString()), classPath);
    return classPath.replace(classes.toString(), jar.toString());
  }
}
