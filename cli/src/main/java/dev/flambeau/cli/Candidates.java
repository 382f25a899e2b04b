package dev.flambeau.cli;

import dev.flambeau.train.Search;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What a search may try for one hyperparameter: a list ({@code 0.1,0.01}) or a range ({@code
 * 1e-4..1e-1}).
 *
 * @param values the list; empty for a range
 */
record Candidates(List<Double> values, double low, double high) {
  /** Reads them from text. */
  static final class Converter implements ITypeConverter<Candidates> {
    @Override
    public Candidates convert(String text) {
      return parse(text);
    }
  }

  static Candidates parse(String text) {
    try {
      int dots = text.indexOf("..");
      if (dots > 0) {
        double low = Double.parseDouble(text.substring(0, dots));
        double high = Double.parseDouble(text.substring(dots + 2));
        if (low <= high && Double.isFinite(low) && Double.isFinite(high)) {
          return new Candidates(List.of(), low, high);
        }
      } else {
        List<Double> values = new ArrayList<>();
        for (String part : text.split(",")) {
          values.add(Double.parseDouble(part.strip()));
        }
        if (!values.isEmpty()) {
          return new Candidates(values, 0, 0);
        }
      }
    } catch (NumberFormatException e) {
      // Said below, as for what is empty.
    }
    throw new TypeConversionException("\"" + text + "\" is not like 0.1,0.01 or 0.001..0.1");
  }

  boolean isRange() {
    return values.isEmpty();
  }

  /** All ends and values, to be checked. */
  List<Double> all() {
    return isRange() ? List.of(low, high) : values;
  }

  /** Adds this dimension; a range of positive numbers is drawn by order of magnitude. */
  void addTo(Search search, String name, boolean byMagnitude) {
    if (!isRange()) {
      search.choice(name, values.toArray());
    } else if (byMagnitude && low > 0) {
      search.logUniform(name, low, high);
    } else {
      search.uniform(name, low, high);
    }
  }
}
