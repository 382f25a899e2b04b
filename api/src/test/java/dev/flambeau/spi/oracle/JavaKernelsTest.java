package dev.flambeau.spi.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.spi.Kernels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** The oracle itself, held against values worked out by hand or printed by PyTorch 1.13.1. */
class JavaKernelsTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  private final JavaMemory memory = new JavaMemory();
  private final JavaKernels kernels = new JavaKernels(memory);

  @Test
  void pointwiseFollowsPyTorchAtTheEdges() {
    assertUnary(Kernels.RELU, 0, 0, new double[] {-1, -0.0, 2, NAN}, 0, 0, 2, NAN);
    assertUnary(Kernels.SIGN, 0, 0, new double[] {-3, 0, 2, NAN}, -1, 0, 1, 0);
    assertUnary(Kernels.ROUND, 0, 0, new double[] {0.5, 1.5, 2.5, -0.5}, 0, 2, 2, -0.0);
    assertUnary(Kernels.CLAMP, -1, INF, new double[] {-5, 3, NAN, INF}, -1, 3, NAN, INF);
    assertUnary(Kernels.ELU, 1, 0, new double[] {2, -INF}, 2, -1);
    assertUnary(
        Kernels.HARDSHRINK,
        0.5,
        0,
        new double[] {-0.5, 0.75, -0.0, NAN, -INF},
        0,
        0.75f,
        0,
        NAN,
        -INF);
    assertUnary(Kernels.SOFTPLUS, 1, 20, new double[] {0, 30}, (float) Math.log(2), 30);
    assertUnary(Kernels.ERF, 0, 0, new double[] {0.5, 3, INF}, 0.5204999f, 0.9999779f, 1);
    assertUnary(Kernels.GELU, 0, 0, new double[] {1, -1}, 0.84134475f, -0.15865526f);
  }

  @Test
  void theErrorFunctionIsRightToTheLastDigits() {
    assertEquals(0.8427007929497149, ErrorFunction.erf(1), 3e-16);
    assertEquals(0.9953222650189527, ErrorFunction.erf(2), 3e-16);
    assertEquals(-0.9999779095030014, ErrorFunction.erf(-3), 2e-16);
    assertEquals(2.209049699858544e-5, ErrorFunction.erfc(3), 1e-19);
    assertTrue(Double.isNaN(ErrorFunction.erf(NAN)));
  }

  @Test
  void gradientsTakeWhatTheyNeed() {
    long g = floats(2, 2);
    long out = floats(0, 0);
    assertEquals(0, kernels.unaryGrad(Kernels.TANH, 0, 2, g, 0, floats(0.5, -1), out, 0, 0));
    assertFloats(out, 1.5, 0);
    assertEquals(0, kernels.unaryGrad(Kernels.SIN, 0, 2, g, floats(0, 0), 0, out, 0, 0));
    assertFloats(out, 2, 2);
    assertEquals(0, kernels.unaryGrad(Kernels.CLAMP, 0, 2, g, floats(1, 1.5), 0, out, 0, 1));
    assertFloats(out, 2, 0);
  }

  @Test
  void remaindersHaveTheSignOfTheDivisor() {
    long y = floats(0, 0, 0);
    kernels.binary(Kernels.REMAINDER, 0, 3, floats(5, -5, 5), floats(3, 3, -3), y);
    assertFloats(y, 2, 1, -1);
    long z = longs(0, 0, 0);
    kernels.binary(Kernels.REMAINDER, 2, 3, longs(5, -5, Long.MIN_VALUE), longs(-3, 3, -1), z);
    assertLongs(z, -1, 1, 0);
    int status = kernels.binary(Kernels.REMAINDER, 2, 3, longs(1, 2, 3), longs(1, 0, 1), z);
    assertEquals(Kernels.DIVIDE_BY_ZERO, status);
    assertLongs(z, -1, 1, 0);
  }

  @Test
  void integersWrapAndRaiseToPowers() {
    long y = longs(0, 0, 0, 0);
    kernels.binary(Kernels.BINARY_POW, 2, 4, longs(3, 1, -1, 2), longs(4, -7, -3, -1), y);
    assertLongs(y, 81, 1, -1, 0);
    kernels.binaryScalar(Kernels.ADD, 2, 4, longs(Long.MAX_VALUE, 0, 1, 2), y, 1, 0);
    assertLongs(y, Long.MIN_VALUE, 1, 2, 3);
    kernels.binaryScalar(Kernels.SUB, 2, 4, longs(1, 2, 3, 4), y, 10, 1);
    assertLongs(y, 9, 8, 7, 6);
  }

  @Test
  void floatsBecomeIntegersAsInPyTorch() {
    double[] x = {NAN, INF, -INF, 1e10, -1e10, -1, 300, -300.5, 0x1p31, 1e19};
    long least = Integer.MIN_VALUE;
    long leastOfAll = Long.MIN_VALUE;
    assertConverted(
        x,
        Kernels.INT64,
        leastOfAll,
        leastOfAll,
        leastOfAll,
        10_000_000_000L,
        -10_000_000_000L,
        -1,
        300,
        -300,
        1L << 31,
        leastOfAll);
    assertConverted(
        x, Kernels.INT32, least, least, least, least, least, -1, 300, -300, least, least);
    assertConverted(x, Kernels.UINT8, 0, 0, 0, 0, 0, 255, 44, 212, 0, 0);
    assertConverted(x, Kernels.INT16, 0, 0, 0, 0, 0, -1, 300, -300, 0, 0);
    assertConverted(x, Kernels.INT8, 0, 0, 0, 0, 0, -1, 44, -44, 0, 0);
    assertConverted(x, Kernels.BOOL, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    double[] wide = {-0x1p31 - 1, 0x1p40 + 5};
    assertConverted(wide, Kernels.UINT8, 255, 5);
    assertConverted(wide, Kernels.INT32, least, least);
  }

  private void assertConverted(double[] x, int to, long... expected) {
    long from = memory.allocate(8L * x.length);
    long y = memory.allocate(8L * x.length);
    Elements source = memory.elements(Kernels.FLOAT64, from);
    for (int i = 0; i < x.length; i++) {
      source.set(i, x[i]);
    }
    assertEquals(0, kernels.convert(Kernels.FLOAT64, to, x.length, from, y));
    for (int i = 0; i < x.length; i++) {
      assertEquals(
          expected[i], memory.elements(to, y).getLong(i), x[i] + " to " + DtypeInfo.name(to));
    }
  }

  @Test
  void geometryBroadcastsAndFlips() {
    long table = longs(2, 2, 3, 3, 1, 0, 1, 1, 0);
    long y = floats(0, 0, 0, 0, 0, 0);
    kernels.binaryStrided(Kernels.ADD, 0, table, floats(1, 2, 3), floats(10, 20), y);
    assertFloats(y, 11, 12, 13, 21, 22, 23);
    long flipped = longs(1, 3, 1, -1);
    long target = floats(0, 0, 0);
    kernels.copy(0, 0, flipped, floats(1, 2, 3) + 8, target);
    assertFloats(target, 3, 2, 1);
  }

  @Test
  void reductionsLetNanWinAndFindTheFirst() {
    long y = floats(0, 0);
    long x = floats(1, 5, 3, NAN, 3, 2);
    kernels.reduce(Kernels.REDUCE_AMAX, 0, 1, 3, 2, x, y);
    assertFloats(y, 3, NAN);
    long where = longs(0, 0);
    kernels.reduceIndex(Kernels.INDEX_MAX, 0, 1, 3, 2, x, y, where);
    assertFloats(y, 3, NAN);
    assertLongs(where, 1, 1);
    kernels.reduce(Kernels.REDUCE_LOGSUMEXP, 0, 2, 2, 1, floats(-INF, -INF, INF, 0), y);
    assertFloats(y, -INF, INF);
    kernels.moments(0, 2, 3, 1, floats(1, 2, 3, 4, 4, 4), 0, y, 1);
    assertFloats(y, 1, 0);
  }

  @Test
  void softmaxAndItsGradient() {
    long y = floats(0, 0, 0);
    kernels.softmax(0, 0, 1, 3, 1, floats(0, 0, Math.log(2)), y);
    assertFloats(y, 0.25, 0.25, 0.5);
    kernels.softmaxGrad(0, 0, 1, 3, 1, floats(0, 0, 1), floats(0.25, 0.25, 0.5), y);
    assertFloats(y, -0.125, -0.125, 0.25);
  }

  @Test
  void layerNormAndItsGradient() {
    long y = floats(0, 0, 0, 0);
    long mean = floats(0);
    long rstd = floats(0);
    kernels.layerNorm(0, 1, 4, floats(1, 1, 3, 3), floats(1, 2, 1, 1), 0, y, mean, rstd, 0);
    assertFloats(y, -1, -2, 1, 1);
    assertFloats(mean, 2);
    long gx = floats(0, 0, 0, 0);
    long gw = floats(0, 0, 0, 0);
    kernels.layerNormGrad(
        0, 1, 4, floats(1, 0, 0, 0), floats(1, 1, 3, 3), mean, rstd, 0, gx, gw, 0);
    assertFloats(gx, 0.5, -0.5, 0, 0);
    assertFloats(gw, -1, 0, 0, 0);
  }

  @Test
  void lossesAndTheirGradients() {
    long y = floats(0);
    kernels.loss(Kernels.LOSS_BCE, Kernels.SUM, 0, 2, floats(0, 0.5), floats(1, 1), y);
    assertFloats(y, (float) (100 + Math.log(2)));
    long gx = floats(0, 0, 0, 0);
    long total = floats(0);
    kernels.nllLoss(
        Kernels.MEAN, 0, 2, 2, 1, floats(-1, -2, -3, -4), longs(1, 0), floats(3, 1), y, total, -1);
    assertFloats(y, 11 / 4.0);
    assertFloats(total, 4);
    kernels.nllLossGrad(Kernels.MEAN, 0, 2, 2, 1, floats(1), longs(1, -1), 0, floats(1), gx, -1);
    assertFloats(gx, 0, -1, 0, 0);
    assertEquals(
        Kernels.BAD_INDEX,
        kernels.nllLossGrad(Kernels.SUM, 0, 2, 2, 1, y, longs(1, 2), 0, total, gx, -1));
    assertTrue(kernels.lastError().contains("index 2"), kernels.lastError());
  }

  @Test
  void matricesWithStrides() {
    long y = floats(0, 0, 0, 0);
    long a = floats(1, 2, 3, 4);
    kernels.matmul(0, 0, 1, 2, 2, 2, a, 0, 1, 2, a, 0, 2, 1, floats(100, 200), y, 0, 2);
    assertFloats(y, 110, 214, 114, 220);
    long z = longs(0);
    kernels.matmul(2, 0, 1, 1, 1, 2, longs(3, 4), 0, 2, 1, longs(5, 6), 0, 1, 1, 0, z, 0, 1);
    assertLongs(z, 39);
  }

  @Test
  void indicesAreCheckedBeforeAnythingIsWritten() {
    long y = longs(0, 0);
    kernels.gather(2, 1, 3, 2, 1, longs(7, 8, 9), longs(2, 0), y);
    assertLongs(y, 9, 7);
    assertEquals(Kernels.BAD_INDEX, kernels.gather(2, 1, 3, 2, 1, longs(7, 8, 9), longs(0, 3), y));
    assertLongs(y, 9, 7);
    kernels.indexAdd(2, 1, 2, 3, 1, longs(0, 1, 0), longs(1, 10, 100), y);
    assertLongs(y, 110, 17);
    kernels.scatter(0, 2, 1, 2, 2, 1, longs(1, 1), longs(3, 4), y);
    assertLongs(y, 110, 4);
  }

  @Test
  void optimizersTakeTheStepsOfTheirDefinition() {
    long p = floats(1);
    long v = floats(0);
    long[] x = {bits(0.1), bits(0.5)}; // lr and momentum
    long table = longs(1, p, floats(0.5), v, 0, 0, 0, x[0], x[1], 0, 0, bits(1), 0);
    kernels.step(Kernels.SGD, 0, Kernels.NESTEROV, 1, table);
    assertFloats(p, (float) (1 - 0.1 * 0.75));
    assertFloats(v, 0.5);
    long w = floats(1);
    long[] y = {bits(0.1 / (1 - 0.9)), bits(0.9), bits(0.999), bits(Math.sqrt(1 - 0.999))};
    long moments = floats(0, 0);
    long row = longs(1, w, floats(0.5), moments, moments + 4, 0, 0, y[0], y[1], y[2], y[3], 0, 0);
    kernels.step(Kernels.ADAM, 0, 0, 1, row);
    assertFloats(w, (float) 0.9);
  }

  private static long bits(double number) {
    return Double.doubleToRawLongBits(number);
  }

  @Test
  void randomNumbersArePyTorchs() {
    assertArrayEquals(
        new float[] {0.88226926f, 0.91500396f, 0.38286376f}, draw(Kernels.UNIFORM, 3));
    assertArrayEquals(new float[] {0.33669037f, 0.1288094f, 0.23446237f}, draw(Kernels.NORMAL, 3));
    assertArrayEquals(
        new float[] {
          1.9269153f,
          1.4872841f,
          0.9007172f,
          -2.105521f,
          -0.75813115f,
          1.0783176f,
          0.80080056f,
          1.6806206f,
          0.3558599f,
          -0.686623f,
          -0.49335635f,
          0.24148779f,
          -0.23162432f,
          0.04175949f,
          -0.2515753f,
          0.8598585f,
          -0.30972677f,
          -0.3957105f,
          0.80340934f,
          -0.6215954f
        },
        draw(Kernels.NORMAL, 20));
    long state = seeded();
    long y = memory.allocate(80);
    kernels.random(Kernels.PERMUTATION, 2, 10, state, 0, y, 0, 0);
    assertLongs(y, 2, 6, 1, 8, 4, 5, 0, 9, 3, 7);
    state = seeded();
    kernels.random(Kernels.INTEGERS, 2, 10, state, 0, y, 0, 100);
    assertLongs(y, 42, 67, 76, 14, 26, 35, 20, 24, 50, 13);
    state = seeded();
    kernels.random(Kernels.BERNOULLI, 5, 20, state, 0, y, Double.doubleToLongBits(0.3), 0);
    byte[] bits = new byte[20];
    memory.download(bits, y);
    StringBuilder shown = new StringBuilder();
    for (byte bit : bits) {
      shown.append(bit);
    }
    assertEquals("11110000111000001000", shown.toString());
  }

  @Test
  void everyAccessIsChecked() {
    long block = memory.allocate(8);
    assertEquals(8, memory.liveBytes());
    assertThrows(IndexOutOfBoundsException.class, () -> kernels.fill(0, 3, block, 0));
    memory.free(block, 8);
    assertEquals(0, memory.liveBytes());
    assertThrows(IllegalStateException.class, () -> kernels.fill(0, 1, block, 0));
    assertThrows(IllegalStateException.class, () -> memory.free(block, 8));
    assertEquals(0, memory.allocate(1L << 40));
  }

  @Test
  void directBuffersKeepTheirAddress() {
    ByteBuffer direct = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    long address = memory.addressOf(direct);
    assertEquals(address, memory.addressOf(direct));
    assertFalse(address == memory.addressOf(direct.slice()));
    direct.putFloat(4, 2.5f);
    assertEquals(2.5, memory.readDouble(Kernels.FLOAT32, address + 4));
    assertThrows(IllegalArgumentException.class, () -> memory.addressOf(ByteBuffer.allocate(1)));
  }

  private long seeded() {
    long state = memory.allocate(Kernels.RANDOM_STATE_BYTES);
    kernels.randomSeed(state, 42);
    return state;
  }

  private float[] draw(int kind, int n) {
    float[] drawn = new float[n];
    long y = memory.allocate(4L * n);
    long one = Double.doubleToLongBits(1);
    assertEquals(0, kernels.random(kind, 0, n, seeded(), 0, y, 0, one));
    memory.download(drawn, y);
    return drawn;
  }

  private void assertUnary(int op, double p, double q, double[] x, double... expected) {
    long y = memory.allocate(4L * x.length);
    assertEquals(0, kernels.unary(op, 0, x.length, floats(x), y, p, q));
    assertFloats(y, expected);
  }

  private long floats(double... values) {
    long address = memory.allocate(4L * values.length);
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    memory.upload(address, narrow);
    return address;
  }

  private long longs(long... values) {
    long address = memory.allocate(8L * values.length);
    memory.upload(address, values);
    return address;
  }

  private void assertFloats(long address, double... expected) {
    float[] got = new float[expected.length];
    memory.download(got, address);
    float[] wanted = new float[expected.length];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = (float) expected[i];
    }
    assertArrayEquals(wanted, got);
  }

  private void assertLongs(long address, long... expected) {
    long[] got = new long[expected.length];
    memory.download(got, address);
    assertArrayEquals(expected, got);
  }
}
