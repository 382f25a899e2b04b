package dev.flambeau.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@link Kernels} says the same as the C header beside this module: every code, and every
 * function's arguments.
 */
@Tag("sources")
class AbiTest {
  private static final Path HEADER = Path.of("../native-src/include/flambeau.h");

  /** What only devices beside the CPU have: to {@link Kernels}, methods with a default. */
  private static final Path DEVICE_HEADER = Path.of("../native-src/include/flambeau_cuda.h");

  private static final Pattern KERNEL =
      Pattern.compile("FL_(?:BLAS_)?OP int32_t fl_(\\w+)\\(([^)]*)\\)");

  /** The one code that Java does not need: the status of any other failure. */
  private static final String HEADER_ONLY = "INTERNAL";

  private String header;
  private String deviceHeader;

  @BeforeEach
  void readHeader() throws IOException {
    assumeTrue(Files.exists(HEADER), () -> HEADER + " is not here: run this in the source tree");
    header = withoutComments(HEADER);
    deviceHeader = withoutComments(DEVICE_HEADER);
  }

  private static String withoutComments(Path file) throws IOException {
    return Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "");
  }

  @Test
  void everyCodeIsTheSame() throws ReflectiveOperationException {
    Map<String, Integer> codes = new TreeMap<>();
    Matcher code = Pattern.compile("\\bFL_([A-Z0-9_]+)\\s*=\\s*(\\d+)").matcher(header);
    while (code.find()) {
      codes.put(code.group(1), Integer.valueOf(code.group(2)));
    }
    Matcher bytes = Pattern.compile("#define FL_(RANDOM_STATE_BYTES) (\\d+)").matcher(header);
    assertTrue(bytes.find());
    codes.put(bytes.group(1), Integer.valueOf(bytes.group(2)));
    codes.remove(HEADER_ONLY);
    for (Field field : Kernels.class.getFields()) {
      if (field.getType() == int.class) {
        assertEquals(codes.remove(field.getName()), field.get(null), field.getName());
      }
    }
    assertEquals(Map.of(), codes, "codes of the header that Kernels lacks");
    assertTrue(header.contains("#define FL_LATE \"" + Kernels.LATE + "\""));
  }

  @Test
  void everyKernelTakesTheSameArguments() {
    Map<String, String> functions = functions(header);
    Map<String, String> deviceFunctions = functions(deviceHeader);
    for (Method method : Kernels.class.getDeclaredMethods()) {
      var of = method.isDefault() ? deviceFunctions : functions;
      String declared = of.remove(method.getName());
      assertNotNull(declared, () -> method.getName() + " is not in the header");
      List<String> types = Stream.of(method.getParameterTypes()).map(Class::getName).toList();
      assertEquals(declared, String.join(" ", types), method.getName());
    }
    assertEquals(Map.of(), functions, "kernels of the header that Kernels lacks");
    assertEquals(Map.of(), deviceFunctions, "kernels of the devices' header that Kernels lacks");
  }

  private static Map<String, String> functions(String header) {
    Map<String, String> functions = new TreeMap<>();
    Matcher function = KERNEL.matcher(header);
    while (function.find()) {
      functions.put(camelCase(function.group(1)), types(function.group(2)));
    }
    return functions;
  }

  /** A C parameter list as Java types. */
  private static String types(String parameters) {
    List<String> types = new ArrayList<>();
    for (String parameter : parameters.split(",")) {
      switch (parameter.strip().split("\\s+")[0]) {
        case "int32_t" -> types.add("int");
        case "int64_t" -> types.add("long");
        case "double" -> types.add("double");
        default -> types.add("long"); // an address
      }
    }
    return String.join(" ", types);
  }

  private static String camelCase(String name) {
    return Pattern.compile("_(\\w)")
        .matcher(name)
        .replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
  }
}
