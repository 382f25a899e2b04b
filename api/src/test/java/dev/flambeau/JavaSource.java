package dev.flambeau;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Java source as text that can be searched: its methods, and the arguments of calls in them. */
final class JavaSource {
  private static final Pattern NOT_CODE =
      Pattern.compile("//[^\n]*|(?s)/\\*.*?\\*/|\"(\\\\.|[^\"\\\\\n])*\"|'(\\\\.|[^'\\\\])+'");
  private static final Pattern TYPE = Pattern.compile("\\b(class|interface|enum|record)\\s+\\w+");
  private static final Pattern METHOD =
      Pattern.compile("(\\w+)\\s*\\([^()=]*\\)\\s*(throws[\\w\\s.,]+)?$");

  private JavaSource() {}

  /** A method or constructor: its name and all of its body. */
  record Method(String name, String body) {}

  /** A call: what is called, where that stands in the text, and the arguments. */
  record Call(String name, int start, int end, List<String> arguments) {}

  /** The source with comments and what stands between quotes blanked out. */
  static String code(String source) {
    return NOT_CODE.matcher(source).replaceAll(m -> " ".repeat(m.group().length()));
  }

  static List<Method> methods(String code) {
    List<Method> found = new ArrayList<>();
    Deque<String> open = new ArrayDeque<>(); // "" for a type, else the method's or block's name
    Deque<Integer> starts = new ArrayDeque<>();
    int boundary = 0;
    for (int i = 0; i < code.length(); i++) {
      char c = code.charAt(i);
      if (c == '{') {
        open.push(name(code.substring(boundary, i).strip(), open.peek()));
        starts.push(i);
      } else if (c == '}') {
        String name = open.pop();
        int start = starts.pop();
        if ("".equals(open.peek()) && !name.isEmpty()) {
          found.add(new Method(name, code.substring(start, i + 1)));
        }
      }
      boundary = c == '{' || c == '}' || c == ';' ? i + 1 : boundary;
    }
    return found;
  }

  private static String name(String header, String around) {
    if (TYPE.matcher(header).find() && !header.contains("=")) {
      return "";
    }
    Matcher m = METHOD.matcher(header);
    return "".equals(around) && m.find() ? m.group(1) : "a block";
  }

  /** All calls whose name matches; the pattern ends before the parenthesis. */
  static List<Call> calls(String code, String name) {
    List<Call> calls = new ArrayList<>();
    Matcher m = Pattern.compile("(?<!\\w)(" + name + ")\\(").matcher(code);
    while (m.find()) {
      List<String> arguments = new ArrayList<>();
      int depth = 1;
      int from = m.end();
      int at = from;
      for (; depth > 0; at++) {
        char c = code.charAt(at);
        depth += c == '(' || c == '{' || c == '[' ? 1 : c == ')' || c == '}' || c == ']' ? -1 : 0;
        if (depth == 0 || depth == 1 && c == ',') {
          arguments.add(code.substring(from, at).strip());
          from = at + 1;
        }
      }
      calls.add(new Call(m.group(1), m.start(), at, arguments));
    }
    return calls;
  }
}
