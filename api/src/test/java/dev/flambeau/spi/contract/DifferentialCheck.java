package dev.flambeau.spi.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.Elements;
import dev.flambeau.spi.oracle.JavaKernels;
import dev.flambeau.spi.oracle.JavaMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * A differential test of the backend on the class path (the subject) against the oracle: every
 * operand exists twice, with canaries around it, every call is made on both sides, and the results
 * are compared.
 */
final class DifferentialCheck implements AutoCloseable {
  private static final byte CANARY = (byte) 0xA5;
  private static final int MARGIN = 64;

  private static final Optional<Backend> FOUND = ServiceLoader.load(Backend.class).findFirst();

  private final JavaMemory oracleMemory = new JavaMemory();
  private final Kernels oracle = new JavaKernels(oracleMemory);
  private final Memory subjectMemory;
  private final Kernels subject;
  private final List<Operand> blocks = new ArrayList<>();
  private final List<ByteBuffer> hosts = new ArrayList<>();

  private DifferentialCheck(Backend backend) {
    subject = ContractCoverage.recording(Kernels.class, backend.kernels(0));
    subjectMemory = ContractCoverage.recording(Memory.class, backend.memory(0));
    subject.setThreads(2);
  }

  /**
   * Starts one with the backend under test; where there is none, or its GPU is missing, the test is
   * skipped.
   */
  static DifferentialCheck open() {
    return new DifferentialCheck(backend());
  }

  /** The kernels under test, for a test of their own. */
  static Kernels kernels() {
    return ContractCoverage.recording(Kernels.class, backend().kernels(0));
  }

  /** Their memory. */
  static Memory memory() {
    return ContractCoverage.recording(Memory.class, backend().memory(0));
  }

  static Backend backend() {
    assumeTrue(
        FOUND.isPresent(), "no backend is on the class path: nothing to compare with the oracle");
    Availability availability = FOUND.get().availability();
    if (!availability.available() && FOUND.get().name().equals("cpu")) {
      fail("the CPU backend must be able to serve: " + availability.reason());
    }
    assumeTrue(availability.available(), availability::reason);
    return FOUND.get();
  }

  /**
   * Elements on both sides. {@code before} bytes of canary come first, and more after the last
   * element.
   */
  record Operand(int dtype, int length, int before, long oracle, long subject) {
    int bytes() {
      return before + length * DtypeInfo.bytes(dtype) + MARGIN;
    }

    /** The same memory, read as elements of another dtype. */
    Operand as(int other) {
      int elements = length * DtypeInfo.bytes(dtype) / DtypeInfo.bytes(other);
      return new Operand(other, elements, before, oracle, subject);
    }
  }

  /** One of the two sides: an operand's address there. Null is the address 0. */
  interface Side {
    long at(Operand x);
  }

  /** A kernel call, made on each side. */
  interface Call {
    int on(Kernels kernels, Side side);
  }

  private static final Side ORACLE = x -> x == null ? 0 : x.oracle;
  private static final Side SUBJECT = x -> x == null ? 0 : x.subject;

  Kernels subject() {
    return subject;
  }

  /** An operand of these values; integers take them as they are when below 2^53. */
  Operand of(int dtype, double... values) {
    return create(
        dtype,
        values.length,
        elements -> {
          for (int i = 0; i < values.length; i++) {
            elements.set(i, values[i]);
          }
          return elements;
        });
  }

  Operand ofLongs(int dtype, long... values) {
    return create(
        dtype,
        values.length,
        elements -> {
          for (int i = 0; i < values.length; i++) {
            elements.setLong(i, values[i]);
          }
          return elements;
        });
  }

  /** Memory for a result, full of canaries; an odd length starts one element off the alignment. */
  Operand output(int dtype, long n) {
    return create(dtype, Math.toIntExact(n), elements -> elements);
  }

  /** A table in host memory; a table of addresses differs on the two sides. */
  Operand table(Function<Side, long[]> values) {
    long[] first = values.apply(ORACLE);
    return host(8 * first.length, first, values.apply(SUBJECT));
  }

  Operand table(long... values) {
    return table(side -> values);
  }

