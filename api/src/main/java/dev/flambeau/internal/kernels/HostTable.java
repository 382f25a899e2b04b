package dev.flambeau.internal.kernels;

import dev.flambeau.spi.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * A table of numbers in host memory, for a kernel that takes more numbers than can be arguments.
 * {@code flambeau.h} says what stands where. Each thread has one table for each use, which a kernel
 * has read when its call returns.
 */
final class HostTable {
  private static final ThreadLocal<HostTable> GEOMETRY = new ThreadLocal<>();
  private static final ThreadLocal<HostTable> ROWS = new ThreadLocal<>();
  private static final int LEAST = 32;

  private ByteBuffer bytes;
  private LongBuffer longs;
  private int size;
  private long[] rows = {}; // what a caller puts here as a whole
  private Memory memory; // of the backend that used it last
  private long address; // there

  private HostTable() {}

  /** This thread's table of sizes and strides. */
  static HostTable geometry() {
    return of(GEOMETRY);
  }

  /** This thread's table of an optimizer's parameters. */
  static HostTable rows() {
    return of(ROWS);
  }

  private static HostTable of(ThreadLocal<HostTable> tables) {
    HostTable known = tables.get();
    if (known == null) { // no lambda: that is one class more when a program starts
      tables.set(known = new HostTable());
    }
    return known;
  }

  /** An empty table that can hold so many numbers. */
  HostTable begin(long numbers) {
    if (longs == null || longs.capacity() < numbers) {
      int size = Math.toIntExact(8 * Math.max(numbers, LEAST));
      bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
      longs = bytes.asLongBuffer();
      memory = null;
    }
    size = 0;
    return this;
  }

  void put(long number) {
    longs.put(size++, number);
  }

  /** So many zeros, to be set to what {@link #putRows} takes. */
  long[] rows(int count) {
    if (rows.length < count) {
      rows = new long[Math.max(count, LEAST)];
    } else {
      Arrays.fill(rows, 0, count, 0);
    }
    return rows;
  }

  /** So many numbers of {@link #rows}. */
  void putRows(int count) {
    longs.put(size, rows, 0, count);
    size += count;
  }

  /** Where a backend finds it. */
  long address(Memory of) {
    if (memory != of) {
      address = of.addressOf(bytes);
      memory = of;
    }
    return address;
  }
}
