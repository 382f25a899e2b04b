package dev.flambeau.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.internal.natives.LibraryCache;
import dev.flambeau.internal.natives.NativeLibrary;
import dev.flambeau.spi.Availability;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
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

/** The library's way from its jar into a process, and what is said where there is none. */
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
    URL resource = new Planted("cpu", "abi=1", 1).resource();
    return LibraryCache.unpack(resource.openConnection(), folder.resolve("cache"));
  }

  /** A library in place of the backend's: it notes what it should load, and has any hash. */
  private static class Planted extends NativeLibrary {
    private final String abiProperties;
    private final long abi;
    String loaded;

    Planted(String backend, String abiProperties, long abi) {
      super(backend, "of " + backend);
      this.abiProperties = abiProperties;
      this.abi = abi;
    }

    @Override
    protected void load(String file) {
      loaded = file;
    }

    @Override
    protected void loadLibrary(String name) {
      System.loadLibrary(name);
    }

    @Override
    protected InputStream abiProperties() {
      return abiProperties == null
          ? null
          : new ByteArrayInputStream(abiProperties.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    protected long abi() {
      return abi;
    }
  }

  @Test
  void differentBuildsAreRefusedByName() {
    Availability answer = new Planted("cpu", "abi=0000000000000012", 0x34L).open();
    assertFalse(answer.available());
    assertSaid(answer, "the CPU classes", "different builds", "flambeau-cpu-native for both");
    assertSaid(answer, Path.of("target", "test-classes").toString(), "0000000000000012");
    assertSaid(answer, Path.of("target", "classes").toString(), "0000000000000034");
    assertTrue(new Planted("cpu", "abi=000000000000000a", 10).open().available());
  }

  @Test
  void whatIsMissingIsNamedWithItsRemedy() {
    Availability answer = new Planted("nowhere", "abi=1", 1).open();
    assertFalse(answer.available());
    assertInstanceOf(UnsatisfiedLinkError.class, answer.cause());
    assertSaid(
        answer, "the NOWHERE kernels for " + NativeLibrary.platform(), "jniflambeau_nowhere");
    assertSaid(answer, "no native jar was found: add the dependency of nowhere");
    assertSaid(new Planted("cpu", null, 1).open(), "abi.properties is missing");
  }

  @Test
  void aPropertyNamesAnotherLibrary() {
    String property = "flambeau.planted.library";
    System.setProperty(property, "some/lib.so");
    try {
      Planted planted = new Planted("planted", "abi=1", 1);
      assertTrue(planted.open().available());
      assertEquals(Path.of("some", "lib.so").toAbsolutePath().toString(), planted.loaded);
      assertSaid(new Planted("planted", "abi=1", 2).open(), "some/lib.so has 0000000000000002");
      assertSaid(new Planted("planted", null, 1).open(), property + " names it");
    } finally {
      System.clearProperty(property);
    }
  }

  @Test
  void theLibraryThatAPropertyNamesIsNotUnpacked() throws Exception {
    Path cache = folder.resolve("javacpp");
    List<String> options =
        List.of(
            "-Dflambeau.cpu.library=" + unpack(),
            "-Dorg.bytedeco.javacpp.cachedir=" + cache,
            WITHOUT_BLAS);
    String output = SettingsTest.run(jarInsteadOfClasses(), Map.of(), options);
    assertTrue(output.contains("value 512.0"), output);
    assertFalse(Files.exists(cache));
  }

  private static void assertSaid(Availability answer, String... parts) {
    for (String part : parts) {
      assertTrue(answer.reason().contains(part), answer.reason());
    }
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
