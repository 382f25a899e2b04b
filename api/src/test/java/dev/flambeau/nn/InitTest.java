package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Flambeau;
import dev.flambeau.Logged;
import dev.flambeau.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** PyTorch's initial values for the same seed, bit for bit where they are uniform. */
@Tag("kernels")
class InitTest {
  private static void check(UnaryOperator<Tensor> init, float slack, float... expected) {
    Flambeau.manualSeed(7);
    Tensor t = Tensor.empty(3, 2, 2).requiresGrad_();
    assertSame(t, init.apply(t));
    assertTrue(t.isLeaf() && t.requiresGrad());
    assertArrayEquals(expected, t.toFloatArray(), slack);
  }

  @Test
  void uniform() {
    check(
        Init::uniform_,
        0,
        0.53492254f,
        0.198803186f,
        0.659211695f,
        0.656890273f,
        0.232761562f,
        0.425061405f,
        0.207086027f,
        0.629736364f,
        0.365316153f,
        0.851268351f,
        0.854943156f,
        0.550935209f);
    check(
        t -> Init.uniform_(t, -1, 3),
        0,
        1.13969016f,
        -0.204787254f,
        1.63684678f,
        1.62756109f,
        -0.0689537525f,
        0.700245619f,
        -0.171655893f,
        1.51894546f,
        0.46126461f,
        2.4050734f,
        2.41977262f,
        1.20374084f);
    check(
        t -> Init.xavierUniform_(t, 1.5),
        0,
        0.0811526552f,
        -0.699918151f,
        0.369974554f,
        0.364580065f,
        -0.621006012f,
        -0.174141571f,
        -0.680670559f,
        0.301480085f,
        -0.312976986f,
        0.816273928f,
        0.824813366f,
        0.118362732f);
    check(
        Init::xavierUniform_,
        0,
        0.0541017689f,
        -0.466612101f,
        0.246649697f,
        0.243053377f,
        -0.414004028f,
        -0.116094373f,
        -0.453780383f,
        0.200986713f,
        -0.208651319f,
        0.544182599f,
        0.549875617f,
        0.0789084882f);
    check(
        Init::kaimingUniform_,
        0,
        0.0855424106f,
        -0.737778544f,
        0.389987439f,
        0.384301126f,
        -0.654597819f,
        -0.183561325f,
        -0.717489779f,
        0.317787915f,
        -0.329906702f,
        0.860428274f,
        0.869429648f,
        0.124765277f);
    check(
        t -> Init.kaimingUniform_(t, 0.2, Init.Fan.OUT, Init.Nonlinearity.LEAKY_RELU),
        0,
        0.0684887394f,
        -0.59069556f,
        0.312239826f,
        0.307687134f,
        -0.524097681f,
        -0.146966681f,
        -0.574451566f,
        0.25443396f,
        -0.264136761f,
        0.688893914f,
        0.696100831f,
        0.0998921618f);
  }

  @Test
  void normal() {
    check(
        Init::normal_,
        0,
        -0.146795094f,
        0.786141276f,
        0.94682163f,
        -1.114344f,
        1.69079018f,
        -0.894827902f,
        -0.355625033f,
        1.23238575f,
        0.138172656f,
        -1.68219852f,
        0.317678303f,
        0.132806972f);
    check(
        t -> Init.normal_(t, 1, 2),
        0,
        0.706409812f,
        2.57228255f,
        2.89364314f,
        -1.228688f,
        4.38158035f,
        -0.789655745f,
        0.288749933f,
        3.46477151f,
        1.27634537f,
        -2.36439705f,
        1.63535666f,
        1.26561391f);
    check(
        Init::xavierNormal_,
        0,
        -0.0656487644f,
        0.35157308f,
        0.423431486f,
        -0.498349786f,
        0.756144345f,
        -0.400179207f,
        -0.159040347f,
        0.551139653f,
        0.061792694f,
        -0.752302051f,
        0.142070055f,
        0.0593930818f);
    check(
        Init::kaimingNormal_,
        0,
        -0.103799812f,
        0.555885851f,
        0.669503987f,
        -0.787960231f,
        1.19556916f,
        -0.632738888f,
        -0.251464874f,
        0.871428311f,
        0.097702831f,
        -1.18949401f,
        0.224632487f,
        0.0939087048f);
    check(
        t -> Init.kaimingNormal_(t, 0.1),
        0,
        -0.103284672f,
        0.55312711f,
        0.666181386f,
        -0.78404969f,
        1.18963575f,
        -0.629598677f,
        -0.250216901f,
        0.867103577f,
        0.0972179472f,
        -1.18359077f,
        0.223517686f,
        0.0934426561f);
    check(
        t -> Init.kaimingNormal_(t, 0, Init.Fan.OUT, Init.Nonlinearity.RELU),
        0,
        -0.0847521871f,
        0.45387888f,
        0.546647727f,
        -0.643366814f,
        0.97617811f,
        -0.5166291f,
        -0.205320209f,
        0.711518228f,
        0.0797740221f,
        -0.971217752f,
        0.183411658f,
        0.0766761377f);
    check(
        t -> Init.kaimingNormal_(t, 0, Init.Fan.IN, Init.Nonlinearity.TANH),
        0,
        -0.12232925f,
        0.65511775f,
        0.789018035f,
        -0.92862004f,
        1.40899181f,
        -0.745689929f,
        -0.296354175f,
        1.02698815f,
        0.115143888f,
        -1.4018321f,
        0.264731944f,
        0.110672474f);
  }

