package dev.flambeau.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Writes files as a whole: beside the file first, then moved into its place. A program that is
 * killed leaves what it wrote so far; the next one that writes the same file removes it. It is told
 * from what another program is writing by a lock, which ends with the program that holds it.
 */
final class WholeFile {
  private static final String SUFFIX = ".tmp";
  private static final Pattern UNIQUE =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final int MOST_LINKS = 40; // as Linux has it

  /**
   * Names of what this JVM is writing. Their locks must not be tried: closing any channel of a file
   * gives up all the locks that a process has on it.
   */
  private static final Set<String> OURS = ConcurrentHashMap.newKeySet();

  private WholeFile() {}

  /** What comes into a file, from its beginning to its end. */
  @FunctionalInterface
  interface Content {
    void writeTo(FileChannel out) throws IOException;
  }

  /**
   * Writes a file; the one that was there is replaced when all is written. A symbolic link stays,
   * and what it points to is written. A device or a pipe is written to directly.
   */
  static void write(Path path, Content content) throws IOException {
    if (isSpecial(path)) {
      try (FileChannel out = FileChannel.open(path, StandardOpenOption.WRITE)) {
        content.writeTo(out);
      }
      return;
    }
    Path target = target(path);
    if (target.getFileName() == null) {
      throw new FileSystemException(path.toString(), null, "is a folder");
    }
    String prefix = "." + target.getFileName() + ".";
    clear(target, prefix);
    while (!written(target, prefix, content)) {
      // another program's clearing took the new file, before it was locked, for one of a dead one
    }
  }

  private static boolean isSpecial(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).isOther();
    } catch (IOException e) {
      return false; // as a rule it is not there yet
    }
  }

  /** The file at the end of a chain of symbolic links, which need not be there. */
  private static Path target(Path path) throws IOException {
    Path target = path.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(target); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemException(path.toString(), null, "too many levels of symbolic links");
      }
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    return target;
  }

  private static boolean written(Path target, String prefix, Content content) throws IOException {
    String name = prefix + UUID.randomUUID() + SUFFIX;
    Path temporary = target.resolveSibling(name);
    OURS.add(name);
    try (FileChannel out =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      if (!isLocked(out, temporary)) {
        return false;
      }
      keepPermissions(target, temporary);
      content.writeTo(out);
      out.force(true);
      try {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      }
      return true;
    } finally {
      Files.deleteIfExists(temporary);
      OURS.remove(name);
    }
  }

  /** Who may read the file that is replaced may read the new one, and nobody else. */
  private static void keepPermissions(Path before, Path now) {
    try {
      Files.setPosixFilePermissions(now, Files.getPosixFilePermissions(before));
    } catch (IOException | UnsupportedOperationException e) {
      // There is none yet, or it has no such permissions.
    }
  }

  /** Locks a new file until it is closed; false if another program was quicker to remove it. */
  private static boolean isLocked(FileChannel out, Path temporary) {
    try {
      return out.tryLock() != null && Files.exists(temporary);
    } catch (IOException e) {
      return true; // a file system without locks, where none can be had to remove it either
    }
  }

  /** Removes what dead programs left of this file. */
  private static void clear(Path target, String prefix) {
    try (var files = Files.newDirectoryStream(target.getParent(), f -> isTemporary(f, prefix))) {
      for (Path f : files) {
        if (!OURS.contains(f.getFileName().toString())) {
          clear(f);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // What keeps us from writing is said when we do.
    }
  }

  private static boolean isTemporary(Path file, String prefix) {
    String name = file.getFileName().toString();
    return name.length() > prefix.length() + SUFFIX.length()
        && name.startsWith(prefix)
        && name.endsWith(SUFFIX)
        && UNIQUE
            .matcher(name.substring(prefix.length(), name.length() - SUFFIX.length()))
            .matches()
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static void clear(Path temporary) {
    try (FileChannel c =
            FileChannel.open(temporary, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock lock = c.tryLock()) {
      if (lock != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException | OverlappingFileLockException e) {
      // Not ours to remove.
    }
  }
}