  /** Host memory of that many bytes, all 0. */
  Operand host(int bytes) {
    return host(bytes, new long[0], new long[0]);
  }

  private Operand host(int bytes, long[] oracleValues, long[] subjectValues) {
    long[] addresses = new long[2];
    for (int side = 0; side < 2; side++) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
      buffer.asLongBuffer().put(side == 0 ? oracleValues : subjectValues);
      hosts.add(buffer);
      addresses[side] = (side == 0 ? oracleMemory : subjectMemory).addressOf(buffer);
    }
    return new Operand(Kernels.INT64, bytes / 8, 0, addresses[0], addresses[1]);
  }

  private Operand create(int dtype, int length, Function<Elements, Elements> contents) {
    int before = MARGIN + length % 2 * DtypeInfo.bytes(dtype);
    int bytes = new Operand(dtype, length, before, 0, 0).bytes();
    byte[] image = new byte[bytes];
    Arrays.fill(image, CANARY);
    ByteBuffer buffer = ByteBuffer.wrap(image).order(ByteOrder.nativeOrder());
    contents.apply(Elements.of(dtype, buffer, before));
    long oracleBlock = oracleMemory.allocate(bytes);
    long subjectBlock = subjectMemory.allocate(bytes);
    assertTrue(oracleBlock != 0 && subjectBlock != 0, "no memory for an operand");
    oracleMemory.upload(oracleBlock, image);
    subjectMemory.upload(subjectBlock, image);
    Operand made = new Operand(dtype, length, before, oracleBlock + before, subjectBlock + before);
    blocks.add(made);
    return made;
  }

  /**
   * Makes the call on both sides, which must answer the same status, with a reason for every
   * refusal.
   */
  int call(String what, Call call) {
    int expected = call.on(oracle, ORACLE);
    int got = call.on(subject, SUBJECT);
    assertEquals(expected, got, () -> what + ": status; the subject's reason: " + reason(got));
    assertTrue(got == Kernels.OK || !subject.lastError().isBlank(), what + ": no reason given");
    return got;
  }

  /** A call for the subject alone. */
  int subject(Call call) {
    return call.on(subject, SUBJECT);
  }

  private String reason(int status) {
    return status == Kernels.OK ? "none" : subject.lastError();
  }

  /** A call for the oracle alone: what a tolerance is measured by. */
  double[] oracleOnly(Operand result, Call call) {
    assertEquals(Kernels.OK, call.on(oracle, ORACLE));
    return values(result);
  }

  /** A call for the subject alone, where the oracle has no such kernel. */
  int subjectOnly(Call call) {
    return call.on(subject, SUBJECT);
  }

  /** The subject's values of an operand. */
  double[] subjectValues(Operand x) {
    Elements elements = elements(x, subjectImage(x));
    return Samples.fill(x.length, elements::get);
  }

  /** The oracle's values of an operand. */
  double[] values(Operand x) {
    return Samples.fill(x.length, oracleMemory.elements(x.dtype, x.oracle)::get);
  }

  /** Repeats a call of the subject on one thread: not a bit of the results may differ. */
  void sameOnOneThread(String what, Call call, Operand... results) {
    byte[][] before = Arrays.stream(results).map(this::subjectImage).toArray(byte[][]::new);
    subject.setThreads(1);
    try {
      assertEquals(Kernels.OK, call.on(subject, SUBJECT), what);
    } finally {
      subject.setThreads(2);
    }
    for (int i = 0; i < results.length; i++) {
      assertArrayEquals(before[i], subjectImage(results[i]), what + ": one thread or two");
    }
  }

  private byte[] subjectImage(Operand x) {
    byte[] image = new byte[x.bytes()];
    subjectMemory.download(image, x.subject - x.before);
    return image;
  }

  private byte[] oracleImage(Operand x) {
    byte[] image = new byte[x.bytes()];
    oracleMemory.download(image, x.oracle - x.before);
    return image;
  }

  /** Both sides hold the same bytes, canaries included. */
  void sameBits(String what, Operand x) {
    byte[] expected = oracleImage(x);
    byte[] got = subjectImage(x);
    int at = Arrays.mismatch(expected, got);
    if (at >= 0) {
      int i = Math.floorDiv(at - x.before, DtypeInfo.bytes(x.dtype));
      fail(what + describe(x, expected, got, i) + "; all bits must agree");
    }
  }

  /** Both sides hold the same numbers, as near as the tolerance says, and all canaries. */
  void same(String what, Operand x, Tolerance tolerance) {
    byte[] expectedImage = oracleImage(x);
    byte[] gotImage = subjectImage(x);
    Elements expected = elements(x, expectedImage);
    Elements got = elements(x, gotImage);
    for (int i = 0; i < x.length; i++) {
      boolean near =
          DtypeInfo.isFloating(x.dtype)
              ? tolerance.accepts(x.dtype, expected.get(i), got.get(i), i)
              : expected.getLong(i) == got.getLong(i)
                  && sameFirstByte(x, expectedImage, gotImage, i);
      if (!near) {
        fail(what + describe(x, expectedImage, gotImage, i));
      }
    }
    untouchedAround(what, x, gotImage);
  }

  /** The subject has written nothing outside an operand. */
  void untouchedAround(String what, Operand x) {
    untouchedAround(what, x, subjectImage(x));
  }

  private static void untouchedAround(String what, Operand x, byte[] image) {
    for (int at = 0; at < image.length; at++) {
      boolean outside = at < x.before || at >= image.length - MARGIN;
      if (outside && image[at] != CANARY) {
        fail(what + ": byte " + (at - x.before) + " outside the result was overwritten");
      }
    }
  }

  /**
   * Both sides hold the same floating numbers, zeros with their signs; only NaN's bits are free.
   */
  void identical(String what, Operand x) {
    same(what, x, Tolerance.EXACT);
    byte[] expectedImage = oracleImage(x);
    byte[] gotImage = subjectImage(x);
    Elements expected = elements(x, expectedImage);
    Elements got = elements(x, gotImage);
    for (int i = 0; i < x.length; i++) {
      if (Double.compare(expected.get(i), got.get(i)) != 0) {
        fail(what + describe(x, expectedImage, gotImage, i) + "; the signs differ");
      }
    }
  }

  /** Element {@code i} read by itself is the same number on both sides. */
  void sameRead(String what, Operand x, int i) {
    long at = (long) i * DtypeInfo.bytes(x.dtype);
    double expected = oracleMemory.readDouble(x.dtype, x.oracle + at);
    assertEquals(expected, subjectMemory.readDouble(x.dtype, x.subject + at), what);
  }

  /** Tells a bool of 1 from one that was not written, as any byte but 0 reads as true. */
  private static boolean sameFirstByte(Operand x, byte[] expected, byte[] got, int i) {
    int at = x.before + i * DtypeInfo.bytes(x.dtype);
    return expected[at] == got[at];
  }

  private static Elements elements(Operand x, byte[] image) {
    return Elements.of(x.dtype, ByteBuffer.wrap(image).order(ByteOrder.nativeOrder()), x.before);
  }

  private static String describe(Operand x, byte[] expected, byte[] got, int i) {
    if (i < 0 || i >= x.length) {
      return ": the surroundings of the result were overwritten";
    }
    Elements wanted = elements(x, expected);
    Elements found = elements(x, got);
    return DtypeInfo.isFloating(x.dtype)
        ? String.format(
            Locale.ROOT,
            ": element %d of %d is %s, the oracle says %s (%.3g apart, %.3g ulp)",
            i,
            x.length,
            found.get(i),
            wanted.get(i),
            Math.abs(found.get(i) - wanted.get(i)),
            Math.abs(found.get(i) - wanted.get(i)) / Tolerance.ulp(x.dtype, wanted.get(i)))
        : String.format(
            Locale.ROOT,
            ": element %d of %d is %d, the oracle says %d",
            i,
            x.length,
            found.getLong(i),
            wanted.getLong(i));
  }

  /** Gives everything back. */
  @Override
  public void close() {
    for (Operand block : blocks) {
      oracleMemory.free(block.oracle - block.before, block.bytes());
      subjectMemory.free(block.subject - block.before, block.bytes());
    }
    blocks.clear();
    hosts.clear();
  }
}
