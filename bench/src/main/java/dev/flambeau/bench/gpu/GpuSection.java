package dev.flambeau.bench.gpu;

import dev.flambeau.bench.Figures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link GpuBench} measured, as a section of Markdown. */
final class GpuSection {
  static final String OURS = "flambeau";
  static final String THEIRS = "python";
  static final String FALLBACK = "without cuBLAS";

  /** Where this begins in {@code GPU.md}, whose first part people write. */
  static final String HEADING = "### Lines and targets";

  private static final GpuTarget FALLBACK_TARGET = GpuTarget.cublas(0.6);

  private final Map<GpuLine, Map<String, List<Double>>> times = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> missed = new ArrayList<>();
  private final List<String> grown = new ArrayList<>();
  private final StringBuilder tables = new StringBuilder();
  private double bus = Double.NaN;
  private double bandwidth = Double.NaN;
  private int met;
  private int unknown;

  /** A line of its own, before the tables. */
  void note(String text) {
    notes.add(text);
  }

  /** What the bus can do by its specification, in GB/s: where PyTorch's copies are not there. */
  void bus(double gigabytes) {
    bus = gigabytes;
  }

  /** Announces a line: it has a row even if nobody could be measured. */
  void begin(GpuLine line) {
    times.put(line, new LinkedHashMap<>());
  }

  /** A side's median of one round. */
  void measured(GpuLine line, String side, double ns) {
    times.get(line).computeIfAbsent(side, s -> new ArrayList<>()).add(ns);
  }

  /** A warm worker of ours made the driver allocate. */
  void grew(GpuLine line, double bytes) {
    grown.add("%s, %,.0f bytes".formatted(line.name(), bytes));
  }

  /** The medians of a line so far, in words. */
  String line(GpuLine line) {
    StringBuilder said = new StringBuilder(line.name());
    times
        .get(line)
        .forEach((side, ns) -> said.append("  ").append(side).append(' ').append(micros(ns)));
    return said + " us";
  }

  /** Whether anything was measured. */
  private boolean any() {
    return times.values().stream().anyMatch(m -> !m.isEmpty());
  }

  /** Whether each line has a figure of ours. */
  boolean complete() {
    return times.values().stream().allMatch(m -> m.containsKey(OURS));
  }

  private static double median(List<Double> ns) {
    return ns == null
        ? Double.NaN
        : Figures.median(ns.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static String micros(List<Double> ns) {
    return ns == null ? "-" : Figures.digits(median(ns) / 1000);
  }

  /**
   * Bytes per ns (GB/s) of the fastest copy by non-temporal stores; NaN where none was measured.
   */
  private double copies() {
    return times.entrySet().stream()
        .filter(e -> e.getKey().kind().equals("copy") && !e.getKey().cached())
        .flatMap(e -> e.getValue().values().stream().map(ns -> e.getKey().bytes() / median(ns)))
        .max(Double::compare)
        .orElse(Double.NaN);
  }

  /** What is known so far: it may be asked for after every line. */
  String text() {
    bandwidth = copies();
    tables.setLength(0);
    missed.clear();
    met = 0;
    unknown = 0;
    String group = "";
    for (Map.Entry<GpuLine, Map<String, List<Double>>> e : times.entrySet()) {
      GpuLine line = e.getKey();
      if (!line.group().equals(group)) {
        group = line.group();
        tables.append("\n| ").append(group);
        tables.append(" | Flambeau | PyTorch | x | share | target | |\n");
        tables.append("| --- | ---: | ---: | ---: | ---: | --- | --- |\n");
      }
      List<Double> ours = e.getValue().get(OURS);
      List<Double> theirs = e.getValue().get(THEIRS);
      row(line.name(), line, ours, theirs, line.target(), reached(line, ours, theirs));
      List<Double> own = e.getValue().get(FALLBACK);
      if (line.fallback()) {
        double fastest = theirs == null ? median(ours) : fmin(median(ours), median(theirs));
        double share = fastest / median(own);
        row(line.name() + ", our own kernel", line, own, theirs, FALLBACK_TARGET, share);
      }
    }
    StringBuilder s = new StringBuilder(HEADING + "\n\n");
    notes.forEach(n -> s.append("- ").append(n).append('\n'));
    if (!Double.isNaN(bandwidth)) {
      s.append("- copies move %s GB/s, read and written\n".formatted(Figures.digits(bandwidth)));
    }
    if (any()) {
      s.append("- once warm, our workers made the driver allocate: ")
          .append(grown.isEmpty() ? "nothing" : String.join("; ", grown))
          .append('\n');
    }
    s.append(
        "- targets: %d met, %d missed, %d not judged\n".formatted(met, missed.size(), unknown));
    missed.forEach(m -> s.append("  - missed: ").append(m).append('\n'));
    s.append(
        """

        Times in us, medians of all rounds; x: how many times faster than PyTorch. Share: bytes that must cross, against
        the copy's; products in TFLOP/s; copies in GB/s. Not behind: at least 0.97 times as fast, the accuracy of the times.
        """);
    return s.append(tables).toString();
  }

  private static double fmin(double a, double b) {
    return Double.isNaN(a) || b < a ? b : a;
  }

  private static double gigabytes(GpuLine line, List<Double> ns) {
    return 4.0 * line.dims()[0] / median(ns);
  }

  /** What a line's target is about; NaN where it was not measured. */
  private double reached(GpuLine line, List<Double> ours, List<Double> theirs) {
    return switch (line.target().kind()) {
      case COPY -> line.bytes() / median(ours) / bandwidth;
      case PYTORCH -> median(theirs) / median(ours);
      case MICROS -> median(ours) / 1000;
      case BUS -> gigabytes(line, ours) / (theirs == null ? bus : gigabytes(line, theirs));
      case CUBLAS -> throw new IllegalArgumentException(line.name());
    };
  }

  private void row(
      String name,
      GpuLine line,
      List<Double> ours,
      List<Double> theirs,
      GpuTarget target,
      double reached) {
    String share = "";
    if (ours != null && line.flops() > 0) {
      share = Figures.digits(line.flops() / median(ours) / 1000) + " TFLOP/s";
    } else if (ours != null && line.bytes() > 0 && !line.cached() && !Double.isNaN(bandwidth)) {
      share = Math.round(100 * line.bytes() / median(ours) / bandwidth) + " %";
    } else if (ours != null && line.kind().endsWith("load")) {
      share = Figures.digits(gigabytes(line, ours)) + " GB/s";
    }
    double ratio = median(theirs) / median(ours);
    String verdict = "";
    if (Double.isNaN(reached)) {
      unknown++;
      verdict = ours == null ? "to be measured" : "";
    } else if (target.met(reached)) {
      met++;
      verdict = "met";
    } else {
      verdict = "missed";
      missed.add("%s: %s (%s)".formatted(name, target.said(reached), target));
    }
    tables.append(
        "| %s | %s | %s | %s | %s | %s | %s |\n"
            .formatted(
                name,
                micros(ours),
                micros(theirs),
                Double.isNaN(ratio) ? "" : Figures.digits(ratio),
                share,
                target,
                verdict));
  }
}
