package dev.flambeau.internal.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Function;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Copy;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the program gives as a gradient, at each of the doors that it may come in by. */
class UserGradientTest {
  private static final double[] VALUES = {1, 2, 3, 4, 5, 6};

  /** Where a gradient comes from the program, and how it gets to the leaf {@code x}. */
  private enum Door {
    TENSOR_HOOK(2) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        Tensor y = x.mul(2);
        y.registerHook(g -> given);
        y.sum().backward(null, false, createGraph);
      }
    },
    LEAF_HOOK(1) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        try (var hook = x.registerHook(g -> given)) {
          x.mul(3).sum().backward(null, false, createGraph);
        }
      }
    },
    FUNCTION(2) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        new Giving(given).call(x.mul(2)).sum().backward(null, false, createGraph);
      }
    },
    FUNCTION_OF_A_LEAF(1) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        new Giving(given).call(x).sum().backward(null, false, createGraph);
      }
    },
    SET_GRAD(1) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        x.setGrad(given);
      }
    },
    BACKWARD(2) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        x.mul(2).backward(given, false, createGraph);
      }
    },
    BACKWARD_OF_A_LEAF(1) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        x.backward(given, false, createGraph);
      }
    },
    GRAD_OUTPUTS(2) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        add(x, Autograd.grad(List.of(x.mul(2)), List.of(x), given(given), false, createGraph));
      }
    },
    GRAD_OF_ITSELF(1) {
      @Override
      void pass(Tensor x, Tensor given, boolean createGraph) {
        add(x, Autograd.grad(List.of(x), List.of(x), given(given), false, createGraph));
      }
    };

    final double factor; // of what arrives

    Door(double factor) {
      this.factor = factor;
    }

    abstract void pass(Tensor x, Tensor given, boolean createGraph);

    final boolean isFunction() {
      return this == FUNCTION || this == FUNCTION_OF_A_LEAF;
    }

    private static List<Tensor> given(Tensor one) {
      return one == null ? null : Arrays.asList(one);
    }

    /** As backward does it. */
    private static void add(Tensor x, List<Tensor> found) {
      x.setGrad(x.grad() == null ? found.get(0) : x.grad().add(found.get(0)));
    }
  }

  private static final class Giving extends Function {
    final Tensor given;

    Giving(Tensor given) {
      this.given = given;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return List.of(in.get(0).mul(1));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      return Arrays.asList(given);
    }
  }

  private static Tensor leaf(long... sizes) {
    return Tensor.ones(sizes).requiresGrad_();
  }

  private static Tensor values() {
    return Tensor.of(VALUES).reshape(2, 3);
  }

  private static void assertTimes(double factor, Tensor g) {
    double[] expected = Arrays.stream(VALUES).map(v -> v * factor).toArray();
    assertArrayEquals(expected, g.toDoubleArray());
    assertArrayEquals(new long[] {2, 3}, g.shape().toArray());
  }

  private static String refusal(Door door, Tensor x, Tensor given) {
    Class<? extends RuntimeException> type =
        door.ordinal() < Door.SET_GRAD.ordinal()
            ? IllegalStateException.class
            : IllegalArgumentException.class;
    String text = assertThrows(type, () -> door.pass(x, given, false)).getMessage();
    assertNull(x.grad(), "nothing is accumulated");
    assertNamesItsSource(door, text);
    return text;
  }

  private static void assertNamesItsSource(Door door, String text) {
    String source =
        switch (door) {
          case TENSOR_HOOK -> "MulBackward0: a hook returned a gradient";
          case LEAF_HOOK -> "AccumulateGrad: a hook returned a gradient";
          case FUNCTION, FUNCTION_OF_A_LEAF -> "GivingBackward: backward returned a gradient";
          case SET_GRAD -> "setGrad: given a gradient";
          case BACKWARD, BACKWARD_OF_A_LEAF -> "backward: given a gradient";
          case GRAD_OUTPUTS, GRAD_OF_ITSELF -> "grad: given a gradient";
        };
    assertTrue(text.startsWith(source), text);
  }

  // ---- what it must be

  @ParameterizedTest
  @EnumSource
  void anyLayoutDoes(Door door) {
    List<Tensor> layouts =
        List.of(
            values(),
            values().t().contiguous().t(),
            Tensor.arange(24).toFloat().reshape(4, 6).slice(1, 0, 6, 2).narrow(0, 1, 2));
    for (Tensor given : layouts) {
      Tensor x = leaf(2, 3);
      door.pass(x, given, false);
      assertTrue(x.grad().equal(given.mul(door.factor)), x.grad().toString());
    }
    Tensor x = leaf(2, 3);
    door.pass(x, Tensor.of(7.0).expand(2, 3), false);
    assertEquals(6 * 7 * door.factor, x.grad().sum().item());
    Tensor none = leaf(0, 3);
    door.pass(none, Tensor.zeros(0, 3), false);
    assertArrayEquals(new long[] {0, 3}, none.grad().shape().toArray());
  }

  @ParameterizedTest
  @EnumSource
  void anotherDtypeIsConverted(Door door) {
    for (DType type : List.of(DType.FLOAT64, DType.FLOAT16, DType.INT64, DType.INT8)) {
      Tensor x = leaf(2, 3);
      if (door == Door.SET_GRAD) {
        String text = refusal(door, x, values().to(type));
        assertTrue(text.contains(type + " for a tensor of " + DType.FLOAT32), text);
      } else {
        door.pass(x, values().to(type), false);
        assertEquals(DType.FLOAT32, x.grad().dtype());
        assertTimes(door.factor, x.grad());
      }
    }
    Tensor x = leaf(2, 3);
    if (door != Door.SET_GRAD) {
      door.pass(x, values().gt(3), false);
      assertEquals(3 * door.factor, x.grad().sum().item());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aShapeThatTheInputBroadcastsToIsSummedForFunctions(Door door) {
    Tensor four = Tensor.stack(new Tensor[] {values(), values(), values(), values()}, 0);
    Tensor x = leaf(2, 3);
    if (door.isFunction()) {
      door.pass(x, four, false);
      assertTimes(4 * door.factor, x.grad());
      Tensor column = leaf(2, 1);
      door.pass(column, values(), false);
      assertArrayEquals(
          new double[] {6 * door.factor, 15 * door.factor}, column.grad().toDoubleArray());
      Tensor number = leaf();
      door.pass(number, Tensor.of(new double[] {5}), false);
      assertEquals(5 * door.factor, number.grad().item());
    } else {
      String text = refusal(door, x, four);
      assertTrue(text.contains("(4, 2, 3)") && text.contains("(2, 3)"), text);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherShapeIsRefused(Door door) {
    for (long[] sizes : new long[][] {{3}, {2, 1}, {}, {6}, {3, 2}, {2, 3, 4}, {0, 3}, {5, 7, 3}}) {
      String text = refusal(door, leaf(2, 3), Tensor.ones(sizes));
      assertTrue(text.contains(" of shape (2, 3)"), text);
    }
    // So many that what was read lay outside of memory.
    String text = refusal(door, leaf(100_000), Tensor.ones(3));
    assertTrue(text.contains("(3,)") && text.contains("(100000,)"), text);
  }

  @ParameterizedTest
  @EnumSource
  void aReleasedTensorIsRefused(Door door) {
    Tensor x = leaf(2, 3);
    Tensor gone = values();
    gone.close();
    var e = assertThrows(IllegalStateException.class, () -> door.pass(x, gone, false));
    assertNamesItsSource(door, e.getMessage());
    assertTrue(e.getMessage().contains("close() was called"), e.getMessage());
    assertNull(x.grad());
  }

  @ParameterizedTest
  @EnumSource
  void nullIsNoGradientOrOne(Door door) {
    Tensor x = leaf(1);
    door.pass(x, null, false);
    switch (door) {
      case FUNCTION, FUNCTION_OF_A_LEAF, SET_GRAD -> assertNull(x.grad());
      case LEAF_HOOK -> assertEquals(3, x.grad().item());
      default -> assertEquals(door.factor, x.grad().item());
    }
  }

  /** Behind all doors: no kernel copies what does not fit. */
  @Test
  void aCopyRefusesWhatDoesNotBroadcast() {
    for (long[] sizes : new long[][] {{2}, {4, 3}, {3, 1}, {1, 2, 3}, {0}}) {
      Tensor to = Tensor.zeros(2, 3);
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> Copy.into("copy", Tensor.ones(sizes), to));
      assertTrue(e.getMessage().endsWith(" does not broadcast to (2, 3)"), e.getMessage());
      assertEquals(0, to.sum().item());
    }
    for (long[] sizes : new long[][] {{3}, {2, 1}, {1, 3}, {1}, {}, {2, 3}}) {
      Tensor to = Tensor.zeros(2, 3);
      Copy.into("copy", Tensor.ones(sizes), to);
      assertEquals(6, to.sum().item());
    }
  }

  // ---- whose it is

  @ParameterizedTest
  @EnumSource
  void theProgramMayKeepIt(Door door) {
    for (boolean createGraph : new boolean[] {false, true}) {
      Tensor given = values();
      Tensor x = leaf(2, 3);
      door.pass(x, given, createGraph);
      Tensor first = x.grad();
      assertTimes(door.factor, first);
      if (door != Door.SET_GRAD) { // which replaces it
        door.pass(x, given, createGraph);
        assertTimes(2 * door.factor, x.grad());
      }
      x.mul(values()).sum().backward();
      assertTimes(1 + (door == Door.SET_GRAD ? 1 : 2) * door.factor, x.grad());
      x.zeroGrad();
      assertFalse(given.isReleased());
      assertFalse(first.isReleased());
      assertTimes(1, given);
      assertEquals(0, given.version(), "nothing was written into it");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theProgramMayChangeItLater(Door door) {
    for (boolean createGraph : new boolean[] {false, true}) {
      Tensor given = values();
      Tensor x = leaf(2, 3);
      door.pass(x, given, createGraph);
      if (door == Door.SET_GRAD) {
        assertSame(given, x.grad());
      } else {
        given.mul_(100);
        assertTimes(door.factor, x.grad());
        x.grad().detach().mul_(100);
        assertTimes(100, given);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theProgramMayGiveItTwice(Door door) {
    for (boolean createGraph : new boolean[] {false, true}) {
      Tensor given = values();
      Tensor x = leaf(2, 3);
      Tensor y = leaf(2, 3);
      door.pass(x, given, createGraph);
      door.pass(y, given, createGraph);
      x.mul(values()).sum().backward();
      assertTimes(door.factor + 1, x.grad());
      assertTimes(door.factor, y.grad());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aParameterIsOnlyRead(Door door) {
    Tensor theta = values().asParameter();
    Tensor x = leaf(2, 3);
    door.pass(x, theta, false);
    assertEquals(door == Door.SET_GRAD, x.grad().requiresGrad());
    x.mul(values()).sum().backward();
    assertTimes(door.factor + 1, x.grad());
    x.zeroGrad();
    assertTimes(1, theta);
    assertTrue(theta.isLeaf() && theta.requiresGrad() && theta.isParameter());
    assertNull(theta.grad());
  }

  @ParameterizedTest
  @EnumSource
  void itMayDependOnOtherLeaves(Door door) {
    for (boolean other : new boolean[] {false, true}) {
      Tensor theta = values().requiresGrad_();
      Tensor x = leaf(2, 3);
      Tensor given = theta.square();
      door.pass(x, other ? given.toDouble() : given, true);
      if (door == Door.SET_GRAD && other) {
        throw new AssertionError("refused before");
      }
      x.grad().sum().backward();
      assertTimes(2 * door.factor, theta.grad());
      if (door == Door.SET_GRAD) {
        return; // takes no other dtype
      }
    }
  }
}
