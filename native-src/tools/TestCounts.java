import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tests that are no longer found fail nothing: so what ran is held against a checked-in table, the
 * number of tests of each class in each surefire execution of a module. {@code TestCounts MODULE
 * check|write CHOSEN}, after the tests; CHOSEN is by what options tests were chosen by hand or left
 * out, and then nothing is counted.
 */
public final class TestCounts {
  private static final String COMMAND = "mvn verify -Dflambeau.counts=write";
  private static final String NONE = "-";

  /** Class, then execution. */
  private final Map<String, Map<String, Integer>> counts = new TreeMap<>();

  private final Set<String> executions = new LinkedHashSet<>();

  private TestCounts() {}

  public static void main(String[] args) throws IOException {
    // What Maven has no value for stays as it is.
    if (!args[2].replaceAll("\\$\\{[^}]*\\}", "").isBlank()) {
      System.out.println("tests are not counted: not all were asked for");
      return;
    }
    Path module = Path.of(args[0]).toRealPath();
    Path table = module.resolve("src/test/counts.txt");
    TestCounts ran = ofReports(TestReports.of(module));
    TestCounts listed = Files.exists(table) ? parse(Files.readAllLines(table)) : new TestCounts();
    Set<String> lacking = new LinkedHashSet<>();
    for (String execution : listed.executions) {
      String reason = Machine.lacks(execution);
      if (reason != null) {
        lacking.add(execution);
        System.out.println("tests of " + execution + " are not counted: " + reason);
      }
    }
    if (args[1].equals("write")) {
      ran.keep(listed, lacking);
      Files.writeString(table, ran.toString());
      System.out.println("written: " + table);
      return;
    }
    List<String> faults = ran.faults(listed, lacking);
    if (!faults.isEmpty()) {
      System.err.printf(
          "the tests that ran are not those of %s:%n  %s%nIf that is as it should be: %s%n",
          table, String.join("\n  ", faults), COMMAND);
      System.exit(1);
    }
  }

  private static TestCounts ofReports(List<TestReports.Report> reports) {
    TestCounts found = new TestCounts();
    for (TestReports.Report one : reports) {
      // Elsewhere a class may be disabled, and then its factories are not asked how many tests
      // there are.
      boolean disabled = one.tests() == one.skipped() && !Machine.IS_LINUX_X86_64;
      found.put(one.type(), one.execution(), disabled ? 0 : one.tests());
    }
    return found;
  }

  /** The table: a line of executions, then lines of a class and its numbers. */
  private static TestCounts parse(List<String> lines) {
    TestCounts table = new TestCounts();
    List<String> names = null;
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      List<String> words = Arrays.asList(line.trim().split("\\s+"));
      List<String> cells = words.subList(1, words.size());
      if (names == null) {
        names = cells;
        table.executions.addAll(names);
        continue;
      }
      if (cells.size() != names.size()) {
        throw new IllegalArgumentException("a class and " + names.size() + " numbers: " + line);
      }
      for (int i = 0; i < names.size(); i++) {
        if (!cells.get(i).equals(NONE)) {
          table.put(words.get(0), names.get(i), Integer.parseInt(cells.get(i)));
        }
      }
    }
    return table;
  }

  private void put(String type, String execution, int tests) {
    executions.add(execution);
    counts.computeIfAbsent(type, t -> new LinkedHashMap<>()).put(execution, tests);
  }

  /** Null: the class is not in that execution. */
  private Integer at(String type, String execution) {
    return counts.getOrDefault(type, Map.of()).get(execution);
  }

  /** What differs from the table, but for executions that this machine cannot have. */
  private List<String> faults(TestCounts listed, Set<String> lacking) {
    List<String> faults = new ArrayList<>();
    Set<String> every = new LinkedHashSet<>(listed.executions);
    every.addAll(executions);
    every.removeAll(lacking);
    Set<String> types = new TreeSet<>(counts.keySet());
    types.addAll(listed.counts.keySet());
    boolean elsewhere = !Machine.IS_LINUX_X86_64;
    for (String execution : every) {
      if (!executions.contains(execution)) {
        faults.add(execution + " ran no test at all");
        continue;
      }
      for (String type : types) {
        Integer now = at(type, execution);
        Integer then = listed.at(type, execution);
        if (now == null && then != null) {
          faults.add(
              execution + " did not run " + type + ", of which " + then + " tests are listed");
        } else if (now != null && then == null) {
          faults.add(execution + " ran " + type + ", which is not listed: " + now + " tests");
        } else if (now != null && !now.equals(then) && then != 0 && !(now == 0 && elsewhere)) {
          // Listed with 0: it holds other classes, or makes its tests where there is a GPU.
          faults.add(execution + " ran " + now + " tests of " + type + ", listed are " + then);
        }
      }
    }
    return faults;
  }

  /** Takes over an earlier table's columns of executions that cannot be had here, and its order. */
  private void keep(TestCounts earlier, Set<String> lacking) {
    Set<String> found = new LinkedHashSet<>(executions);
    executions.clear();
    for (String execution : earlier.executions) {
      if (found.contains(execution) || lacking.contains(execution)) {
        executions.add(execution);
      }
    }
    executions.addAll(found);
    for (String execution : lacking) {
      counts.values().forEach(line -> line.remove(execution));
      for (Map.Entry<String, Map<String, Integer>> line : earlier.counts.entrySet()) {
        if (line.getValue().containsKey(execution)) {
          put(line.getKey(), execution, line.getValue().get(execution));
        }
      }
    }
    counts.values().removeIf(Map::isEmpty);
  }

  @Override
  public String toString() {
    int wide = counts.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    text.append(
        "# How many tests of each class each surefire execution runs; skipped ones count.\n");
    text.append("# Written by ").append(COMMAND).append(", and held against every run.\n");
    text.append(line(wide, "class", new ArrayList<>(executions)));
    counts.forEach(
        (type, line) -> {
          List<String> cells = new ArrayList<>();
          for (String execution : executions) {
            cells.add(line.containsKey(execution) ? "" + line.get(execution) : NONE);
          }
          text.append(line(wide, type, cells));
        });
    return text.toString();
  }

  private String line(int wide, String first, List<String> cells) {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-" + wide + "s", first));
    int column = 0;
    for (String execution : executions) {
      int width = Math.max(execution.length(), 5) + 2;
      line.append(String.format(Locale.ROOT, "%" + width + "s", cells.get(column++)));
    }
    return line.append('\n').toString();
  }
}
