package dev.flambeau.cli.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads a CSV file with a header. Cells may be quoted; the separator (comma, semicolon, tab or bar)
 * is found by trying; a byte order mark tells the encoding, which is UTF-8 otherwise.
 */
public final class CsvReader {
  private static final char[] SEPARATORS = {',', ';', '\t', '|'};
  private static final int TRIED_ROWS = 50;
  private static final char MARK = '\uFEFF';

  private final Character separator;
  private final Charset encoding;
  private final SettingNames names;

  /** A reader of files with this separator and this encoding; null for either finds it out. */
  public CsvReader(Character separator, Charset encoding) {
    this(separator, encoding, SettingNames.PLAIN);
  }

  /** The same; messages call the encoding what {@code names} calls it. */
  public CsvReader(Character separator, Charset encoding, SettingNames names) {
    this.separator = separator;
    this.encoding = encoding;
    this.names = names;
  }

  /**
   * Reads a file.
   *
   * @throws TableException when it cannot be read, is empty, has no header, or has rows of other
   *     lengths
   */
  public TextTable read(Path file) {
    if (!Files.exists(file)) {
      throw new TableException("no such file: " + file);
    }
    if (Files.isDirectory(file)) {
      throw new TableException(file + " is a folder, not a CSV file");
    }
    try {
      return read(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new TableException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw new TableException(file + " is too large for the memory of this JVM (java -Xmx)", e);
    }
  }

  /**
   * Reads the bytes of a file; {@code source} names it in messages.
   *
   * @throws TableException as where a file is read
   */
  public TextTable read(String source, byte[] bytes) {
    String text = decode(source, bytes);
    if (text.isBlank()) {
      throw new TableException(source + " is empty");
    }
    if (text.indexOf('\0') >= 0) {
      throw new TableException(
          source
              + " is not text; is it a CSV file, and is its "
              + names.of("encoding")
              + " right?");
    }
    char between = separator != null ? separator : guessSeparator(text);
    List<String[]> rows = new ArrayList<>();
    List<Long> lines = new ArrayList<>();
    parse(source, text, between, rows, lines);
    List<String> names = header(source, rows.remove(0));
    lines.remove(0);
    if (rows.isEmpty()) {
      throw new TableException(source + " has a header and no rows");
    }
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).length != names.size()) {
        throw new TableException(
            source
                + ", line "
                + lines.get(i)
                + ": "
                + count(rows.get(i).length, "value")
                + " where the header names "
                + count(names.size(), "column"));
      }
    }
    return new TextTable(source, names, rows, lines, between);
  }

  private static String count(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  // ------------------------------------------------------------------------------------------
  // encoding

  private String decode(String source, byte[] bytes) {
    Charset charset = encoding != null ? encoding : marked(bytes);
    var decoder =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out =
        CharBuffer.allocate((int) Math.ceil(bytes.length * (double) decoder.maxCharsPerByte()) + 1);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isUnderflow()) {
      result = decoder.flush(out);
    }
    try {
      if (result.isError()) {
        result.throwException();
      }
    } catch (CharacterCodingException e) {
      long line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new TableException(
          source
              + ", line "
              + line
              + " is not "
              + charset
              + "; name the file's encoding, for example "
              + names.of("encoding")
              + " "
              + (charset.equals(StandardCharsets.UTF_8) ? "windows-1252" : "UTF-8"),
          e);
    }
    String text = out.flip().toString();
    return !text.isEmpty() && text.charAt(0) == MARK ? text.substring(1) : text;
  }

  private static Charset marked(byte[] b) {
    if (b.length >= 2 && b[0] == (byte) 0xFE && b[1] == (byte) 0xFF) {
      return StandardCharsets.UTF_16BE;
    }
    if (b.length >= 2 && b[0] == (byte) 0xFF && b[1] == (byte) 0xFE) {
      return StandardCharsets.UTF_16LE;
    }
    return StandardCharsets.UTF_8;
  }

  // ------------------------------------------------------------------------------------------
  // rows

  private static CSVFormat format(char separator) {
    return CSVFormat.DEFAULT
        .builder()
        .setDelimiter(separator)
        .setIgnoreSurroundingSpaces(separator != '\t')
        .setIgnoreEmptyLines(true)
        .get();
  }

  private static void parse(
      String source, String text, char separator, List<String[]> rows, List<Long> lines) {
    long line = 1;
    try (CSVParser parser = CSVParser.parse(text, format(separator))) {
      for (CSVRecord r : parser) {
        line = parser.getCurrentLineNumber();
        rows.add(cells(r));
        lines.add(line);
      }
    } catch (IOException | UncheckedIOException | IllegalStateException e) {
      throw new TableException(
          source
              + ", line "
              + (line + 1)
              + ": the quotes do not fit together; a quoted value"
              + " doubles the quotes inside it",
          e);
    }
  }

  private static String[] cells(CSVRecord r) {
    String[] cells = r.values();
    for (int i = 0; i < cells.length; i++) {
      cells[i] = cells[i].strip();
    }
    return cells;
  }

  /** The separator under which the first rows have the most, and equally many, cells. */
  private static char guessSeparator(String text) {
    char best = ',';
    int most = 0;
    for (char candidate : SEPARATORS) {
      int columns = columns(text, candidate);
      if (columns > most) {
        most = columns;
        best = candidate;
      }
    }
    return best;
  }

  /**
   * How well a separator fits: more for more columns, little where rows differ, 0 where it fails.
   */
  private static int columns(String text, char separator) {
    int width = 0;
    int read = 0;
    try (CSVParser parser = CSVParser.parse(text, format(separator))) {
      for (CSVRecord r : parser) {
        if (read == 0) {
          width = r.size();
        } else if (r.size() != width) {
          return width > 1 ? 1 : 0;
        }
        if (++read == TRIED_ROWS) {
          break;
        }
      }
    } catch (IOException | UncheckedIOException | IllegalStateException e) {
      return 0;
    }
    return width > 1 ? 2 * width : 1;
  }

  private static List<String> header(String source, String[] cells) {
    List<String> names = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    boolean numbers = true;
    for (int i = 0; i < cells.length; i++) {
      String name = cells[i].isEmpty() ? "column" + (i + 1) : cells[i];
      numbers &= !Double.isNaN(Cells.number(cells[i], false));
      if (!seen.add(name)) {
        throw new TableException(source + " has two columns named \"" + name + "\"");
      }
      names.add(name);
    }
    if (numbers) {
      throw new TableException(
          source + " has no header: its first line must name the columns, but holds numbers");
    }
    return List.copyOf(names);
  }
}
