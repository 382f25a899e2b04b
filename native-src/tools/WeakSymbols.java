import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A weak symbol that is not in its instruction set's namespace could be taken by the linker from
 * the AVX-512 copy for everybody. (tests/weak_symbols.cmake is the same for CMake.)
 */
final class WeakSymbols {
  /** As {@code nm -A} writes it: the object, an address or none, the kind, the symbol. */
  private static final Pattern LINE = Pattern.compile("(.+):[0-9a-fA-F ]* ([A-Za-z]) (\\S+)");

  private WeakSymbols() {}

  /** units: each object's instruction set. */
  static void check(String nm, Map<Path, String> units) throws IOException {
    List<String> command = new ArrayList<>(List.of(nm, "-A"));
    units.keySet().forEach(object -> command.add(object.toString()));
    judge(Io.output(command), units);
  }

  private static void judge(String said, Map<Path, String> units) throws IOException {
    List<Path> silent = new ArrayList<>(units.keySet()); // those of which nm has named no kernel
    List<String> outside = new ArrayList<>();
    for (String line : said.split("\\R")) {
      Matcher m = LINE.matcher(line);
      String set = m.matches() ? units.get(Path.of(m.group(1))) : null;
      if (set == null) {
        continue;
      }
      String symbol = m.group(3);
      boolean own = symbol.contains("8flambeau" + set.length() + set);
      if (own && !m.group(2).equals("U")) {
        silent.remove(Path.of(m.group(1)));
      }
      // (DW.ref is a pointer to the unwinder's one function, not code of ours.)
      if ("uVWvw".contains(m.group(2)) && !own && !symbol.startsWith("DW.ref.")) {
        outside.add(Path.of(m.group(1)).getFileName() + ": " + symbol);
      }
    }
    if (units.isEmpty() || !silent.isEmpty()) {
      throw new IOException(
          "weak symbols: nm names no kernel in "
              + (units.isEmpty() ? "any object" : silent)
              + "\n"
              + said);
    }
    if (!outside.isEmpty()) {
      throw new IOException(
          "weak symbols outside their instruction set's namespace, which the linker may take for all:\n  "
              + String.join("\n  ", outside)
              + "\nno std:: and nothing from the system in kernels: see src/cpu/isa.h");
    }
  }
}
