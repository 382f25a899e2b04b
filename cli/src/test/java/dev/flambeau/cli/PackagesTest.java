package dev.flambeau.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the packages use of each other, by their class files. */
class PackagesTest {
  private static final String TOP = "dev.flambeau.cli";

  /** Each uses only those before it. */
  private static final List<String> ORDER =
      List.of(TOP + ".table", TOP + ".prepare", TOP + ".training", TOP);

  private static final Map<String, Set<String>> USES = new TreeMap<>();

  @BeforeAll
  static void read() {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int code =
        ToolProvider.findFirst("jdeps")
            .orElseThrow()
            .run(out, out, "-verbose:package", "-filter:none", "target/classes");
    assertEquals(0, code, said::toString);
    Pattern.compile("(?m)^\\s+(" + Pattern.quote(TOP) + "\\S*)\\s+-> (\\S+)")
        .matcher(said.toString())
        .results()
        .forEach(m -> USES.computeIfAbsent(m.group(1), p -> new TreeSet<>()).add(m.group(2)));
  }

  @Test
  void eachUsesOnlyThoseBelow() {
    assertEquals(new TreeSet<>(ORDER), USES.keySet());
    USES.forEach(
        (from, all) ->
            all.stream()
                .filter(to -> to.startsWith(TOP))
                .forEach(
                    to ->
                        assertTrue(
                            ORDER.indexOf(to) <= ORDER.indexOf(from), from + " uses " + to)));
  }

  /** Tables are read and prepared by whatever program. */
  @Test
  void tablesKnowNoCommandLine() {
    assertTrue(USES.get(TOP).contains("picocli"));
    for (String name : ORDER.subList(0, 2)) {
      assertTrue(USES.get(name).stream().noneMatch(p -> p.startsWith("picocli")), name);
    }
  }

  /** On the class path nothing but this keeps a program out of them. */
  @Test
  void internalPackagesAreLeftAlone() {
    for (Set<String> all : USES.values()) {
      assertTrue(all.stream().noneMatch(p -> p.startsWith("dev.flambeau.internal")), all::toString);
    }
  }
}
