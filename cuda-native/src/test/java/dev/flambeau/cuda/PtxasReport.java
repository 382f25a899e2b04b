package dev.flambeau.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What ptxas says of each kernel with {@code -v}, from {@code target/native/ptxas.txt}: the output
 * of nvcc for each source, behind a line {@code source NAME}.
 */
final class PtxasReport {
  /** A kernel of a source on one architecture; the bytes of its stack, of each thread. */
  record Kernel(String source, String name, String arch, int stack, int registers) {
    @Override
    public String toString() {
      return "%s: %s on %s (%d bytes of stack, %d registers)"
          .formatted(source, name, arch, stack, registers);
    }
  }

  private static final Pattern ENTRY =
      Pattern.compile("Compiling entry function '(.+)' for '(.+)'");
  private static final Pattern USED = Pattern.compile("Used (\\d+) registers");

  /** With that of the functions that a kernel calls; not said where there is none. */
  private static final Pattern STACK = Pattern.compile(" (\\d+) bytes cumulative stack size");

  private PtxasReport() {}

  static List<Kernel> parse(String report) {
    List<Kernel> kernels = new ArrayList<>();
    String source = "";
    Matcher entry = null;
    for (String line : report.lines().toList()) {
      Matcher used = USED.matcher(line);
      if (line.startsWith("source ")) {
        source = line.substring("source ".length());
      } else if (line.contains("Compiling entry function")) {
        entry = find(ENTRY, line);
      } else if (used.find() && entry != null) {
        Matcher stack = STACK.matcher(line);
        int bytes = stack.find() ? Integer.parseInt(stack.group(1)) : 0;
        int registers = Integer.parseInt(used.group(1));
        kernels.add(new Kernel(source, nameOf(entry.group(1)), entry.group(2), bytes, registers));
        entry = null;
      }
    }
    if (entry != null) {
      throw new IllegalArgumentException("nothing is said of " + entry.group(1));
    }
    return kernels;
  }

  private static Matcher find(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    if (!matcher.find()) {
      throw new IllegalArgumentException("not as ptxas said it before: " + line);
    }
    return matcher;
  }

  /** The name without its namespaces and template arguments: the last that a symbol spells out. */
  static String nameOf(String symbol) {
    int at = symbol.startsWith("_ZN") ? 3 : symbol.startsWith("_Z") ? 2 : symbol.length();
    String name = symbol;
    while (at < symbol.length() && Character.isDigit(symbol.charAt(at))) {
      int digits = at;
      while (Character.isDigit(symbol.charAt(digits))) {
        digits++;
      }
      int end = digits + Integer.parseInt(symbol.substring(at, digits));
      name = symbol.substring(digits, end);
      at = end;
    }
    return name;
  }
}
