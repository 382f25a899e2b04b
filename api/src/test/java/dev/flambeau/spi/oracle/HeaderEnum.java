package dev.flambeau.spi.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The codes of one enum of flambeau.h, and what they are called there. The header lies beside this
 * class, so that what is added to it is tried wherever these tests run.
 */
public final class HeaderEnum {
  private static final String HEADER = header();
  private static final Map<String, Map<Integer, String>> ENUMS = enums();

  public static final HeaderEnum DTYPE = new HeaderEnum("fl_dtype", "");
  public static final HeaderEnum SEQUENCE = new HeaderEnum("fl_sequence", "");
  public static final HeaderEnum UNARY = new HeaderEnum("fl_unary_op", "");
  public static final HeaderEnum BINARY = new HeaderEnum("fl_binary_op", "BINARY_");
  public static final HeaderEnum REDUCE = new HeaderEnum("fl_reduce_op", "REDUCE_");
  public static final HeaderEnum INDEX_REDUCE = new HeaderEnum("fl_index_reduce_op", "INDEX_");
  public static final HeaderEnum LOSS = new HeaderEnum("fl_loss_op", "LOSS_");
  public static final HeaderEnum REDUCTION = new HeaderEnum("fl_reduction", "");
  public static final HeaderEnum RANDOM = new HeaderEnum("fl_random_kind", "");
  public static final HeaderEnum OPTIMIZER = new HeaderEnum("fl_optimizer", "");

  public final String type; // the name of the enum
  private final String prefix; // of the names, which says no more than the enum does

  private HeaderEnum(String type, String prefix) {
    this.type = type;
    this.prefix = prefix;
  }

  /** The header. */
  public static String text() {
    return HEADER;
  }

  /** All of them, in the header's order. */
  public int[] all() {
    return names().keySet().stream().mapToInt(Integer::intValue).toArray();
  }

  /** {@code gelu tanh} for FL_GELU_TANH. */
  public String name(int code) {
    String name = names().getOrDefault(code, type + " " + code);
    return (name.startsWith(prefix) ? name.substring(prefix.length()) : name)
        .toLowerCase(Locale.ROOT)
        .replace('_', ' ');
  }

  private Map<Integer, String> names() {
    Map<Integer, String> names = ENUMS.get(type);
    if (names == null) {
      throw new IllegalStateException("flambeau.h has no enum " + type + "; it has " + types());
    }
    return names;
  }

  /** The enums of the header. */
  public static List<String> types() {
    return List.copyOf(ENUMS.keySet());
  }

  /** The names of a kernel's parameters in the header; null where it has no such function. */
  public static List<String> parameters(String function) {
    String inC = function.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    Matcher m = Pattern.compile("\\bfl_" + inC + "\\(([^)]*)\\)").matcher(HEADER);
    if (!m.find()) {
      return null;
    }
    List<String> names = new ArrayList<>();
    for (String parameter : m.group(1).split(",")) {
      String[] words = parameter.strip().split("\\W+");
      names.add(words[words.length - 1]);
    }
    return names;
  }

  private static Map<String, Map<Integer, String>> enums() {
    Map<String, Map<Integer, String>> all = new TreeMap<>();
    Matcher one = Pattern.compile("enum (fl_\\w+)\\s*\\{([^}]*)\\}").matcher(HEADER);
    while (one.find()) {
      Map<Integer, String> names = new LinkedHashMap<>();
      Matcher code = Pattern.compile("\\bFL_(\\w+)\\s*=\\s*(\\d+)").matcher(one.group(2));
      while (code.find()) {
        names.put(Integer.valueOf(code.group(2)), code.group(1));
      }
      all.put(one.group(1), names);
    }
    return all;
  }

  /** Without comments. */
  private static String header() {
    try (InputStream in = HeaderEnum.class.getResourceAsStream("flambeau.h")) {
      if (in == null) {
        throw new IllegalStateException(
            "flambeau.h is not beside " + HeaderEnum.class + ": api/pom.xml copies it there");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.replaceAll("(?s)/\\*.*?\\*/", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
