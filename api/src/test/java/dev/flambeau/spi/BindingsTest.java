package dev.flambeau.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code Bindings} writes from the headers: that it is checked in, and what it looks like. */
@Tag("sources")
class BindingsTest {
  private static final Path ROOT = Path.of("..");
  private static final String COMMAND = "java native-src/tools/Bindings.java .";
  private static final String HEADERS = "native-src/include/";

  @TempDir static Path classes;
  @TempDir Path tree;

  private static URLClassLoader tool;

  @BeforeAll
  static void compileTheTool() throws IOException {
    Path source = ROOT.resolve("native-src/tools/Bindings.java");
    assumeTrue(Files.exists(source), () -> source + " is not here: run this in the source tree");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assumeTrue(compiler != null, "this Java has no compiler");
    assertEquals(0, compiler.run(null, null, null, "-d", classes.toString(), source.toString()));
    tool = new URLClassLoader(new URL[] {classes.toUri().toURL()}, null);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> sources(Path root) throws Throwable {
    try {
      return (Map<String, String>)
          tool.loadClass("Bindings").getMethod("sources", Path.class).invoke(null, root);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void whatIsCheckedInIsWhatTheHeadersSay() throws Throwable {
    for (Map.Entry<String, String> file : sources(ROOT).entrySet()) {
      String there = Files.readString(ROOT.resolve(file.getKey())).replace("\r\n", "\n");
      assertTrue(
          there.equals(file.getValue()),
          () ->
              file.getKey()
                  + " is not what native-src/include says; in the root of the source tree run: "
                  + COMMAND);
      assertTrue(there.lines().findFirst().orElse("").contains(COMMAND), file.getKey());
    }
  }

  /** The files' lines about a kernel that is added behind {@code fl_fill}. */
  private String with(String declaration) throws Throwable {
    for (String header : new String[] {"flambeau.h", "flambeau_cuda.h"}) {
      String text = Files.readString(ROOT.resolve(HEADERS + header)).replace("\r\n", "\n");
      Path copy = tree.resolve(HEADERS + header);
      Files.createDirectories(copy.getParent());
      Files.writeString(
          copy, text.replaceFirst("(FL_OP int32_t fl_fill[^;]*;)", "$1\n" + declaration));
    }
    Map<String, String> before = sources(ROOT);
    return sources(tree).entrySet().stream()
        .flatMap(
            file ->
                file.getValue().lines().filter(line -> !before.get(file.getKey()).contains(line)))
        .map(String::strip)
        .collect(Collectors.joining("\n"));
  }

  @Test
  void aKernelIsWrittenWhereverItIsNeeded() throws Throwable {
    assertEquals(
        """
        /** yOut of {@link #fill} where {@code xIn < ADD}. */
        int turnOver(int op, long n, long xIn, long yOut, double p);
        @Name("fl_turn_over")
        public native int turnOver(int op, long n, long xIn, long yOut, double p);
        @Name("fl_turn_over")
        public native int turnOver(int op, long n, long xIn, long yOut, double p);
        X(turn_over) \\
        int32_t fl_turn_over(int32_t op, int64_t n, fl_address x_in, fl_out y_out, double p) {
        return guarded("turn_over", n >= 1 && x_in != 0 && y_out != 0,
        [&] { return kernels().turn_over(op, n, x_in, y_out, p); });
        int32_t fl_turn_over(int32_t op, int64_t n, fl_address x_in, fl_out y_out, double p) {
        return on_device("turn_over", n >= 1 && x_in != 0 && y_out != 0, y_out,
        [&](Device& d) { return device::turn_over(d, op, n, x_in, y_out, p); });
        int32_t turn_over(Device& d, int32_t op, int64_t n, fl_address x_in, fl_out y_out, double p);""",
        with(
            """
            /** y_out of fl_fill where `x_in < FL_ADD`. */
            FL_OP int32_t fl_turn_over(int32_t op, int64_t n, fl_address x_in, fl_out y_out, double p);"""));
  }

  @Test
  void aKernelThatNeedsBlasIsCalledAgainAndFindsTheDeviceByWhatItWrites() throws Throwable {
    String calls =
        """
        public int outerProduct(long n, long a, long y, long z) {
        int status = tryOuterProduct(n, a, y, z);
        return tryOuterProduct(n, a, y, z);
        @Name("fl_outer_product")
        private static native int tryOuterProduct(long n, long a, long y, long z);
        """;
    assertEquals(
        """
        int outerProduct(long n, long a, long y, long z);
        %s%sX(outer_product) \\
        int32_t fl_outer_product(int64_t n, fl_maybe a, fl_maybe_out y, fl_maybe_out z) {
        return guarded("outer_product", n >= 1 && (y != 0 ? y : z) != 0,
        [&] { return kernels().outer_product(n, a, y, z); });
        int32_t fl_outer_product(int64_t n, fl_maybe a, fl_maybe_out y, fl_maybe_out z) {
        return on_device("outer_product", n >= 1 && (y != 0 ? y : z) != 0, y != 0 ? y : z,
        [&](Device& d) { return device::outer_product(d, n, a, y, z); });
        int32_t outer_product(Device& d, int64_t n, fl_maybe a, fl_maybe_out y, fl_maybe_out z);"""
            .formatted(calls, calls),
        with(
            """
            FL_BLAS_OP int32_t fl_outer_product(int64_t n, fl_maybe a, fl_maybe_out y,
                                                fl_maybe_out z);"""));
  }

  @Test
  void whatBreaksARuleIsRefused() {
    refuses("turn: inputs stand before outputs", "FL_OP int32_t fl_turn(fl_out y, fl_address x);");
    refuses("turn: it writes nothing", "FL_OP int32_t fl_turn(int64_t n, fl_address x);");
    refuses(
        "no kernel reads like int32_t fl_turn", "FL_OP int32_t fl_turn(const float* x, fl_out y);");
    refuses(
        "no kernel reads like int64_t fl_turn", "FL_OP int64_t fl_turn(fl_address x, fl_out y);");
    refuses("between backquotes", "/** x < y */\nFL_OP int32_t fl_turn(fl_address x, fl_out y);");
  }

  private void refuses(String reason, String declaration) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> with(declaration)).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
