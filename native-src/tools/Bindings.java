import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes what lies between the kernels and Java into the source tree, from {@code flambeau.h} and
 * {@code flambeau_cuda.h}, which explain themselves: {@code java native-src/tools/Bindings.java
 * ROOT}.
 */
public final class Bindings {
  private static final String TITLE =
      "Generated from native-src/include by: java native-src/tools/Bindings.java .";
  private static final int JAVA_WIDTH = 100, C_WIDTH = 120;

  /** A space at which no line ends. */
  private static final String HELD = "\u00a0";

  private final Header common, cuda;
  private final List<Kernel> all;

  private Bindings(Path root) throws IOException {
    common = Header.read(root.resolve("native-src/include/flambeau.h"));
    cuda = Header.read(root.resolve("native-src/include/flambeau_cuda.h"));
    all = Stream.concat(common.kernels.stream(), cuda.kernels.stream()).toList();
  }

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    for (Map.Entry<String, String> file : sources(root).entrySet()) {
      Path path = root.resolve(file.getKey());
      if (!Files.exists(path) || !Files.readString(path).equals(file.getValue())) {
        Files.writeString(path, file.getValue());
        System.out.println("wrote " + file.getKey());
      }
    }
  }

  /** What the headers of a source tree ask for: the text of files by their place in it. */
  public static Map<String, String> sources(Path root) throws IOException {
    Bindings b = new Bindings(root);
    Map<String, String> files = new LinkedHashMap<>();
    files.put("api/src/main/java/dev/flambeau/spi/Kernels.java", b.kernels());
    files.put("cpu-native/src/main/java/dev/flambeau/cpu/CpuKernels.java", b.cpuKernels());
    files.put("cuda-native/src/main/java/dev/flambeau/cuda/CudaKernels.java", b.cudaKernels());
    files.put("native-src/src/cpu/kernels.h", b.kernelNames());
    files.put("native-src/src/cpu/wrappers.inl", wrappers(b.common.kernels, false));
    files.put("native-src/src/cuda/wrappers.inl", wrappers(b.all, true));
    files.put("native-src/src/cuda/kernels.h", b.cudaDeclarations());
    files.forEach(
        (file, text) -> {
          int width = file.endsWith(".java") ? JAVA_WIDTH : C_WIDTH;
          text.lines().forEach(line -> demand(line.length() <= width, "too long: %s", line));
        });
    return files;
  }

  // ------------------------------------------------------------------------------------- headers

  private record Argument(String type, String name) {
    String inC() {
      return type + " " + name;
    }

    String inJava() {
      String java = type.equals("int32_t") ? "int" : type.equals("double") ? "double" : "long";
      return java + " " + camelCase(name);
    }
  }

  /** A kernel, named as in C without {@code fl_}. */
  private record Kernel(
      String name, boolean blas, String doc, String section, List<Argument> arguments) {
    Kernel {
      String types = arguments.stream().map(Argument::type).collect(joining(" "));
      boolean ordered = !types.matches(".*out\\b.*fl_(address|maybe|table|rows)\\b.*");
      demand(ordered, "%s: inputs stand before outputs", name);
      demand(types.matches(".*(out|table|rows)\\b.*"), "%s: it writes nothing", name);
    }

    List<String> each(Function<Argument, String> text) {
      return arguments.stream().map(text).toList();
    }

    /** What the function refuses to do without: sizes, which come first, and addresses. */
    List<String> conditions() {
      List<String> conditions = new ArrayList<>();
      boolean sizes = true;
      for (Argument a : arguments) {
        sizes &= a.type.startsWith("int");
        if (a.type.matches("fl_(address|out|table|rows)")) {
          conditions.add(a.name + " != 0");
        } else if (sizes && a.type.equals("int64_t")) {
          conditions.add(a.name + " >= 1");
        }
      }
      if (owner() != null && arguments.stream().noneMatch(a -> a.type.matches("fl_(out|rows)"))) {
        conditions.add("(" + owner() + ") != 0");
      }
      return conditions;
    }

    /** An address on the device that it runs on, in C; null: it runs on the host. */
    String owner() {
      String owner = null;
      for (int i = arguments.size() - 1; i >= 0; i--) {
        String name = arguments.get(i).name;
        switch (arguments.get(i).type) {
          case "fl_out" -> owner = name;
          case "fl_maybe_out" ->
              owner = owner == null ? name : name + " != 0 ? " + name + " : " + owner;
          case "fl_rows" -> owner = "second_of_first_row(" + name + ")";
          default -> {}
        }
      }
      return owner;
    }
  }

  private record Constants(String doc, String text) {}

  private record Header(String about, List<Constants> constants, List<Kernel> kernels) {
    private static final Pattern ITEM =
        Pattern.compile(
            """
            /\\* -+ (?<section>[^*]+?) \\*/\
            |/\\*\\*(?<doc>.*?)\\*/\
            |/\\*.*?\\*/\
            |\\benum (?:\\w+ )?\\{(?<codes>.*?)\\};\
            |^\\#define FL_(?<constant>\\w+ (?:\\d+|"[^"]*"))\
            |^FL_(?<blas>BLAS_)?OP int32_t fl_(?<kernel>\\w+)\\((?<arguments>(?:\\s*(?:\
            int32_t|int64_t|double|fl_(?:address|maybe|out|maybe_out|table|rows)) \\w+,?)+)\\);\
            |^FL_(?:BLAS_)?OP (?<unknown>[^;]*)\
            |;""",
            Pattern.DOTALL | Pattern.MULTILINE);

    static Header read(Path file) throws IOException {
      String about = null, doc = null, section = null;
      List<Constants> constants = new ArrayList<>();
      List<Kernel> kernels = new ArrayList<>();
      Matcher item = ITEM.matcher(Files.readString(file).replace("\r\n", "\n"));
      while (item.find()) {
        demand(item.group("unknown") == null, "no kernel reads like %s", item.group("unknown"));
        String title = item.group("section"), constant = item.group("constant");
        if (title != null) {
          section = "\n  // " + "-".repeat(94 - title.length()) + " " + title + "\n";
        } else if (item.group("codes") != null) {
          constants.add(new Constants(doc, "int " + codes(item.group("codes"))));
        } else if (constant != null) {
          String type = constant.contains("\"") ? "String " : "int ";
          constants.add(new Constants(doc, type + constant.replaceFirst(" ", " = ") + ";"));
        } else if (item.group("kernel") != null) {
          List<Argument> arguments =
              Stream.of(item.group("arguments").strip().split(",\\s*"))
                  .map(words -> new Argument(words.split(" ")[0], words.split(" ")[1]))
                  .toList();
          boolean blas = item.group("blas") != null;
          kernels.add(new Kernel(item.group("kernel"), blas, doc, section, arguments));
        }
        doc = item.group("doc");
        about = about == null ? doc : about;
      }
      return new Header(about, constants, kernels);
    }

    private static String codes(String text) {
      String comment = "(\\s*(?:/\\*(?:(?!\\*/).)*\\*/)?\\s*)";
      return text
          // Java never asks for a status that is none of the others
          .replaceFirst("," + comment + "FL_INTERNAL = \\d+" + comment + "$", "$1")
          .replaceFirst("( = \\d+)" + comment + "$", "$1;$2")
          .replaceAll("FL_(CUDA_)?", "")
          .replaceAll("/\\* (.*?) \\*/", "// $1")
          .replaceAll(" +", " ")
          .replaceAll("\n ", "\n      ")
          .strip();
    }
  }

  // ------------------------------------------------------------------------------------- Java

  private String kernels() {
    StringBuilder methods = new StringBuilder();
    String section = "";
    for (Kernel k : all) {
      boolean everywhere = common.kernels.contains(k);
      methods.append(k.section.equals(section) ? "" : k.section);
      section = k.section;
      methods.append("\n" + javadoc("  ", k.doc, k));
      methods.append(method(everywhere ? "" : "default ", camelCase(k.name), k));
      methods.append(everywhere ? ";\n" : " {\n    return UNSUPPORTED;\n  }\n");
    }
    return """
        // %s
        package dev.flambeau.spi;

        %spublic interface Kernels extends Library {
        %s%s}
        """
        .formatted(TITLE, javadoc("", common.about, null), constants(common, ""), methods);
  }

  private String cpuKernels() {
    return natives("cpu", "Cpu", each(common.kernels, "\n", k -> nativeMethod(k, "OpenBlas")));
  }

  private String cudaKernels() {
    String constructor = "\n  CudaKernels(int index) {\n    super(index);\n  }\n\n";
    String methods = each(all, "\n", k -> nativeMethod(k, "CuBlas"));
    return natives("cuda", "Cuda", constants(cuda, "static final ") + constructor + methods);
  }

  private static String natives(String name, String prefix, String members) {
    return """
        // %1$s
        package dev.flambeau.%2$s;

        import dev.flambeau.spi.Kernels;
        import org.bytedeco.javacpp.annotation.Name;
        import org.bytedeco.javacpp.annotation.NoException;
        import org.bytedeco.javacpp.annotation.Properties;

        /** The kernels as JavaCPP native methods. */
        @Properties(inherit = %3$sLibrary.class)
        @NoException
        final class %3$sKernels extends %3$sLibrary implements Kernels {
        %4$s}
        """
        .formatted(TITLE, name, prefix, members);
  }

  private static String nativeMethod(Kernel k, String library) {
    String name = camelCase(k.name), tried = camelCase("try_" + k.name);
    String annotation = "  @Name(\"fl_" + k.name + "\")\n";
    if (!k.blas) {
      return "  @Override\n" + annotation + method("public native ", name, k) + ";\n";
    }
    List<String> names = k.each(a -> camelCase(a.name));
    return """
          @Override
        %s {
        %s
            if (status != NEED_BLAS) {
              return status;
            }
            %s.open();
        %s
          }

        %s%s;
        """
        .formatted(
            method("public ", name, k),
            call("    int status = " + tried + "(", names, ");"),
            library,
            call("    return " + tried + "(", names, ");"),
            annotation,
            method("private static native ", tried, k));
  }

  private static String method(String modifiers, String name, Kernel k) {
    return call("  " + modifiers + "int " + name + "(", k.each(Argument::inJava), ")");
  }

  /** On one line if it and a bracket or a semicolon fit, or the items on lines of their own. */
  private static String call(String head, List<String> items, String tail) {
    String line = head + String.join(", ", items) + tail;
    if (line.length() + 2 <= JAVA_WIDTH) {
      return line;
    }
    String indent = " ".repeat(head.length() - head.stripLeading().length() + 4);
    return head + "\n" + filled(indent, indent, items, ", ", tail, JAVA_WIDTH);
  }

  private static String constants(Header header, String modifiers) {
    return header.constants.stream()
        .map(c -> javadoc("  ", c.doc, null) + "  " + modifiers + c.text + "\n")
        .collect(joining("\n"));
  }

  /** A comment of the header as Javadoc: paragraphs, and indented lines as they stand. */
  private static String javadoc(String indent, String comment, Kernel of) {
    if (comment == null) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    for (String paragraph : comment.strip().replaceAll("(?m)^ ?\\* ?", "").split("\n\n")) {
      boolean begins = !text.isEmpty() && text.charAt(text.length() - 1) != '>';
      text.append(text.isEmpty() ? "" : "\n\n");
      if (paragraph.startsWith("  ")) {
        String lines = inJava(paragraph, of).replaceAll("(?m)^  ", "");
        text.append("<pre>{@code\n").append(lines).append("\n}</pre>");
      } else {
        List<String> words = List.of(((begins ? "<p>" : "") + prose(paragraph, of)).split("\\s+"));
        text.append(filled("", "", words, " ", "", JAVA_WIDTH - indent.length() - 3));
      }
    }
    String all = text.toString().replace(HELD, " ");
    if (!all.contains("\n") && indent.length() + all.length() + 7 <= JAVA_WIDTH) {
      return indent + "/** " + all + " */\n";
    }
    return all.lines()
        .map(line -> (indent + " * " + line).stripTrailing())
        .collect(joining("\n", indent + "/**\n", "\n" + indent + " */\n"));
  }

  /** Words, and formulas between backquotes. */
  private static String prose(String text, Kernel of) {
    String out = inJava(text, of);
    boolean plain = !out.replaceAll("`[^`]*`", "").matches("(?s).*[<>&].*");
    demand(plain, "<, > and & stand between backquotes: %s", text);
    // neither is a link broken, nor does a line begin with the sign that begins a tag
    out = out.replaceAll("`([^`]*)`", "{@code $1}").replaceAll("\\s@", HELD + "@");
    return Pattern.compile("\\bfl_(\\w+)")
        .matcher(out)
        .replaceAll(m -> "{@link" + HELD + "#" + camelCase(m.group(1)) + "}");
  }

  /** With codes and arguments as Java names them. */
  private static String inJava(String text, Kernel of) {
    String out = text.replaceAll("\\bFL_", "");
    for (Argument a : of == null ? List.<Argument>of() : of.arguments) {
      out = out.replaceAll("\\b" + a.name + "\\b", camelCase(a.name));
    }
    return out;
  }

  // ------------------------------------------------------------------------------------- C++

  private String kernelNames() {
    return cpp(
        """
        /* X(name) for each kernel of flambeau.h; the function is fl_name. */
        #ifndef FLAMBEAU_CPU_KERNELS_H
        #define FLAMBEAU_CPU_KERNELS_H

        #define FL_KERNELS(X)%s

        #endif
        """,
        each(common.kernels, "", k -> " \\\n  X(" + k.name + ")"));
  }

  private String cudaDeclarations() {
    return cpp(
        """
        /* The kernels, for one device. Files are named after the CPU's. */
        #ifndef FLAMBEAU_CUDA_KERNELS_H
        #define FLAMBEAU_CUDA_KERNELS_H
        #include "device.h"

        namespace flambeau {
        namespace device {

        %s
        }  // namespace device
        }  // namespace flambeau
        #endif
        """,
        each(
            all,
            "",
            k -> {
              String head = "int32_t " + k.name + (k.owner() == null ? "(" : "(Device& d, ");
              return aligned(head, k.each(Argument::inC), ");\n");
            }));
  }

  private static String wrappers(List<Kernel> kernels, boolean gpu) {
    String functions = each(kernels, "\n", k -> wrapper(k, gpu));
    return cpp("extern \"C\" {\n\n%s\n}  // extern \"C\"\n", functions);
  }

  /** A function of the ABI: it checks its arguments, finds the device, and calls the kernel. */
  private static String wrapper(Kernel k, boolean gpu) {
    boolean onDevice = gpu && k.owner() != null;
    String head = onDevice ? "  return on_device(" : "  return guarded(";
    String owner = onDevice ? ", " + k.owner() : "";
    String lambda =
        " ".repeat(head.length()) + (onDevice ? "[&](Device& d)" : "[&]") + " { return ";
    String kernel = (gpu ? "device::" : "kernels().") + k.name + (onDevice ? "(d, " : "(");
    List<String> names = k.each(Argument::name);
    return aligned("int32_t fl_" + k.name + "(", k.each(Argument::inC), ") {\n")
        + filled(
            head + "\"" + k.name + "\", ",
            " ".repeat(head.length()),
            k.conditions(),
            " && ",
            owner + ",\n",
            C_WIDTH)
        + aligned(lambda + kernel, names, "); });\n}\n");
  }

  private static String cpp(String template, String content) {
    return "/* %s */\n// clang-format off\n%s// clang-format on\n"
        .formatted(TITLE, template.formatted(content));
  }

  private static String each(List<Kernel> kernels, String between, Function<Kernel, String> text) {
    return kernels.stream().map(text).collect(joining(between));
  }

  /** Items behind a head, those of later lines under the bracket that it opens. */
  private static String aligned(String head, List<String> items, String tail) {
    return filled(head, " ".repeat(head.lastIndexOf('(') + 1), items, ", ", tail, C_WIDTH);
  }

  /** Items one after another, as many on a line as fit. */
  private static String filled(
      String head, String indent, List<String> items, String between, String tail, int width) {
    StringBuilder text = new StringBuilder(head);
    int column = head.length();
    for (int i = 0; i < items.size(); i++) {
      String item = items.get(i) + (i + 1 < items.size() ? between : tail);
      if (i > 0 && column + item.stripTrailing().length() > width) {
        text.append('\n').append(indent);
        column = indent.length();
      }
      text.append(item);
      column += item.length();
    }
    return text.toString().replaceAll(" +\n", "\n");
  }

  private static String camelCase(String name) {
    return Pattern.compile("_(\\w)")
        .matcher(name)
        .replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
  }

  private static void demand(boolean condition, String message, Object... details) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(message, details));
    }
  }
}
