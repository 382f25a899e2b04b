package dev.flambeau.internal.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.memory.ThreadBlocks;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** There is no layout with unchecked sizes, and no tensor outside of its storage. */
class LayoutTest {
  private static final long FAR = 1L << 40; // twice is too much

  /** So an op cannot forget to check: it has no other way to a layout, and must give its name. */
  @Test
  void everyWayInChecksSizesAndNamesTheOp() throws ReflectiveOperationException {
    assertEquals(0, Layout.class.getConstructors().length, "constructors of Layout are private");
    int ways = 0;
    for (Class<?> c : List.of(Layout.class, TensorImpl.class)) {
      for (Method m : c.getMethods()) {
        List<Class<?>> types = Arrays.asList(m.getParameterTypes());
        boolean made = m.getReturnType() == Layout.class || m.getReturnType() == Tensor.class;
        if (made && m.getDeclaringClass() == c && Modifier.isStatic(m.getModifiers())) {
          if (types.contains(long[].class) || types.contains(long.class)) {
            checks(m);
            ways++;
          }
        } else if (m.getDeclaringClass() == Layout.class && made) {
          assertTrue(!types.contains(long[].class), m + " gives new sizes without an op's name");
        }
      }
    }
    assertEquals(5, ways, "contiguous, strided, matrix, of; newEmpty");
  }

  private static void checks(Method m) throws ReflectiveOperationException {
    for (long size : new long[] {FAR, -1}) {
      Object[] arguments =
          Arrays.stream(m.getParameterTypes())
              .map(
                  type ->
                      type == String.class
                          ? "thisOp"
                          : type == long[].class
                              ? new long[] {FAR, size}
                              : type == long.class
                                  ? (Object) size
                                  : type == Layout[].class
                                      ? new Layout[] {Layout.SCALAR}
                                      : type == DType.class ? DType.INT8 : Tensor.zeros(1))
              .toArray();
      var e =
          assertThrows(InvocationTargetException.class, () -> m.invoke(null, arguments), m + "");
      assertEquals(IllegalArgumentException.class, e.getCause().getClass(), m + "");
      assertTrue(e.getCause().getMessage().startsWith("thisOp: "), e.getCause().getMessage());
    }
  }

  @Test
  void numelIsExact() {
    Random random = new Random(1);
    BigInteger limit = BigInteger.valueOf(Dims.LIMIT);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      long[] sizes = random.longs(random.nextInt(5)).map(v -> v >> random.nextInt(64)).toArray();
      BigInteger product = BigInteger.ONE;
      boolean negative = false;
      boolean empty = false;
      for (long s : sizes) {
        negative |= s < 0;
        empty |= s == 0;
        product = product.multiply(BigInteger.valueOf(Math.max(s, 1)));
      }
      if (negative || product.compareTo(limit) > 0) {
        refused++;
        assertThrows(
            IllegalArgumentException.class, () -> Dims.numel("op", sizes), Dims.text(sizes));
      } else {
        assertEquals(empty ? 0 : product.longValueExact(), Dims.numel("op", sizes));
      }
    }
    assertTrue(refused > 1000 && refused < 19_000, refused + " refused");
  }

  /** Places as exact arithmetic has them, of layouts with small and with absurd numbers. */
  @Test
  void viewsStayWithinTheStorage() {
    Random random = new Random(2);
    int within = 0;
    int rounds = 20_000;
    for (int round = 0; round < rounds; round++) {
      DType type = DType.values()[random.nextInt(DType.values().length)];
      Tensor x = Tensor.zeros(type, 24);
      int rank = random.nextInt(4);
      long[] sizes = new long[rank];
      long[] strides = new long[rank];
      for (int i = 0; i < rank; i++) {
        sizes[i] = random.nextInt(8) == 0 ? 1L << random.nextInt(20) : random.nextInt(4);
        strides[i] =
            random.nextInt(8) == 0
                ? random.nextLong() >> random.nextInt(64)
                : random.nextInt(13) - 4;
      }
      long offset = random.nextInt(8) == 0 ? 1L << random.nextInt(58) : random.nextInt(26);
      Layout layout;
      layout = Layout.strided("op", sizes, strides, offset);
      if (fits(layout, 24)) {
        within++;
        TensorImpl.share(x, layout);
      } else {
        var e = assertThrows(IllegalArgumentException.class, () -> TensorImpl.share(x, layout));
        assertTrue(e.getMessage().contains("reaches beyond"), e.getMessage());
      }
    }
    assertTrue(within > rounds / 10 && within < rounds * 9 / 10, within + " lie within");
  }

  @Test
  void placesThatWrapIntoTheStorage() {
    Tensor x = Tensor.zeros(24);
    long[][][] layouts = {
      {{(1L << 32) + 1}, {1L << 32}}, // 2^64 further on
      {{3, 3}, {1L << 62, 1L << 62}}, // 2^63 and 2^63
      {{2, 2, 2, 2}, {1L << 62, 1L << 62, 1L << 62, 1L << 62}},
      {{2, 2}, {Long.MAX_VALUE, Long.MIN_VALUE}}, // the least is not the first
      {{(1L << 57) + 1}, {128}},
      {{2}, {Long.MIN_VALUE}},
    };
    for (long[][] l : layouts) {
      Layout layout = Layout.strided("op", l[0], l[1], 0);
      assertThrows(
          IllegalArgumentException.class,
          () -> TensorImpl.share(x, layout),
          Dims.text(l[0]) + " with strides " + Dims.text(l[1]));
    }
  }

  private static boolean fits(Layout layout, long room) {
    BigInteger least = BigInteger.valueOf(layout.offset);
    BigInteger greatest = least;
    for (int i = 0; i < layout.sizes.length; i++) {
      if (layout.sizes[i] == 0) {
        return true;
      }
      BigInteger reach =
          BigInteger.valueOf(layout.sizes[i] - 1).multiply(BigInteger.valueOf(layout.strides[i]));
      least = least.add(reach.min(BigInteger.ZERO));
      greatest = greatest.add(reach.max(BigInteger.ZERO));
    }
    return least.signum() >= 0 && greatest.compareTo(BigInteger.valueOf(room)) < 0;
  }

  @Test
  void offsetsHaveALimit() {
    for (long offset : new long[] {-1, Dims.LIMIT + 1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Layout.strided("thisOp", new long[] {0}, new long[] {1}, offset));
      assertTrue(e.getMessage().startsWith("thisOp: "), e.getMessage());
    }
  }

  @Test
  void blocksHaveAPositiveSize() {
    ThreadBlocks blocks = ThreadBlocks.get();
    DeviceContext cpu = Devices.cpu();
    for (long bytes : new long[] {-1, -4096, Long.MIN_VALUE}) {
      assertThrows(
          IllegalArgumentException.class, () -> Storage.allocate(blocks, cpu, bytes), bytes + "");
      assertThrows(
          IllegalArgumentException.class, () -> cpu.reclaimer.allocate(blocks, bytes), bytes + "");
    }
    assertThrows(IllegalArgumentException.class, () -> cpu.reclaimer.allocate(blocks, 0));
    assertEquals(0, Storage.allocate(blocks, cpu, 0).bytes);
  }
}
