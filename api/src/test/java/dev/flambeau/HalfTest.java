package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.internal.kernels.DTypes;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.io.SafeTensors;
import dev.flambeau.nn.Linear;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** float16 and bfloat16 on the CPU: stored, converted, moved, printed; see half_cases.py. */
@Tag("kernels")
class HalfTest {
  private static final List<DType> HALVES = List.of(DType.FLOAT16, DType.BFLOAT16);

  private static DType type(String name) {
    return name.equals("float16") ? DType.FLOAT16 : DType.BFLOAT16;
  }

  private static Tensor ofBits(DType type, int[] bits, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(2 * Math.max(1, bits.length)).order(ByteOrder.nativeOrder());
    Arrays.stream(bits).forEach(b -> bytes.putShort((short) b));
    return Tensor.fromBuffer(bytes.flip().limit(bytes.capacity()), type, shape).copy();
  }

  private static int[] bits(Tensor x) {
    ByteBuffer bytes = ByteBuffer.wrap(x.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    int[] out = new int[(int) x.numel()];
    Arrays.setAll(out, i -> bytes.getShort() & 0xFFFF);
    return out;
  }

  @Test
  void printsAsPyTorchDoes() {
    String[] cases = Resources.text("print/halves.txt").split("\n----\n");
    assertTrue(cases.length > 100, "too few cases: " + cases.length);
    for (String one : cases) {
      int end = one.indexOf('\n');
      String[] fields = one.substring(0, end).split("\t", -1);
      Deque<PrintOptions.Restore> options = new ArrayDeque<>();
      Tensor x = read(fields);
      for (String field : List.of(fields).subList(3, fields.length)) {
        String value = field.substring(field.indexOf('=') + 1);
        if (field.startsWith("precision=")) {
          options.push(PrintOptions.precision(Integer.parseInt(value)));
        } else if (field.startsWith("sci=")) {
          options.push(PrintOptions.sciMode(value.equals("True")));
        } else {
          x.requiresGrad_();
        }
      }
      try {
        assertEquals(one.substring(end + 1), x.toString(), one.substring(0, end));
      } finally {
        options.forEach(PrintOptions.Restore::close);
      }
    }
  }

  private static Tensor read(String[] fields) {
    long[] shape =
        fields[1].isEmpty()
            ? new long[0]
            : Arrays.stream(fields[1].split(",")).mapToLong(Long::parseLong).toArray();
    int n = (int) Dims.numel("of", shape);
    int[] bits = new int[n];
    if (fields[2].startsWith("ramp:")) {
      int step = Integer.parseInt(fields[2].substring(5));
      Arrays.setAll(bits, i -> i * step);
    } else if (n > 0) {
      String[] hex = fields[2].split(",");
      Arrays.setAll(bits, i -> Integer.parseInt(hex[i], 16));
    }
    return ofBits(type(fields[0]), bits, shape);
  }

  @Test
  void numbersBecomeThoseOfPyTorch() {
    List<String[]> rows =
        Resources.lines("print/half_numbers.txt").stream().map(l -> l.split("\t")).toList();
    double[] values =
        rows.stream()
            .mapToDouble(r -> Double.longBitsToDouble(Long.parseUnsignedLong(r[0], 16)))
            .toArray();
    for (int which = 0; which < 2; which++) {
      int column = which + 1;
      int[] expected = rows.stream().mapToInt(r -> Integer.parseInt(r[column], 16)).toArray();
      DType type = HALVES.get(which);
      assertArrayEquals(expected, bits(Tensor.of(type, values)), type + "");
      assertArrayEquals(expected, bits(Tensor.of(DType.FLOAT64, values).to(type)), type + "");
      for (int i = 0; i < 30; i++) {
        int[] one = {expected[i]};
        assertArrayEquals(one, bits(Tensor.full(type, values[i], 1)), type + " " + values[i]);
      }
    }
  }

  @Test
  void typesMeetAsInPyTorch() {
    for (DType half : HALVES) {
      for (DType weaker : DType.values()) {
        if (weaker.isFloating() && weaker != half) {
          continue;
        }
        assertEquals(half, DType.promote(half, weaker));
        assertEquals(half, DType.promote(weaker, half));
      }
      for (DType wider : List.of(DType.FLOAT32, DType.FLOAT64)) {
        assertEquals(wider, DType.promote(half, wider));
        assertEquals(wider, DType.promote(wider, half));
        assertEquals(half, DTypes.promoteWeak(half, wider));
      }
      assertEquals(half, DTypes.promoteWeak(DType.INT64, half));
      assertTrue(half.isFloating());
      assertEquals(2, half.bytes());
    }
    assertEquals(DType.FLOAT32, DType.promote(DType.FLOAT16, DType.BFLOAT16));
    assertEquals(DType.FLOAT32, DType.promote(DType.BFLOAT16, DType.FLOAT16));
    Tensor both = Tensor.cat(List.of(Tensor.ones(2).toHalf(), Tensor.ones(2).toBfloat16()), 0);
    assertEquals("tensor([1., 1., 1., 1.])", both.toString());
  }

  @Test
  void valuesComeOut() {
    for (DType half : HALVES) {
      Tensor x = Tensor.of(half, new double[][] {{1.5, -2}, {0, 96}});
      assertEquals(half, x.dtype());
      assertArrayEquals(new float[] {1.5f, -2, 0, 96}, x.toFloatArray());
      assertArrayEquals(new double[] {1.5, -2, 0, 96}, x.toDoubleArray());
      assertArrayEquals(new long[] {1, -2, 0, 96}, x.toLongArray());
      assertArrayEquals(new int[] {1, -2, 0, 96}, x.toIntArray());
      assertArrayEquals(new boolean[] {true, true, false, true}, x.toBooleanArray());
      assertArrayEquals(new float[][] {{1.5f, -2}, {0, 96}}, (float[][]) x.toArray());
      assertEquals(8, x.toByteArray().length);
      assertTrue(x.equal(x.copy()) && !x.equal(x.t()) && !x.equal(x.toFloat()));
      assertEquals(96, x.get(1, 1).item());
      assertEquals(-2, x.get(0, 1).itemLong());
      assertTrue(x.get(0, 0).itemBoolean());
      assertEquals(1.5f, (float) x.get(0, 0).toArray());
      assertEquals("1.0 1.0 1.0", join(Tensor.ones(half, 3)));
      assertEquals("0.0 0.0", join(Tensor.zeros(half, 2)));
      assertEquals("1.5 0.0 -2.0 96.0", join(x.t()));
      assertEquals("-2.0 1.5 96.0 0.0", join(x.flip(1)));
      assertEquals("1.5 -2.0 0.0 96.0", join(x.toFloat().to(half)));
      assertEquals("255.0 3.0", join(Tensor.of(255, 3).to(half)));
      assertEquals("1.0 0.0", join(Tensor.of(true, false).to(half)));
      assertEquals("0.0 96.0 1.5 -2.0", join(x.indexSelect(0, Tensor.of(1, 0))));
      assertEquals("-2.0 96.0", join(x.gather(1, Tensor.of(1, 1).view(2, 1))));
      assertEquals("1.5 7.0 0.0 7.0", join(x.maskedFill(Tensor.of(false, true), 7)));
      assertEquals("0.0 -2.0 0.0 0.0", join(x.zerosLike().copy_(x).set(0, "0,0").set(0, "1,1")));
    }
  }

  private static String join(Tensor x) {
    return Arrays.stream(x.toDoubleArray())
        .mapToObj(Double::toString)
        .collect(Collectors.joining(" "));
  }

  @Test
  void gradientsComeBackInTheTypeOfTheLeaf() {
    for (DType half : HALVES) {
      Tensor x = Tensor.of(half, new double[] {1, 2, 3}).requiresGrad_();
      Tensor y = x.toFloat();
      assertEquals("ToCopyBackward0", y.gradFn().name());
      y.mul(y).sum().backward();
      assertEquals(half, x.grad().dtype());
      assertArrayEquals(new float[] {2, 4, 6}, x.grad().toFloatArray());
      Tensor w = Tensor.of(0.1, 0.2).requiresGrad_();
      w.to(half).toFloat().mul(2).sum().backward();
      assertEquals("tensor([2., 2.])", w.grad().toString());
    }
  }

  @Test
  void modulesBecomeHalves() {
    Linear layer = new Linear(3, 2);
    Tensor before = layer.parameters().get(0).detach().copy();
    for (DType half : HALVES) {
      layer.to(half);
      Tensor weight = layer.parameters().get(0);
      assertEquals(half, weight.dtype());
      assertTrue(weight.requiresGrad());
      assertNull(weight.grad());
      assertTrue(weight.toFloat().allclose(before, 1e-2, 1e-3));
      layer.to(DType.FLOAT32);
      assertEquals(DType.FLOAT32, weight.dtype());
    }
  }

  /** The header's words and the elements' bytes as the Python library writes them. */
  @Test
  void safeTensorsHoldThem() throws IOException {
    Tensor half = Tensor.of(DType.FLOAT16, new double[] {1, -2, 65504});
    Tensor brain = Tensor.of(DType.BFLOAT16, new double[][] {{1, Double.NaN}});
    byte[] file = SafeTensors.toBytes(Map.of("a", half, "b", brain, "c", Tensor.of(7)), Map.of());
    int header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt();
    assertEquals(
        "{\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[8,12]},"
            + "\"a\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[12,18]}}",
        new String(file, 8, header, StandardCharsets.UTF_8).trim());
    Map<String, Tensor> read = SafeTensors.fromBytes(file).tensors();
    assertEquals("tensor([[1., nan]], dtype=torch.bfloat16)", read.get("b").toString());
    assertArrayEquals(bits(half), bits(read.get("a")));
    assertEquals(DType.FLOAT16, read.get("a").dtype());
  }

  @Test
  void theCpuDoesNotComputeWithThem() {
    Tensor x = Tensor.ones(DType.FLOAT16, 2, 2);
    Tensor b = Tensor.ones(DType.BFLOAT16, 2, 2);
    refused("add", "float16", () -> x.add(x));
    refused("mul", "bfloat16", () -> b.mul(2));
    refused("add", "bfloat16", () -> b.add(Tensor.of(1, 2)));
    refused("exp", "float16", x::exp);
    refused("isnan", "float16", x::isnan);
    refused("eq", "float16", () -> x.eq(x));
    refused("sum", "float16", x::sum);
    refused("softmax", "bfloat16", () -> b.softmax(0));
    refused("mm", "float16", () -> x.mm(x));
    refused("indexAdd", "float16", () -> x.indexAdd(0, Tensor.of(0, 1), x));
    refused("uniform_", "float16", () -> x.uniform_(0, 1));
    assertFalse(x.add(Tensor.ones(2, 2)).dtype() == DType.FLOAT16);
  }

  private static void refused(String op, String type, Executable call) {
    assertEquals(
        op
            + ": torch."
            + type
            + " tensors are stored and converted on the CPU, and computed with on a GPU only; use"
            + " to(DType.FLOAT32)",
        assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
