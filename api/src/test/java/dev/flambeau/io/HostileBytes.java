package dev.flambeau.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an attacker puts into a file, all of it from one seed. */
public final class HostileBytes {
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "2",
          "3",
          "4",
          "7",
          "8",
          "255",
          "256",
          "-1",
          "-2",
          "65536",
          "2147483647",
          "2147483648",
          "-2147483648",
          "4294967295",
          "4294967296",
          "4294967297",
          "8589934592",
          "1099511627776",
          "9007199254740993",
          "576460752303423488",
          "2305843009213693952",
          "4611686018427387904",
          "4611686018427387905",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "1e999",
          "-1e999",
          "1e308",
          "1e-999",
          "0.5",
          "1.0",
          "1e0",
          "-0",
          "00",
          "01",
          "+1",
          "0x10",
          "NaN",
          "Infinity",
          "null",
          "true",
          "\"1\"",
          "",
          "[]",
          "{}",
          "1,1",
          "9".repeat(300),
          "0." + "1".repeat(300));
  private static final Byte[] EDGES = {0, 1, 0x7F, (byte) 0x80, (byte) 0xFF};
  private static final String MARKS = "0129-.e\"'{}[],:;\\\n\r\t ";
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
  private static final Pattern TOKEN = Pattern.compile("[\\w.]+|\\s+|.", Pattern.DOTALL);

  private final SplittableRandom random;

  HostileBytes(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A number from 0 to {@code n - 1}. */
  public int below(int n) {
    return random.nextInt(n);
  }

  /** True once in {@code n} times. */
  public boolean oneIn(int n) {
    return below(n) == 0;
  }

  /** One of these. */
  @SafeVarargs
  public final <T> T of(T... choices) {
    return choices[below(choices.length)];
  }

  /** A number, or what stands in the place of one. */
  public String number() {
    return oneIn(3) ? Integer.toString(below(10)) : NUMBERS.get(below(NUMBERS.size()));
  }

  /** The bits of a number at an edge, or near one. */
  public long bits() {
    long edge = of(0L, 1L << below(64), Long.MAX_VALUE, (long) Integer.MAX_VALUE, -1L);
    return oneIn(8) ? random.nextLong() : edge + below(5) - 2;
  }

  /** So many bytes at random. */
  public byte[] bytes(int n) {
    byte[] bytes = new byte[n];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A file with some bits, bytes or stretches changed, or with an end that is not its own. */
  public byte[] spoilt(byte[] good) {
    byte[] bytes = good.clone();
    for (int n = of(1, 1, 1, 2, 3, 8); n > 0 && bytes.length > 0; n--) {
      int at = below(bytes.length);
      int length = Math.min(1 + below(16), bytes.length - at);
      switch (below(8)) {
        case 0, 1, 2 -> bytes[at] ^= (byte) (1 << below(8));
        case 3 -> bytes[at] = oneIn(2) ? of(EDGES) : (byte) MARKS.charAt(below(MARKS.length()));
        case 4 -> System.arraycopy(bytes(length), 0, bytes, at, length);
        case 5 -> Arrays.fill(bytes, at, at + length, of(EDGES));
        case 6 -> bytes = Arrays.copyOf(bytes, below(bytes.length + 1));
        default -> bytes = joined(Arrays.copyOf(bytes, at), bytes(below(16)), tail(bytes, at));
      }
    }
    return bytes;
  }

  private byte[] tail(byte[] bytes, int at) {
    return Arrays.copyOfRange(bytes, of(at, below(bytes.length)), bytes.length);
  }

  /** These, one after the other. */
  public static byte[] joined(byte[]... parts) {
    byte[] all = new byte[Arrays.stream(parts).mapToInt(p -> p.length).sum()];
    int at = 0;
    for (byte[] p : parts) {
      System.arraycopy(p, 0, all, at, p.length);
      at += p.length;
    }
    return all;
  }

  /** A text with some of its words left out, put twice, or put in place of others. */
  public String spoilt(String good) {
    List<String> words = new ArrayList<>();
    for (Matcher m = TOKEN.matcher(good); m.find(); ) {
      words.add(m.group());
    }
    for (int n = of(1, 1, 2, 5); n > 0 && !words.isEmpty(); n--) {
      int at = below(words.size());
      switch (below(6)) {
        case 0 -> words.remove(at);
        case 1 -> words.add(at, words.get(below(words.size())));
        case 2 -> words.set(at, words.get(below(words.size())));
        case 3 -> words.set(at, number());
        case 4 -> words.set(at, of("{", "}", "[", "]", ":", ",", "\"", "\\", "\u0000", "\uFFFF"));
        default -> {
          List<Integer> numbers = new ArrayList<>();
          for (int i = 0; i < words.size(); i++) {
            if (NUMBER.matcher(words.get(i)).matches()) {
              numbers.add(i);
            }
          }
          if (!numbers.isEmpty()) {
            words.set(numbers.get(below(numbers.size())), number());
          }
        }
      }
    }
    return String.join("", words);
  }
}
