package dev.flambeau.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a save leaves where it saves, and where others do so at the same time. */
@DisabledOnOs(OS.WINDOWS) // which asks for a privilege to make links
class WholeFileTest {
  @TempDir private Path folder;

  private static void save(Path path, long value) throws IOException {
    SafeTensors.save(path, Map.of("a", Tensor.of(value)));
  }

  private static long load(Path path) throws IOException {
    return SafeTensors.load(path).get("a").itemLong();
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void linksStay() throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    Path file = there.resolve("model");
    save(file, 1);
    Path relative = Files.createSymbolicLink(folder.resolve("r"), Path.of("there/model"));
    Path chained = Files.createSymbolicLink(folder.resolve("c"), Path.of("r"));
    Path absolute = Files.createSymbolicLink(folder.resolve("a"), file.toAbsolutePath());
    Path inFolder = Files.createSymbolicLink(folder.resolve("f"), Path.of("there"));
    long value = 2;
    for (Path link : List.of(relative, chained, absolute, inFolder.resolve("model"))) {
      save(link, value);
      assertEquals(value, load(file), link::toString);
      assertEquals(value++, load(link));
    }
    for (Path link : List.of(relative, chained, absolute, inFolder)) {
      assertTrue(Files.isSymbolicLink(link), link::toString);
    }
    assertFalse(Files.isSymbolicLink(file));
    try (var files = Files.list(there)) {
      assertEquals(1, files.count());
    }
    assertEquals(List.of("a", "c", "f", "r", "there"), names());
  }

  @Test
  void aPrivateFileStaysPrivate() throws IOException {
    Path file = folder.resolve("private");
    save(file, 1);
    var owner = java.nio.file.attribute.PosixFilePermissions.fromString("rw-------");
    Files.setPosixFilePermissions(file, owner);
    save(file, 2);
    assertEquals(owner, Files.getPosixFilePermissions(file));
    assertThrows(IOException.class, () -> save(Path.of("/"), 3));
  }

  @Test
  void linksToNothing() throws IOException {
    Path dangling = Files.createSymbolicLink(folder.resolve("d"), Path.of("new"));
    save(dangling, 3);
    assertTrue(Files.isSymbolicLink(dangling));
    assertEquals(3, load(folder.resolve("new")));
    Path nowhere = Files.createSymbolicLink(folder.resolve("n"), Path.of("no/such/folder"));
    assertThrows(IOException.class, () -> save(nowhere, 4));
    Path loop = Files.createSymbolicLink(folder.resolve("x"), Path.of("y"));
    Files.createSymbolicLink(folder.resolve("y"), Path.of("x"));
    var e = assertThrows(FileSystemException.class, () -> save(loop, 4));
    assertTrue(e.getMessage().contains("symbolic links"), e::getMessage);
    assertEquals(List.of("d", "n", "new", "x", "y"), names());
  }

  /** A pipe stays a pipe: what is saved goes through it. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    var read =
        CompletableFuture.supplyAsync(
            () -> {
              try (var in = Files.newInputStream(pipe)) {
                return in.readAllBytes();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    save(pipe, 5);
    assertArrayEquals(SafeTensors.toBytes(Map.of("a", Tensor.of(5L)), Map.of()), read.get());
    assertEquals(List.of("pipe"), names());
  }

  @Test
  void whatDeadProgramsLeft() throws IOException {
    Path file = folder.resolve("model");
    String id = UUID.randomUUID().toString();
    List<String> others =
        List.of(".model.tmp", ".model.x." + id + ".tmp", ".model." + id, "model." + id + ".tmp");
    for (String name : others) {
      Files.writeString(folder.resolve(name), "another's");
    }
    Files.createDirectory(folder.resolve(".model." + UUID.randomUUID() + ".tmp"));
    int kept = names().size();
    for (int i = 0; i < 3; i++) {
      Files.writeString(folder.resolve(".model." + UUID.randomUUID() + ".tmp"), "dead");
    }
    save(file, 6);
    assertEquals(6, load(file));
    assertEquals(kept + 1, names().size(), () -> file + " and what is not its own");
    assertTrue(names().containsAll(others));
  }

  /** Another program that stops half-way through its save until it is told to go on. */
  public static final class HalfWay {
    private HalfWay() {}

    public static void main(String[] args) throws IOException {
      WholeFile.write(
          Path.of(args[0]),
          out -> {
            out.write(ByteBuffer.wrap("half".getBytes(StandardCharsets.UTF_8)));
            System.out.println("half");
            System.out.flush();
            System.in.read();
            out.write(ByteBuffer.wrap(" whole".getBytes(StandardCharsets.UTF_8)));
          });
    }
  }

  private Process halfWay(Path file) throws IOException {
    Process p =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                HalfWay.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var out = new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.UTF_8));
    assertEquals("half", out.readLine());
    return p;
  }

  @Test
  void anotherProgramAtWork() throws Exception {
    Path file = folder.resolve("model");
    Process lives = halfWay(file);
    Process dies = halfWay(file);
    try {
      assertEquals(2, names().size());
      save(file, 7);
      assertEquals(7, load(file));
      assertEquals(3, names().size(), "both are still at it");
      dies.destroyForcibly().waitFor();
      assertEquals(3, names().size());
      save(file, 8);
      assertEquals(2, names().size(), "what the dead one left is gone");
      lives.getOutputStream().write('\n');
      lives.getOutputStream().flush();
      assertTrue(lives.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, lives.exitValue());
      assertEquals("half whole", Files.readString(file));
      assertEquals(List.of("model"), names());
    } finally {
      lives.destroyForcibly();
      dies.destroyForcibly();
    }
  }

  /** Threads of one program do not take each other's files for left ones, whatever the path. */
  @Test
  void threadsAtOnce() throws Exception {
    Path file = folder.resolve("model");
    Path roundabout = Files.createSymbolicLink(folder.resolve("here"), folder).resolve("model");
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      long first = 1000 * t;
      all.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 30; i++) {
                  try {
                    save(i % 2 == 0 ? file : roundabout, first + i);
                    load(file);
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                }
              }));
    }
    for (var one : all) {
      one.get();
    }
    assertEquals(List.of("here", "model"), names());
    assertEquals(29, load(file) % 1000);
  }
}
