package dev.flambeau.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The format bit for bit, and what of it is refused. */
class SafeTensorsTest {
  /** Written by safetensors 0.8.0 from the tensors of {@link #tensors()}. */
  private static final String REFERENCE =
      "qAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJiIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUi"
          + "OlsyXSwiZGF0YV9vZmZzZXRzIjpbMCwxNl19LCJzIjp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOltdLCJkYXRh"
          + "X29mZnNldHMiOlsxNiwyNF19LCJlIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDNdLCJkYXRhX29mZnNl"
          + "dHMiOlsyNCwyNF19LCJ3Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlsy"
          + "NCw0MF19LCJpIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOls0MCw0NF19LCJ1"
          + "Ijp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls0NCw0Nl19LCJhLm1hc2siOnsi"
          + "ZHR5cGUiOiJCT09MIiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNDYsNDldfX0gAQAAAAAAAAD/////"
          + "/////5qZmZmZmbk/AADAPwAAAMAAAMB/AACAf/n/////AAEAAQ==";

  @TempDir Path folder;

  private static Map<String, Tensor> tensors() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    float[][] w = {{1.5f, -2}, {Float.NaN, Float.POSITIVE_INFINITY}};
    out.put("w", Tensor.of((Object) w));
    out.put("b", Tensor.of(1, -1));
    out.put("a.mask", Tensor.of(true, false, true));
    out.put("e", Tensor.zeros(0, 3));
    out.put("s", Tensor.of(DType.FLOAT64, 0.1));
    out.put("u", Tensor.of(DType.UINT8, new int[] {255, 0}));
    out.put("i", Tensor.of(DType.INT32, -7));
    return out;
  }

  @Test
  void writesWhatTheReferenceWrites() {
    byte[] ours = SafeTensors.toBytes(tensors(), Map.of("format", "pt"));
    assertEquals(REFERENCE, Base64.getEncoder().encodeToString(ours));
  }

  @Test
  void readsWhatTheReferenceWrote() throws IOException {
    SafeTensors read;
    try (var scope = Scope.open()) {
      read = SafeTensors.fromBytes(Base64.getDecoder().decode(REFERENCE));
    }
    assertEquals(Map.of("format", "pt"), read.metadata());
    assertEquals(
        List.of("b", "s", "e", "w", "i", "u", "a.mask"), List.copyOf(read.tensors().keySet()));
    tensors()
        .forEach(
            (name, t) -> {
              Tensor r = read.tensors().get(name);
              assertEquals(t.dtype(), r.dtype(), name);
              assertEquals(t.shape(), r.shape(), name);
              assertArrayEquals(t.toByteArray(), r.toByteArray(), name);
            });
  }

  /** The format's names, and its order, which is the one of Python's files. */
  @Test
  void everyTypeRoundTrips() throws IOException {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      all.put(type.shortName(), Tensor.of(type, new int[] {1, 0, 1}));
    }
    byte[] bytes = SafeTensors.toBytes(all, Map.of());
    SafeTensors read = SafeTensors.fromBytes(bytes);
    assertEquals(
        "int64 float64 float32 int32 bfloat16 float16 int16 int8 uint8 bool",
        String.join(" ", read.tensors().keySet()));
    read.tensors()
        .forEach(
            (name, t) -> {
              assertEquals(name, t.dtype().shortName());
              assertArrayEquals(all.get(name).toByteArray(), t.toByteArray(), name);
            });
    String header = new String(bytes, StandardCharsets.UTF_8);
    for (String name : "I64 F64 F32 I32 BF16 F16 I16 I8 U8 BOOL".split(" ")) {
      assertTrue(header.contains("\"dtype\":\"" + name + "\""), name);
    }
  }

  @Test
  void filesRoundTrip() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Files.writeString(file, "old");
    Tensor large = Tensor.arange(1_500_001).to(DType.FLOAT32);
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("layer.weight", large.narrow(0, 1, 1_500_000).view(1000, 1500).t());
    state.put("été \"quoted\"\n", Tensor.zeros());
    SafeTensors.save(file, state, Map.of("epoch", "3", "Zürich", "\t"));
    SafeTensors read = SafeTensors.read(file);
    assertTrue(read.tensors().get("layer.weight").equal(state.get("layer.weight")));
    assertTrue(read.tensors().containsKey("été \"quoted\"\n"));
    assertEquals(Map.of("epoch", "3", "Zürich", "\t"), read.metadata());
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count(), "no temporary file stays");
    }
    SafeTensors.save(file, Map.of());
    assertEquals(Map.of(), SafeTensors.load(file));
  }

  @Test
  void aFailedSaveLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafeTensors.save(file, Map.of("a", Tensor.of(1)));
    Tensor released = Tensor.of(2);
    released.close();
    assertThrows(IllegalStateException.class, () -> SafeTensors.save(file, Map.of("a", released)));
    assertEquals(1, SafeTensors.load(file).get("a").itemLong());
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> SafeTensors.save(file, Map.of("__metadata__", Tensor.of(1))));
    Map<String, Tensor> holey = new HashMap<>();
    holey.put("a", null);
    assertThrows(IllegalArgumentException.class, () -> SafeTensors.save(file, holey));
    assertThrows(IOException.class, () -> SafeTensors.load(folder.resolve("missing")));
  }

  private static byte[] file(String header, int dataBytes) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }

  private static void refused(String why, byte[] bytes) {
    var e = assertThrows(IOException.class, () -> SafeTensors.fromBytes(bytes));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  private static void refused(String why, String header, int dataBytes) {
    refused(why, file(header, dataBytes));
  }

  private static String entry(String name, String dtype, String shape, String offsets) {
    return "\""
        + name
        + "\":{\"dtype\":\""
        + dtype
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":"
        + offsets
        + "}";
  }

  private static String one(String dtype, String shape, String offsets) {
    return "{" + entry("a", dtype, shape, offsets) + "}";
  }

  @Test
  void hostileLengthsAreRefused() {
    refused("too few", new byte[7]);
    byte[] bytes = new byte[100];
    Arrays.fill(bytes, (byte) 0xff);
    refused("18446744073709551615 bytes", bytes);
    bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_001).array();
    refused("at most 100000000", bytes);
    bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(9).array();
    refused("but has only 16", bytes);
  }

  @Test
  void hostileHeadersAreRefused() {
    refused("begin with {", "", 0);
    refused("begin with {", " {}", 0);
    refused("begin with {", "[]", 0);
    refused("JSON", "{", 0);
    refused("JSON", "{\"a\"", 0);
    refused("follows", "{}{}", 0);
    refused("", "{} x", 0);
    refused("expected START_OBJECT", "{\"a\":1}", 0);
    refused("expected START_OBJECT", "{\"__metadata__\":[]}", 0);
    refused("expected VALUE_STRING", "{\"__metadata__\":{\"a\":1}}", 0);
    refused("twice", "{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", 0);
    refused("two tensors are named", "{\"__metadata__\":{},\"__metadata__\":{}}", 0);
    refused("needs a dtype", "{\"a\":{}}", 0);
    refused("no known field", "{\"a\":{\"x\":1}}", 0);
    refused("given twice", "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0);
    refused("expected START_ARRAY", "{\"a\":{\"shape\":" + "{\"b\":".repeat(9_000), 0);
    refused("JSON", "{\"a\":{\"shape\":" + "[".repeat(9_000), 0);
    refused("expected START_OBJECT", "{\"a\":" + "[".repeat(9_000), 0);
    byte[] notUtf8 = file("{\"?\":1}", 0);
    notUtf8[10] = (byte) 0xc0;
    refused("UTF-8", notUtf8);
    byte[] utf16 = "{\"a\":1}".getBytes(StandardCharsets.UTF_16LE);
    refused("", file(new String(utf16, StandardCharsets.ISO_8859_1), 0));
  }

  @Test
  void hostileEntriesAreRefused() {
    refused("\"F8_E4M3\"; known are [BOOL, U8, I8", one("F8_E4M3", "[4]", "[0,4]"), 4);
    refused("takes 8 bytes", one("F32", "[2]", "[0,4]"), 4);
    refused("takes 8 bytes", one("F32", "[2]", "[0,7]"), 7);
    refused("takes 8 bytes", one("F32", "[2]", "[8,0]"), 8);
    refused("-1 is negative", one("F32", "[-1]", "[0,4]"), 4);
    refused("-4 is negative", one("F32", "[1]", "[-4,0]"), 4);
    refused("too large", one("F32", "[4294967296,4294967296]", "[0,0]"), 0);
    refused("too large", one("F64", "[2305843009213693952]", "[0,0]"), 0);
    refused("too large", one("F32", "[0,4611686018427387904,4]", "[0,0]"), 0);
    refused("too large", one("U8", "[4611686018427387904,0,4]", "[0,0]"), 0);
    refused("too large", one("BOOL", "[0,9223372036854775807]", "[0,0]"), 0);
    refused("JSON", one("F32", "[18446744073709551616]", "[0,0]"), 0);
    refused("JSON", one("F32", "[" + "9".repeat(2_000) + "]", "[0,0]"), 0);
    refused("whole numbers", one("F32", "[1.5]", "[0,4]"), 4);
    refused("JSON", one("F32", "[[1]]", "[0,4]"), 4);
    refused("two data_offsets", one("F32", "[1]", "[0,4,8]"), 4);
    refused("more than 64", one("F32", "[" + "1,".repeat(64) + "1]", "[0,4]"), 4);
    refused("ends at byte 4000000000", one("F32", "[1000000000]", "[0,4000000000]"), 8);
    refused("bytes 0 to 4 belong to no tensor", one("F32", "[1]", "[4,8]"), 8);
    refused("bytes 4 to 8 belong to no tensor", one("F32", "[1]", "[0,4]"), 8);
    refused("no tensor", "{}", 1);
    String a = entry("a", "F32", "[2]", "[0,8]");
    refused("overlaps", "{" + a + "," + entry("b", "F32", "[2]", "[4,12]") + "}", 12);
    refused("overlaps", "{" + a + "," + entry("b", "F32", "[2]", "[0,8]") + "}", 8);
    refused("two tensors are named \"a\"", "{" + a + "," + a + "}", 8);
    byte[] bool = file(one("BOOL", "[2]", "[0,2]"), 2);
    bool[bool.length - 1] = 7;
    refused("is bool, but has a byte 7", bool);
  }

  @Test
  void randomMutationsAreReadOrRefused() {
    byte[] good = Base64.getDecoder().decode(REFERENCE);
    Random random = new Random(1);
    int read = 0;
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = good.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            switch (random.nextInt(4)) {
              case 0 -> (byte) random.nextInt(256);
              case 1 -> (byte) "0123456789[]{},:\"".charAt(random.nextInt(17));
              case 2 -> bytes[random.nextInt(bytes.length)];
              default -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
            };
      }
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
      }
      try {
        SafeTensors file = SafeTensors.fromBytes(bytes);
        long elements = 0;
        for (Tensor t : file.tensors().values()) {
          elements += t.numel();
          t.close();
        }
        assertTrue(elements <= bytes.length);
        read++;
      } catch (IOException e) {
        assertFalse(e.getMessage().isEmpty());
      }
    }
    assertTrue(read > 50, "mutated data is still data");
  }
}
