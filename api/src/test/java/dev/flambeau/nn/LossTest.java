package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Losses against PyTorch's numbers, in float64. Each block has, for mean, sum and none: the name of
 * the step, the values, and the gradients of the scores when the values count 1, 2, ... times.
 */
@Tag("kernels")
class LossTest {
  private static final Tensor LABELS = Tensor.of(2L, 0L);
  private static final Tensor P = doubles(new double[][] {{.2, .3, .5}, {.6, .1, .3}});
  private static final Tensor CLASSES = doubles(new double[] {1, 2, .5});
  private static final Tensor POSITIVE = doubles(new double[] {2, .5, 3});
  private static final Tensor ROWS = doubles(new double[][] {{1}, {2}});

  private static Tensor doubles(Object values) {
    return Tensor.of(DType.FLOAT64, values);
  }

  private static void check(Loss loss, Tensor target, String expected) {
    String[] lines = expected.strip().split("\n");
    Reduction[] reductions = {Reduction.MEAN, Reduction.SUM, Reduction.NONE};
    for (int i = 0; i < reductions.length; i++) {
      Tensor x = doubles(new double[][] {{1, -2, .5}, {0, 3, -1}}).requiresGrad_();
      Tensor y = loss.reduction(reductions[i]).call(x, target);
      assertEquals(lines[3 * i].strip(), y.gradFn().name());
      near(lines[3 * i + 1], y);
      y.mul(Tensor.arange(1, y.numel() + 1).reshape(y.shape())).sum().backward();
      near(lines[3 * i + 2], x.grad());
    }
  }

  private static void near(String expected, Tensor actual) {
    double[] wanted =
        Arrays.stream(expected.strip().split(" ")).mapToDouble(Double::parseDouble).toArray();
    assertArrayEquals(wanted, actual.toDoubleArray(), 1e-10);
  }

  @Test
  void crossEntropyOfClasses() {
    check(
        new CrossEntropyLoss(),
        LABELS,
        """
            NllLossBackward0
            2.03524040305
            0.301874448074 0.0150294437848 -0.316903891859 -0.476693688711 0.468119775938 0.00857391277276
            NllLossBackward0
            4.0704808061
            0.603748896149 0.0300588875696 -0.633807783718 -0.953387377422 0.936239551877 0.0171478255455
            NllLossBackward0
            1.00459690234 3.06588390376
            0.603748896149 0.0300588875696 -0.633807783718 -1.90677475484 1.87247910375 0.034295651091
        """);
  }

  @Test
  void crossEntropyWithClassWeights() {
    check(
        new CrossEntropyLoss().weight(CLASSES),
        LABELS,
        """
            NllLossBackward0
            2.37878823662
            0.20124963205 0.0100196291899 -0.211269261239 -0.635591584948 0.624159701251 0.011431883697
            NllLossBackward0
            3.56818235493
            0.301874448074 0.0150294437848 -0.316903891859 -0.953387377422 0.936239551877 0.0171478255455
            NllLossBackward0
            0.502298451171 3.06588390376
            0.301874448074 0.0150294437848 -0.316903891859 -1.90677475484 1.87247910375 0.034295651091
        """);
  }

  @Test
  void crossEntropyWithLabelSmoothing() {
    check(
        new CrossEntropyLoss().labelSmoothing(0.1),
        LABELS,
        """
            AddBackward0
            2.03524040305
            0.285207781408 -0.00163722288188 -0.283570558526 -0.443360355378 0.451453109272 -0.00809275389391
            AddBackward0
            4.0704808061
            0.570415562815 -0.00327444576376 -0.567141117052 -0.886720710755 0.902906218543 -0.0161855077878
            AddBackward0
            1.07126356901 2.99921723709
            0.570415562815 -0.00327444576376 -0.567141117052 -1.77344142151 1.80581243709 -0.0323710155756
        """);
  }

  @Test
  void crossEntropyWithAllOptions() {
    check(
        new CrossEntropyLoss().weight(CLASSES).ignoreIndex(0).labelSmoothing(0.1),
        LABELS,
        """
            AddBackward0
            1.43854315599
            0.617582082302 -0.0992665940878 -0.518315488214 0 0 0
            AddBackward0
            0.719271577994
            0.308791041151 -0.0496332970439 -0.259157744107 0 0 0
            AddBackward0
            0.719271577994 0
            0.308791041151 -0.0496332970439 -0.259157744107 0 0 0
        """);
  }

  @Test
  void crossEntropyWithAnIgnoredClass() {
    check(
        new CrossEntropyLoss().ignoreIndex(2).labelSmoothing(0.3),
        LABELS,
        """
            AddBackward0
            2.86588390376
            0 0 0 -0.753387377422 0.836239551877 -0.0828521744545
            AddBackward0
            2.86588390376
            0 0 0 -0.753387377422 0.836239551877 -0.0828521744545
            AddBackward0
            0 2.86588390376
            0 0 0 -1.50677475484 1.67247910375 -0.165704348909
        """);
  }

