package dev.flambeau.io;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of named tensors that nobody should have written. */
class HostileSafeTensorsTest {
  private static final long[] FAILED_ONCE = {282};

  @TempDir private Path folder;

  private static byte[] good() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      tensors.put("layer." + type.shortName(), Tensor.ones(type, 2, 3));
    }
    tensors.put("empty", Tensor.zeros(0, 4));
    tensors.put("number", Tensor.of(3L));
    return SafeTensors.toBytes(tensors, Map.of("format", "pt", "epoch", "3"));
  }

  @Test
  void spoiltFiles() throws IOException {
    byte[] good = good();
    attack(2_000, 100, r -> r.spoilt(good)); // elements may be anything
  }

  /** Headers that are no more than text, with the length that belongs to them. */
  @Test
  void spoiltHeaders() throws IOException {
    byte[] good = good();
    int length = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    String header = new String(good, 8, length, StandardCharsets.UTF_8);
    byte[] data = Arrays.copyOfRange(good, 8 + length, good.length);
    attack(1_000, 10, r -> file(r, r.spoilt(header), data));
  }

  /** Headers by their grammar, most of whose numbers fit together. */
  @Test
  void headersMadeUp() throws IOException {
    attack(1_000, 100, HostileSafeTensorsTest::madeUp);
  }

  private void attack(int count, int least, Function<HostileBytes, byte[]> make)
      throws IOException {
    new HostileFiles(folder.resolve("x.safetensors"), IOException.class)
        .attack(
            count,
            least,
            FAILED_ONCE,
            make,
            file -> {
              try (var scope = Scope.open()) {
                long bytes = 0;
                for (Tensor t : SafeTensors.load(file).values()) {
                  bytes += t.numel() * t.dtype().bytes();
                  t.close();
                }
                assertTrue(bytes < Files.size(file), "more elements than the file has");
              }
            });
  }

  private static byte[] file(HostileBytes r, String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    long length = r.oneIn(20) ? r.bits() : json.length;
    byte[] head = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    return HostileBytes.joined(head, json, r.oneIn(10) ? r.bytes(r.below(40)) : data);
  }

  private static byte[] madeUp(HostileBytes r) {
    List<String> entries = new ArrayList<>();
    long at = 0;
    for (int n = r.below(5); n > 0; n--) {
      DType type = DType.values()[r.below(DType.values().length)];
      String name = r.of("F", "I", "U") + 8 * type.bytes();
      name = type == DType.BOOL ? "BOOL" : type == DType.BFLOAT16 ? "BF16" : name;
      String dtype = r.oneIn(10) ? r.of("F4", "F8_E5M2", "f32", "", "\\u0000", "C64") : name;
      List<String> shape = new ArrayList<>();
      long bytes = type.bytes();
      for (int d = r.below(r.oneIn(20) ? 80 : 4); d > 0; d--) {
        if (r.oneIn(8)) {
          shape.add(r.number());
        } else {
          int size = r.below(5);
          shape.add(Integer.toString(size));
          bytes *= size;
        }
      }
      if (r.oneIn(10)) { // no elements, of whatever else there would be
        shape.add(r.below(shape.size() + 1), Long.toString(1L << r.below(63)));
        shape.add(r.below(shape.size() + 1), "0");
        bytes = 0;
      }
      long end = at + bytes;
      String from = r.oneIn(12) ? r.number() : Long.toString(at);
      String to = r.oneIn(12) ? r.number() : Long.toString(end);
      List<String> fields =
          new ArrayList<>(
              List.of(
                  "\"dtype\":\"" + dtype + "\"",
                  "\"shape\":[" + String.join(",", shape) + "]",
                  "\"data_offsets\":[" + from + "," + to + "]"));
      if (r.oneIn(10)) {
        fields.set(r.below(3), r.of("\"x\":1", "\"dtype\":null", "\"shape\":{}", ""));
      }
      String key = r.oneIn(10) ? r.of("", "__metadata__", "\\\"", "a\\u0000", "\\ud800") : "t" + n;
      entries.add("\"" + key + "\":{" + String.join(",", fields) + "}");
      at = end;
    }
    if (r.oneIn(4)) {
      entries.add(
          r.below(entries.size() + 1), "\"__metadata__\":{\"a\":" + r.of("\"b\"", "1") + "}");
    }
    int data = (int) Math.max(0, Math.min(at, 4000));
    return file(r, "{" + String.join(",", entries) + "}", new byte[data]);
  }
}
