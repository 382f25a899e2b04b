package dev.flambeau.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the documents link to and name is there, and none of them is left out of the index. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{2,}");
  private static final Pattern FILE =
      Pattern.compile("[\\w./-]*\\w\\.(java|h|inl|cpp|cu|md|txt|csv|xml|properties)(?!\\w)");

  /** Of what was, is written by a program, or belongs to others: names need not be ours. */
  private static final Set<String> FREE =
      Set.of(
          "bench/GPU.md",
          "bench/NOTES.md",
          "bench/RESULTS.md",
          "docs/notes-in-java.md",
          "docs/performance.md");

  /** Files that programs write, or that a user has. */
  private static final Set<String> WRITTEN =
      Set.of("data.csv", "gpu.md", "jmh.txt", "metrics.csv", "new.csv", "summary.txt");

  /** Java's, NVIDIA's and others' names. */
  private static final Set<String> FOREIGN =
      Set.of(
          "JDK_JAVA_OPTIONS",
          "JNI_On",
          "MemorySegment",
          "NVIDIA_TF32_OVERRIDE",
          "invokedynamic",
          "npy");

  private static final Map<String, String> DOCUMENTS = new TreeMap<>();
  private static final Set<String> FILES = new TreeSet<>();
  private static final Set<String> WORDS = new HashSet<>();

  @BeforeAll
  static void read() throws IOException {
    Pattern foreign = Pattern.compile("(.*/)?(target|\\.git|node_modules)(/.*)?");
    Pattern source =
        Pattern.compile(
            ".*\\.(java|h|inl|cpp|cu|py|xml|yml|properties|in|txt|config)|.*/(run|lease|bundle)"
                + "|flambeau");
    try (Stream<Path> all = Files.walk(ROOT)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        String name = ROOT.relativize(path).toString().replace('\\', '/');
        if (foreign.matcher(name).matches() || !isOurs(name)) {
          continue;
        }
        FILES.add(name);
        if (name.endsWith(".md")) {
          DOCUMENTS.put(name, Files.readString(path).replace("\r", ""));
        } else if (source.matcher(name).matches() && !name.endsWith("DocumentsTest.java")) {
          WORD.matcher(name + " " + Files.readString(path))
              .results()
              .map(MatchResult::group)
              .forEach(WORDS::add);
        }
      }
    }
    assertTrue(DOCUMENTS.size() >= 12 && FILES.size() > 500, DOCUMENTS.keySet() + "");
  }

  /** Not what a user's run has left in the root. */
  private static boolean isOurs(String name) {
    String folder = folder(name);
    return folder.isEmpty()
        || folder.matches("docs|native-src|\\.ci|\\.github")
        || Files.exists(ROOT.resolve(folder).resolve("pom.xml"));
  }

  private static String folder(String name) {
    return name.substring(0, Math.max(name.indexOf('/'), 0));
  }

  /** A heading's address, as GitHub makes it. */
  private static boolean hasHeading(String text, String anchor) {
    return FENCED
        .matcher(text)
        .replaceAll("")
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ +", "").toLowerCase(Locale.ROOT))
        .map(line -> line.replaceAll("[^\\p{L}\\p{N}\\- _]", "").replace(' ', '-'))
        .anyMatch(anchor::equals);
  }

  @Test
  void linksResolve() {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (var document : DOCUMENTS.entrySet()) {
      Path from = Path.of(document.getKey());
      String prose = FENCED.matcher(document.getValue()).replaceAll("");
      for (MatchResult m : LINK.matcher(prose).results().toList()) {
        String target = m.group(1);
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        links++;
        String[] parts = target.split("#", 2);
        String to =
            parts[0].isEmpty()
                ? document.getKey()
                : from.resolveSibling(parts[0]).normalize().toString().replace('\\', '/');
        boolean there = FILES.contains(to) || FILES.stream().anyMatch(f -> f.startsWith(to + "/"));
        if (!there || parts.length == 2 && !hasHeading(DOCUMENTS.getOrDefault(to, ""), parts[1])) {
          broken.add(document.getKey() + ": " + target);
        }
      }
    }
    assertTrue(links > 50, "only " + links + " links found");
    assertEquals(List.of(), broken, "links that lead nowhere");
  }

  /** A class, function, option or file that has another name now must have it here too. */
  @Test
  void namesExist() {
    Set<String> missing = new TreeSet<>();
    int names = 0;
    for (var document : DOCUMENTS.entrySet()) {
      if (FREE.contains(document.getKey())) {
        continue;
      }
      String prose = FENCED.matcher(document.getValue()).replaceAll("");
      for (MatchResult code : CODE.matcher(prose).results().toList()) {
        for (MatchResult m : FILE.matcher(code.group(1)).results().toList()) {
          String end = m.group().replaceFirst("^(\\.\\./)+", "");
          if (!WRITTEN.contains(end.replaceFirst(".*/", ""))
              && FILES.stream().noneMatch(f -> f.equals(end) || f.endsWith("/" + end))) {
            missing.add(document.getKey() + ": file " + end);
          }
        }
        for (MatchResult m : WORD.matcher(code.group(1)).results().toList()) {
          names++;
          if (!WORDS.contains(m.group()) && !FOREIGN.contains(m.group())) {
            missing.add(document.getKey() + ": " + m.group());
          }
        }
      }
    }
    assertTrue(names > 500, "only " + names + " names found");
    assertEquals(Set.of(), missing, "named in documents, and nowhere else");
  }

  @Test
  void indexIsComplete() {
    String index = DOCUMENTS.get("docs/README.md");
    List<String> missing =
        DOCUMENTS.keySet().stream()
            .filter(name -> name.startsWith("docs/") && !name.equals("docs/README.md"))
            .filter(name -> !index.contains("(" + name.substring("docs/".length()) + ")"))
            .toList();
    assertEquals(List.of(), missing, "documents that docs/README.md does not mention");
  }

  @Test
  void readmeListsTheFolders() {
    String readme = DOCUMENTS.get("README.md");
    Set<String> missing = new TreeSet<>();
    for (String name : FILES) {
      String folder = folder(name);
      if (!folder.isEmpty() && !folder.startsWith(".") && !readme.contains("](" + folder + ")")) {
        missing.add(folder);
      }
    }
    assertEquals(Set.of(), missing, "folders that README.md does not list");
  }
}
