package dev.flambeau.cli;

import dev.flambeau.cli.table.CsvReader;
import dev.flambeau.cli.table.SettingNames;
import java.nio.charset.Charset;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a CSV file is read. */
final class ReadOptions {
  /** What messages about a table call a setting: the option's name. */
  static final SettingNames OPTIONS = words -> "--" + words.replace(' ', '-');

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--separator",
      paramLabel = "C",
      description = "What is between values: a character, or tab. Found by trying if not given.")
  private String separator;

  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      description = "The file's encoding; UTF-8 if neither this nor a byte order mark says more.")
  private String encoding;

  CsvReader reader() {
    return new CsvReader(separatorChar(), charset(), OPTIONS);
  }

  private Character separatorChar() {
    if (separator == null) {
      return null;
    }
    String text = separator.toLowerCase(Locale.ROOT);
    if (text.equals("tab") || text.equals("\\t")) {
      return '\t';
    }
    if (text.length() != 1 || "\"\r\n".contains(text)) {
      throw new ParameterException(
          spec.commandLine(), "--separator is one character or tab, not \"" + separator + "\"");
    }
    return text.charAt(0);
  }

  private Charset charset() {
    try {
      return encoding == null ? null : Charset.forName(encoding);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--encoding: there is no encoding named \"" + encoding + "\"", e);
    }
  }
}
