package dev.flambeau.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.flambeau.DType;
import dev.flambeau.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The JSON at the head of a safetensors file: what is where. Reading trusts nothing: every entry is
 * checked before memory is allocated.
 *
 * @param entries in the order of their bytes, which they cover without gap or overlap
 */
record Header(List<Entry> entries, Map<String, String> metadata) {
  /** Where a tensor's bytes are, counted from the end of the header. */
  record Entry(String name, DType dtype, Shape shape, long begin, long end) {}

  static final long MAX_BYTES = 100_000_000;
  static final String METADATA = "__metadata__";
  private static final int MAX_RANK = 64;
  private static final int ALIGNMENT = 8;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(3).build())
          .build();

  /** The format's types as it orders them: tensors of later ones come first in a file. */
  private static final List<String> ORDER =
      List.of(
          "BOOL", "F4", "F6_E2M3", "F6_E3M2", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "I16",
          "U16", "F16", "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64");

  /** The types that files and tensors share, by the files' names. */
  private static final Map<String, DType> TYPES = types();

  private static Map<String, DType> types() {
    Map<String, DType> types = new HashMap<>();
    for (DType type : DType.values()) {
      types.put(name(type), type);
    }
    return types;
  }

  /** {@code BF16} for bfloat16, {@code U8} for uint8. */
  private static String name(DType type) {
    String name = type.shortName().toUpperCase(Locale.ROOT);
    return name.replace("FLOAT", "F").replace("UINT", "U").replace("INT", "I");
  }

  /** Where the format has a type in its order. */
  static int rank(DType type) {
    return ORDER.indexOf(name(type));
  }

  private static DType type(String tensor, String name) throws IOException {
    DType type = TYPES.get(name);
    if (type == null) {
      throw new IOException(
          "tensor "
              + tensor
              + " has dtype "
              + Header.quote(name)
              + "; known are "
              + ORDER.stream().filter(TYPES::containsKey).toList());
    }
    return type;
  }

  // ---- writing

  /** The header as bytes, filled up with spaces so that the tensors begin at a multiple of 8. */
  byte[] toBytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator g = JSON.createGenerator(out)) {
      g.writeStartObject();
      if (!metadata.isEmpty()) {
        g.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> e : metadata.entrySet()) {
          g.writeStringField(e.getKey(), e.getValue());
        }
        g.writeEndObject();
      }
      for (Entry e : entries) {
        g.writeObjectFieldStart(e.name());
        g.writeStringField("dtype", name(e.dtype()));
        g.writeFieldName("shape");
        long[] sizes = e.shape().toArray();
        g.writeArray(sizes, 0, sizes.length);
        g.writeFieldName("data_offsets");
        g.writeArray(new long[] {e.begin(), e.end()}, 0, 2);
        g.writeEndObject();
      }
      g.writeEndObject();
    }
    while (out.size() % ALIGNMENT != 0) {
      out.write(' ');
    }
    return out.toByteArray();
  }

  // ---- reading

  /**
   * Reads and checks a header.
   *
   * @param dataBytes how many bytes follow it
   * @throws IOException that says what is wrong
   */
  static Header parse(byte[] bytes, long dataBytes) throws IOException {
    if (bytes.length == 0 || bytes[0] != '{') {
      throw new IOException("the header does not begin with {");
    }
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      throw new IOException("the header is not UTF-8", e);
    }
    try (JsonParser p = JSON.createParser(text.array(), text.arrayOffset(), text.length())) {
      return new Header(new ArrayList<>(), new LinkedHashMap<>()).read(p, dataBytes);
    } catch (JsonProcessingException e) {
      throw new IOException("the header is not the JSON expected: " + e.getOriginalMessage(), e);
    }
  }

  private Header read(JsonParser p, long dataBytes) throws IOException {
    expect(p, JsonToken.START_OBJECT, "the header");
    Set<String> names = new HashSet<>();
    while (p.nextToken() == JsonToken.FIELD_NAME) {
      String name = p.currentName();
      if (!names.add(name)) {
        throw new IOException("two tensors are named " + quote(name));
      }
      if (name.equals(METADATA)) {
        readMetadata(p);
      } else {
        entries.add(readEntry(p, name));
      }
    }
    if (p.nextToken() != null) {
      throw new IOException("something follows the header's closing brace");
    }
    checkCoverage(dataBytes);
    return this;
  }

  private void readMetadata(JsonParser p) throws IOException {
    expect(p, JsonToken.START_OBJECT, METADATA);
    while (p.nextToken() == JsonToken.FIELD_NAME) {
      String key = p.currentName();
      expect(p, JsonToken.VALUE_STRING, METADATA + " " + quote(key));
      if (metadata.put(key, p.getText()) != null) {
        throw new IOException(METADATA + " has " + quote(key) + " twice");
      }
    }
  }

  private static Entry readEntry(JsonParser p, String name) throws IOException {
    String tensor = quote(name);
    DType dtype = null;
    long[] shape = null;
    long[] offsets = null;
    expect(p, JsonToken.START_OBJECT, tensor);
    while (p.nextToken() == JsonToken.FIELD_NAME) {
      String field = p.currentName();
      String what = "tensor " + tensor + ", " + quote(field);
      switch (field) {
        case "dtype" -> {
          once(dtype, what);
          expect(p, JsonToken.VALUE_STRING, what);
          dtype = type(tensor, p.getText());
        }
        case "shape" -> {
          once(shape, what);
          shape = readNumbers(p, what);
        }
        case "data_offsets" -> {
          once(offsets, what);
          offsets = readNumbers(p, what);
        }
        default -> throw new IOException(what + " is no known field");
      }
    }
    if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
      throw new IOException("tensor " + tensor + " needs a dtype, a shape and two data_offsets");
    }
    Entry e = new Entry(name, dtype, Shape.of(shape), offsets[0], offsets[1]);
    checkSize(tensor, e);
    return e;
  }

  private static void once(Object before, String what) throws IOException {
    if (before != null) {
      throw new IOException(what + " is given twice");
    }
  }

  private static void expect(JsonParser p, JsonToken token, String what) throws IOException {
    JsonToken found = p.nextToken();
    if (found != token) {
      throw new IOException(what + ": expected " + token + ", found " + found);
    }
  }

  private static long[] readNumbers(JsonParser p, String what) throws IOException {
    expect(p, JsonToken.START_ARRAY, what);
    long[] out = new long[MAX_RANK];
    int n = 0;
    while (p.nextToken() != JsonToken.END_ARRAY) {
      if (p.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new IOException(what + ": expected whole numbers, found " + p.currentToken());
      }
      if (n == MAX_RANK) {
        throw new IOException(what + " has more than " + MAX_RANK + " numbers");
      }
      long v = p.getLongValue();
      if (v < 0) {
        throw new IOException(what + ": " + v + " is negative");
      }
      out[n++] = v;
    }
    return java.util.Arrays.copyOf(out, n);
  }

  private static void checkSize(String tensor, Entry e) throws IOException {
    long bytes;
    try {
      bytes = e.dtype().bytes() * e.shape().numel();
    } catch (IllegalArgumentException tooMany) { // as for any tensor, whatever its sizes of 0
      throw new IOException("tensor " + tensor + ": shape " + e.shape() + " is too large", tooMany);
    }
    if (e.end() < e.begin() || e.end() - e.begin() != bytes) {
      throw new IOException(
          "tensor "
              + tensor
              + ": "
              + e.dtype()
              + " of shape "
              + e.shape()
              + " takes "
              + bytes
              + " bytes, its data_offsets are "
              + e.begin()
              + " to "
              + e.end());
    }
  }

  /** All bytes belong to exactly one tensor. */
  private void checkCoverage(long dataBytes) throws IOException {
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry e : entries) {
      String tensor = "tensor " + quote(e.name());
      if (e.begin() < at) {
        throw new IOException(tensor + " overlaps another one at byte " + e.begin());
      }
      if (e.begin() > at) {
        throw new IOException("bytes " + at + " to " + e.begin() + " belong to no tensor");
      }
      if (e.end() > dataBytes) {
        throw new IOException(
            tensor + " ends at byte " + e.end() + ", the file's data at " + dataBytes);
      }
      at = e.end();
    }
    if (at != dataBytes) {
      throw new IOException("bytes " + at + " to " + dataBytes + " belong to no tensor");
    }
  }

  /** A name from a file, cut and quoted for a message. */
  private static String quote(String name) {
    String shown = name.length() > 80 ? name.substring(0, 80) + "..." : name;
    return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
  }
}
