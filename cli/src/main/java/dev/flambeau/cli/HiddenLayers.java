package dev.flambeau.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Sizes of hidden layers, as the command line writes them: {@code 64,32}, or {@code none}.
 *
 * @param sizes the sizes, from input to output
 */
record HiddenLayers(List<Integer> sizes) {
  private static final int WIDEST = 100_000;

  /** Reads one from text. */
  static final class Converter implements ITypeConverter<HiddenLayers> {
    @Override
    public HiddenLayers convert(String text) {
      return parse(text);
    }
  }

  static HiddenLayers parse(String text) {
    List<Integer> sizes = new ArrayList<>();
    if (!text.equals("none")) {
      for (String part : text.split(",", -1)) {
        try {
          sizes.add(Integer.parseInt(part.strip()));
        } catch (NumberFormatException e) {
          sizes.add(0);
        }
        int last = sizes.get(sizes.size() - 1);
        if (last < 1 || last > WIDEST) {
          throw new TypeConversionException("\"" + text + "\" is not like 64,32 or none");
        }
      }
    }
    return new HiddenLayers(List.copyOf(sizes));
  }

  @Override
  public String toString() {
    return sizes.isEmpty()
        ? "none"
        : sizes.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
