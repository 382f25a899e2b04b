package dev.flambeau.notes;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Printed text taken apart into its floating-point numbers and all that stands around them. */
final class PrintedText {
  /** A number with a point or an exponent: integers, names and layout are not negotiable. */
  private static final Pattern FLOAT =
      Pattern.compile("(?<![\\w.])-?\\d+(\\.\\d*(e[+-]\\d+)?|e[+-]\\d+)(?![\\w.])");

  /** How floating-point numbers are held to the expected ones. */
  enum Digits {
    /** Every digit. */
    ALL,
    /** Equal as they stand with up to four decimals; longer ones as at NINE. */
    FOUR,
    /** Within 1e-6 relative plus 1e-7 absolute: a sum may have another order. */
    NINE
  }

  private PrintedText() {}

  /** What is wrong with {@code actual}, or null. */
  static String difference(String expected, String actual, Digits digits) {
    if (expected.equals(actual)) {
      return null;
    }
    List<String> wanted = floats(expected);
    List<String> got = floats(actual);
    boolean sameForm = wanted.size() == got.size();
    for (int i = 0; i < wanted.size() && i < got.size(); ++i) {
      if (!serves(wanted.get(i), got.get(i), digits)) {
        return "expected " + wanted.get(i) + " but it printed " + got.get(i);
      }
      sameForm &= wanted.get(i).length() == got.get(i).length();
    }
    // "1." for "1.0000" moves what follows, so only then may spaces differ.
    if (!layout(expected, sameForm).equals(layout(actual, sameForm))) {
      return "the text around the numbers differs";
    }
    return null;
  }

  private static boolean serves(String expected, String actual, Digits digits) {
    if (digits == Digits.ALL) {
      return expected.equals(actual);
    }
    double wanted = Double.parseDouble(expected);
    double got = Double.parseDouble(actual);
    boolean few = digits == Digits.FOUR && decimals(expected) <= 4 && !expected.contains("e");
    double slack = few ? 0 : 1e-6 * Math.abs(wanted) + 1e-7;
    return Math.abs(got - wanted) <= slack;
  }

  /** Whether the two texts are alike but for the digits of their floats. */
  static boolean sameForm(String expected, String actual) {
    return layout(expected, true).equals(layout(actual, true));
  }

  private static int decimals(String number) {
    int point = number.indexOf('.');
    return point < 0 ? 0 : number.length() - point - 1;
  }

  private static List<String> floats(String text) {
    List<String> floats = new ArrayList<>();
    for (Matcher found = FLOAT.matcher(text); found.find(); ) {
      floats.add(found.group());
    }
    return floats;
  }

  private static String layout(String text, boolean withSpaces) {
    String around = FLOAT.matcher(text).replaceAll("#");
    return withSpaces ? around : around.replaceAll("\\s+", " ").replace("[ ", "[");
  }
}
