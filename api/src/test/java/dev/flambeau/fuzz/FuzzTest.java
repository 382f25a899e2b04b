package dev.flambeau.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.spi.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random programs, in Java processes of their own: nothing ends the process, all that is refused is
 * refused in words, and values and gradients are those of other settings, other kernels, and of a
 * plain model. The seeds are in {@code fuzz/seeds.txt}; others are tried by {@code -Pfuzz}.
 */
class FuzzTest {
  /** Instruction sets, and a flag that the processor has with each. */
  private static final Map<String, String> FLAGS =
      Map.of("v2", "ssse3", "v3", "avx2", "v4", "avx512f");

  private static final boolean NATIVE = ServiceLoader.load(Backend.class).findFirst().isPresent();

  /** The instruction sets here; one without a name where there is no choice. */
  private static List<String> sets() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    String flags = NATIVE && Files.exists(info) ? Files.readString(info) : "";
    List<String> sets =
        FLAGS.keySet().stream().filter(s -> flags.contains(FLAGS.get(s))).sorted().toList();
    return sets.isEmpty() ? List.of("") : sets;
  }

  /** On the plain-Java kernels, which are slow, only a part of each range. */
  private static List<Seeds.Range> seeds(String kind) {
    return Seeds.of(kind).stream()
        .map(r -> NATIVE ? r : new Seeds.Range(r.first(), (r.count() + 5) / 6))
        .toList();
  }

  private static void possible() {
    assumeTrue(Forks.possible(), "only Linux limits the memory of a process");
    assumeTrue(NATIVE || !Seeds.areNew(), "new seeds run on native kernels");
  }

  private static Forks on(String set) {
    return new Forks(set.isEmpty() ? Map.of() : Map.of("FLAMBEAU_ISA", set));
  }

  @Test
  void whateverIsCalledTheProcessGoesOn() throws IOException {
    anything("chaos");
  }

  @Test
  void whateverThreadsDoTheProcessGoesOn() throws IOException {
    anything("crowd");
  }

  /** Each third of the seeds on another instruction set. */
  private static void anything(String kind) throws IOException {
    possible();
    List<String> sets = sets();
    List<Forks> forks = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      Forks f = on(sets.get(i));
      for (Seeds.Range r : seeds(kind)) {
        long from = r.first() + r.count() * i / sets.size();
        long to = r.first() + r.count() * (i + 1) / sets.size();
        f.run(kind, from, to - from); // nothing, where there are more sets than seeds
      }
      forks.add(f);
    }
    report(forks);
  }

  /** Views, and writes through them. */
  @Test
  void viewsAndWritesHaveTheGradientsOfCentralDifferences() {
    possible();
    Forks f = on("");
    seeds("views").forEach(r -> f.run("views", r.first(), r.count()));
    report(List.of(f));
  }

  /** The same programs with other scopes, threads, layouts and kernels. */
  @Test
  void valuesDependOnNoSetting(@TempDir Path folder) throws IOException {
    possible();
    List<Forks> forks = new ArrayList<>();
    Map<Long, List<Outcome>> first = null;
    for (String set : sets()) {
      Forks f = on(set);
      Path file = folder.resolve("values" + set);
      for (Seeds.Range r : seeds("tame")) {
        f.run("tame", r.first(), r.count(), file.toString());
      }
      Map<Long, List<Outcome>> values = Tame.read(file);
      if (first == null) {
        first = values;
      }
      f.compare(sets().get(0) + " and " + set, first, values);
      forks.add(f);
    }
    report(forks);
  }

  private static void report(List<Forks> forks) {
    List<Forks.Found> found = new ArrayList<>();
    forks.forEach(f -> found.addAll(f.found));
    System.out.println(
        forks.stream().map(Forks::summary).collect(Collectors.joining("; ", "fuzz: ", "")));
    String all = found.stream().limit(10).map(Object::toString).collect(Collectors.joining("\n"));
    assertEquals(0, found.size(), () -> found.size() + " programs failed\n" + all);
  }
}