  @Test
  void crossEntropyOfProbabilities() {
    check(
        new CrossEntropyLoss(),
        P,
        """
            DivBackward1
            2.36024040305
            0.201874448074 -0.134970556215 -0.0669038918591 -0.276693688711 0.418119775938 -0.141426087227
            NegBackward0
            4.7204808061
            0.403748896149 -0.26994111243 -0.133807783718 -0.553387377422 0.836239551877 -0.282852174454
            NegBackward0
            1.65459690234 3.06588390376
            0.403748896149 -0.26994111243 -0.133807783718 -1.10677475484 1.67247910375 -0.565704348909
        """);
  }

  @Test
  void crossEntropyOfProbabilitiesWithOptions() {
    check(
        new CrossEntropyLoss().weight(CLASSES).labelSmoothing(0.2),
        P,
        """
            DivBackward1
            2.40852267646
            0.210678574266 -0.290535063671 0.0798564894046 -0.250182397453 0.318332310765 -0.0681499133124
            NegBackward0
            4.81704535291
            0.421357148533 -0.581070127342 0.159712978809 -0.500364794906 0.636664621531 -0.136299826625
            NegBackward0
            2.49826734185 2.31877801107
            0.421357148533 -0.581070127342 0.159712978809 -1.00072958981 1.27332924306 -0.27259965325
        """);
  }

  @Test
  void negativeLogLikelihood() {
    check(
        new NLLLoss().weight(CLASSES).ignoreIndex(0),
        LABELS,
        """
            NllLossBackward0
            -0.5
            0 0 -1 0 0 0
            NllLossBackward0
            -0.25
            0 0 -0.5 0 0 0
            NllLossBackward0
            -0.25 0
            0 0 -0.5 0 0 0
        """);
  }

  @Test
  void binaryCrossEntropyOfScores() {
    check(
        new BCEWithLogitsLoss(),
        P,
        """
            BinaryCrossEntropyWithLogitsBackward0
            1.10321048373
            0.088509763105 -0.0301328463296 0.0204098885336 -0.0166666666667 0.142095687804 -0.00517642977167
            BinaryCrossEntropyWithLogitsBackward0
            6.61926290239
            0.53105857863 -0.180797077978 0.122459331202 -0.1 0.852574126822 -0.03105857863
            BinaryCrossEntropyWithLogitsBackward0
            1.11326168752 0.726928011043 0.72407698418 0.69314718056 2.74858735157 0.613261687518
            0.53105857863 -0.361594155956 0.367377993606 -0.4 4.26287063411 -0.18635147178
        """);
  }

  @Test
  void binaryCrossEntropyWithRowWeights() {
    check(
        new BCEWithLogitsLoss().weight(ROWS),
        P,
        """
            BinaryCrossEntropyWithLogitsBackward0
            1.77904318701
            0.088509763105 -0.0301328463296 0.0204098885336 -0.0333333333333 0.284191375607 -0.0103528595433
            BinaryCrossEntropyWithLogitsBackward0
            10.674259122
            0.53105857863 -0.180797077978 0.122459331202 -0.2 1.70514825364 -0.06211715726
            BinaryCrossEntropyWithLogitsBackward0
            1.11326168752 0.726928011043 0.72407698418 1.38629436112 5.49717470315 1.22652337504
            0.53105857863 -0.361594155956 0.367377993606 -0.8 8.52574126822 -0.37270294356
        """);
  }

  @Test
  void binaryCrossEntropyWithPositiveWeights() {
    check(
        new BCEWithLogitsLoss().weight(ROWS).posWeight(POSITIVE),
        P,
        """
            BinaryCrossEntropyWithLogitsBackward0
            2.2157968581
            0.0795450490593 -0.0081129193802 -0.042513556266 -0.133333333333 0.284981806827 -0.156564575269
            BinaryCrossEntropyWithLogitsBackward0
            13.2947811486
            0.477270294356 -0.0486775162812 -0.255081337596 -0.8 1.70989084096 -0.939387451616
            BinaryCrossEntropyWithLogitsBackward0
            1.17591402502 0.407888809387 1.19815396836 2.21807097779 5.49231596799 2.80243740006
            0.477270294356 -0.0973550325624 -0.765244012789 -3.2 8.54945420481 -5.6363247097
        """);
  }

  @Test
  void squaredError() {
    check(
        new MSELoss(),
        P,
        """
            MseLossBackward0
            2.73166666667
            0.266666666667 -0.766666666667 0 -0.2 0.966666666667 -0.433333333333
            MseLossBackward0
            16.39
            1.6 -4.6 0 -1.2 5.8 -2.6
            MseLossBackward0
            0.64 5.29 0 0.36 8.41 1.69
            1.6 -9.2 0 -4.8 29 -15.6
        """);
  }

  @Test
  void absoluteError() {
    check(
        new L1Loss(),
        P,
        """
            MeanBackward0
            1.31666666667
            0.166666666667 -0.166666666667 0 -0.166666666667 0.166666666667 -0.166666666667
            SumBackward0
            7.9
            1 -1 0 -1 1 -1
            AbsBackward0
            0.8 2.3 0 0.6 2.9 1.3
            1 -2 0 -4 5 -6
        """);
  }