  @Test
  void constants() {
    assertEquals("tensor([3., 3.])", Init.constant_(Tensor.empty(2), 3).toString());
    assertEquals("tensor([0., 0.])", Init.zeros_(Tensor.empty(2)).toString());
    assertEquals("tensor([1., 1.])", Init.ones_(Tensor.empty(2)).toString());
    assertEquals(
        "tensor([[1., 0., 0.],\n        [0., 1., 0.]])", Init.eye_(Tensor.empty(2, 3)).toString());
  }

  @Test
  void gains() {
    assertEquals(1, Init.calculateGain(Init.Nonlinearity.LINEAR));
    assertEquals(1, Init.calculateGain(Init.Nonlinearity.SIGMOID));
    assertEquals(5.0 / 3, Init.calculateGain(Init.Nonlinearity.TANH));
    assertEquals(Math.sqrt(2), Init.calculateGain(Init.Nonlinearity.RELU));
    assertEquals(1.4141428569978354, Init.calculateGain(Init.Nonlinearity.LEAKY_RELU));
    assertEquals(1.3867504905630728, Init.calculateGain(Init.Nonlinearity.LEAKY_RELU, 0.2));
    assertEquals(0.75, Init.calculateGain(Init.Nonlinearity.SELU));
  }

  @Test
  void wrongShapes() {
    var e =
        assertThrows(IllegalArgumentException.class, () -> Init.xavierUniform_(Tensor.empty(3)));
    assertEquals(
        "xavierUniform_: needs a tensor of at least 2 dimensions, since fan in and fan out are"
            + " unknown for shape [3]",
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Init.kaimingNormal_(Tensor.empty(3)));
    assertThrows(IllegalArgumentException.class, () -> Init.eye_(Tensor.empty(3)));
    Tensor nothing = Tensor.empty(0, 3);
    assertSame(nothing, Init.kaimingUniform_(nothing));
    assertSame(nothing, Init.kaimingNormal_(nothing));
  }

  @Test
  @SuppressWarnings("deprecation")
  void oldNamesWarnOnceAndWork() {
    List<String> said =
        Logged.during(
            () -> {
              Init.xavierUniform(Tensor.empty(2, 2));
              Init.xavierUniform(Tensor.empty(2, 2));
            });
    assertEquals(
        List.of("nn.init.xavier_uniform is now deprecated in favor of nn.init.xavier_uniform_."),
        said);
    assertEquals("tensor([2.])", Init.constant(Tensor.empty(1), 2).toString());
    assertEquals(4, Init.xavierNormal(Tensor.empty(2, 2)).numel());
    assertEquals(4, Init.kaimingUniform(Tensor.empty(2, 2)).numel());
    assertEquals(4, Init.kaimingNormal(Tensor.empty(2, 2)).numel());
    assertEquals(4, Init.normal(Tensor.empty(4)).numel());
    assertEquals(4, Init.normal(Tensor.empty(4), 1, 2).numel());
  }
}
