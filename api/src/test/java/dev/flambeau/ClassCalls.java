package dev.flambeau;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which methods a compiled class calls, and which its lambdas call last: read from its class file
 * (<a href="https://docs.oracle.com/javase/specs/jvms/se17/html/jvms-4.html">JVMS 4</a>).
 */
public final class ClassCalls {
  /**
   * A method as a class file names it: {@code dev/flambeau/Tensor}, {@code add}, {@code (D)...}.
   */
  public record Call(String owner, String name, String descriptor) {
    /** {@code dev.flambeau.Tensor}. */
    public String className() {
      return owner.replace('/', '.');
    }

    /** {@code add(double)}. */
    public String signature() {
      var types = MethodType.fromMethodDescriptorString(descriptor, Call.class.getClassLoader());
      return types.parameterList().stream()
          .map(Class::getSimpleName)
          .collect(Collectors.joining(", ", name + "(", ")"));
    }
  }

  private final String self;
  private final Object[] constants; // String, Call, or int[] {tag, index...}
  private final Map<String, List<Call>> methods = new LinkedHashMap<>(); // with calls in order

  public ClassCalls(Class<?> type) {
    self = type.getName().replace('.', '/');
    try (InputStream in = type.getResourceAsStream("/" + self + ".class")) {
      DataInputStream data = new DataInputStream(new ByteArrayInputStream(in.readAllBytes()));
      data.skipBytes(8); // magic number, version
      constants = constants(data);
      data.skipBytes(6); // flags, this class, super class
      data.skipBytes(2 * data.readUnsignedShort()); // interfaces
      members(data, false);
      members(data, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything that is called or named as {@code Type::method}. */
  public List<Call> all() {
    List<Call> all = new ArrayList<>();
    for (Object c : constants) {
      if (c instanceof Call call) {
        all.add(call);
      }
    }
    return all;
  }

  /** Of each lambda the last call that counts; of each {@code Type::method} that method. */
  public List<Call> lastOfLambdas(Predicate<Call> counts) {
    List<Call> found = new ArrayList<>();
    for (Object c : constants) {
      if (c instanceof int[] handle && handle[0] == 15) {
        Call target = (Call) constants[handle[2]];
        found.add(counts.test(target) ? target : last(target, counts));
      }
    }
    found.removeIf(Objects::isNull);
    return found;
  }

  /** The last call in one of this class's own methods, or in what that calls here; null: none. */
  private Call last(Call method, Predicate<Call> counts) {
    Call last = null;
    if (method.owner.equals(self)) {
      for (Call c : methods.getOrDefault(method.name + method.descriptor, List.of())) {
        Call found = counts.test(c) ? c : last(c, counts);
        last = found == null ? last : found;
      }
    }
    return last;
  }

  private static Object[] constants(DataInputStream data) throws IOException {
    int count = data.readUnsignedShort();
    Object[] all = new Object[count];
    for (int i = 1; i < count; i++) {
      int tag = data.readUnsignedByte();
      switch (tag) {
        case 1 -> all[i] = data.readUTF();
        case 7, 8, 16, 19, 20 -> all[i] = new int[] {tag, data.readUnsignedShort()};
        case 15 -> all[i] = new int[] {tag, data.readUnsignedByte(), data.readUnsignedShort()};
        case 5, 6 -> {
          data.readLong();
          i++; // takes two entries
        }
        case 3, 4 -> data.readInt();
        default -> all[i] = new int[] {tag, data.readUnsignedShort(), data.readUnsignedShort()};
      }
    }
    Object[] resolved = all.clone();
    for (int i = 1; i < count; i++) {
      if (all[i] instanceof int[] c && (c[0] == 10 || c[0] == 11)) {
        int[] owner = (int[]) all[c[1]];
        int[] nameAndType = (int[]) all[c[2]];
        resolved[i] =
            new Call(
                (String) all[owner[1]], (String) all[nameAndType[1]], (String) all[nameAndType[2]]);
      }
    }
    return resolved;
  }

  /** Fields or methods; of methods the code is read. */
  private void members(DataInputStream data, boolean read) throws IOException {
    for (int left = data.readUnsignedShort(); left > 0; left--) {
      data.readUnsignedShort(); // flags
      String name = (String) constants[data.readUnsignedShort()];
      String descriptor = (String) constants[data.readUnsignedShort()];
      for (int attributes = data.readUnsignedShort(); attributes > 0; attributes--) {
        String attribute = (String) constants[data.readUnsignedShort()];
        byte[] content = new byte[data.readInt()];
        data.readFully(content);
        if (read && attribute.equals("Code")) {
          ByteBuffer code = ByteBuffer.wrap(content);
          methods.put(name + descriptor, calls(code.slice(8, code.getInt(4))));
        }
      }
    }
  }

  private List<Call> calls(ByteBuffer code) {
    List<Call> calls = new ArrayList<>();
    for (int at = 0; at < code.limit(); at += length(code, at)) {
      int op = code.get(at) & 0xFF;
      if (op >= 0xb6 && op <= 0xb9) { // invokevirtual, invokespecial, invokestatic, invokeinterface
        calls.add((Call) constants[code.getShort(at + 1) & 0xFFFF]);
      }
    }
    return calls;
  }

  /** Bytes of the instruction at {@code at}. */
  private static int length(ByteBuffer code, int at) {
    int op = code.get(at) & 0xFF;
    int aligned = at + 4 & ~3;
    return switch (op) {
      case 0x10, 0x12, 0x15, 0x16, 0x17, 0x18, 0x19, 0x36, 0x37, 0x38, 0x39, 0x3a, 0xa9, 0xbc -> 2;
      case 0x11, 0x13, 0x14, 0x84, 0xbb, 0xbd, 0xc0, 0xc1, 0xc6, 0xc7 -> 3;
      case 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8 -> 3;
      case 0xc5 -> 4;
      case 0xb9, 0xba, 0xc8, 0xc9 -> 5;
      case 0xc4 -> (code.get(at + 1) & 0xFF) == 0x84 ? 6 : 4; // wide
      case 0xaa ->
          aligned - at + 12 + 4 * (code.getInt(aligned + 8) - code.getInt(aligned + 4) + 1);
      case 0xab -> aligned - at + 8 + 8 * code.getInt(aligned + 4);
      default -> op >= 0x99 && op <= 0xa8 ? 3 : 1; // branches
    };
  }
}