  @Test
  void moreDimsThanTwo() {
    Tensor x = Tensor.arange(12).toDouble().sin().reshape(1, 3, 4).requiresGrad_();
    Tensor target = Tensor.of(new long[][] {{0, 2, 1, 1}});
    var loss = new CrossEntropyLoss().weight(CLASSES);
    assertEquals(1.152547693899941, loss.call(x, target).item(), 1e-12);
    assertEquals("NllLoss2DBackward0", loss.call(x, target).gradFn().name());
    loss.reduction(Reduction.NONE);
    assertEquals("ViewBackward0", loss.call(x, target).gradFn().name());
    near(
        "1.4251958174228057 0.5130395423547632 3.2389197665187712 1.1618571901533354",
        loss.call(x, target));
    loss.labelSmoothing(0.1);
    near(
        "1.4829132766233246 0.65853591534352 3.06875110562451 1.1582583070067354",
        loss.call(x, target));
    loss.reduction(Reduction.MEAN);
    assertEquals(1.1579015644723798, loss.call(x, target).item(), 1e-12);
    assertEquals(1.093876503018395, loss.call(x, x.detach().softmax(1)).item(), 1e-12);
  }

  @Test
  void oneSampleWithoutABatch() {
    Tensor x = Tensor.arange(12).toDouble().sin().reshape(3, 4).get(":, 0").copy();
    assertEquals(0.43583757079942387, new CrossEntropyLoss().call(x, Tensor.of(2L)).item(), 1e-12);
  }

  @Test
  void asInTheNotes() {
    Tensor scores = Tensor.of(new double[][] {{-0.1211, 0.1059}});
    Tensor oneHot = Tensor.of(new long[][] {{1, 0}});
    var criterion = new CrossEntropyLoss();
    assertEquals(
        "tensor(0.8131, dtype=torch.float64)",
        criterion.call(scores.toDouble(), oneHot.toDouble()).toString());
    assertEquals("tensor(0.8131)", criterion.call(scores, Tensor.of(new long[] {0})).toString());
    assertEquals("CrossEntropyLoss()", criterion.toString());
    var e = assertThrows(IllegalArgumentException.class, () -> criterion.call(scores, oneHot));
    assertTrue(e.getMessage().contains("class probabilities, so it must be floating"));
  }

  @Test
  void binaryCrossEntropyOfProbabilities() {
    Tensor x = doubles(new double[][] {{1, -2, .5}, {0, 3, -1}}).requiresGrad_();
    Tensor y = new BCELoss().weight(ROWS).call(x.sigmoid(), P);
    assertEquals(1.7790431870075212, y.item(), 1e-12);
    assertEquals("BinaryCrossEntropyBackward0", y.gradFn().name());
    y.backward();
    near(
        "0.0885097631050 -0.0301328463296 0.0204098885336 -0.0333333333333 0.284191375607"
            + " -0.0103528595433",
        x.grad());
    assertEquals(1.1032104837322025, new BCELoss().call(x.sigmoid(), P).item(), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> new BCELoss().call(x, P));
  }

  @Test
  void weightsAreBuffers() {
    var loss = new BCEWithLogitsLoss().weight(ROWS).posWeight(POSITIVE);
    assertEquals("[weight, pos_weight]", loss.stateDict().keySet().toString());
    loss.to(DType.FLOAT32);
    assertEquals(DType.FLOAT32, loss.buffers().get(0).dtype());
    assertEquals("[]", new NLLLoss().weight(null).stateDict().keySet().toString());
  }

  @Test
  void wrongCallsSayWhatWouldWork() {
    Tensor x = Tensor.ones(2, 3);
    var loss = new CrossEntropyLoss();
    assertThrows(IllegalArgumentException.class, () -> loss.call(x, Tensor.of(0L)));
    assertThrows(IndexOutOfBoundsException.class, () -> loss.call(x, Tensor.of(0L, 3L)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new CrossEntropyLoss().labelSmoothing(2).call(x, LABELS));
    assertThrows(
        IllegalArgumentException.class,
        () -> new CrossEntropyLoss().ignoreIndex(1).call(x, Tensor.rand(2, 3)));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new CrossEntropyLoss().weight(Tensor.ones(2)).call(x, LABELS));
    assertEquals(
        "crossEntropy: the weight must have one element for each of the 3 classes, got shape (2,)",
        e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> new BCEWithLogitsLoss().posWeight(Tensor.ones(4)).call(x, x));
    assertThrows(IllegalArgumentException.class, () -> new BCELoss().call(x, Tensor.ones(3)));
    assertThrows(
        IllegalArgumentException.class, () -> loss.call(Tensor.of(1.0).squeeze(), Tensor.of(0L)));
  }

  @Test
  void derivativesOfHigherOrder() {
    Tensor x = doubles(new double[][] {{1, -2, .5}, {0, 3, -1}}).requiresGrad_();
    Tensor y = new CrossEntropyLoss().labelSmoothing(0.1).call(x, LABELS);
    y.backward(null, true, true);
    Tensor slope = x.grad();
    assertTrue(slope.requiresGrad());
    assertFalse(slope.square().sum().item() == 0);
  }
}
