package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.Sample;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.io.SafeTensors;
import dev.flambeau.metrics.Accuracy;
import dev.flambeau.metrics.ConfusionMatrix;
import dev.flambeau.metrics.MeanMetric;
import dev.flambeau.metrics.MeanSquaredError;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Init;
import dev.flambeau.nn.LayerNorm;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.Adam;
import dev.flambeau.optim.AdamW;
import dev.flambeau.optim.GradClip;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.optim.SGD;
import dev.flambeau.optim.lr.StepLR;
import dev.flambeau.train.EarlyStopping;
import dev.flambeau.train.Summary;
import dev.flambeau.vision.Compose;
import dev.flambeau.vision.Normalize;
import dev.flambeau.vision.Pad;
import dev.flambeau.vision.RandomRotation;
import dev.flambeau.vision.Resize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole programs come to the same on a device whose memory the host cannot read. */
@Tag("kernels")
class DeviceProgramTest {
  private static final Device DEVICE = OpForwardTest.ORACLE;

  private static TensorDataset data() {
    try (var r = Rng.use(new Rng(7))) {
      Tensor x = Tensor.randn(90, 6);
      return new TensorDataset(x, x.narrow(1, 0, 3).argmax(1));
    }
  }

  private static Sequential model() {
    Flambeau.manualSeed(0);
    return new Sequential(new Linear(6, 16), new LayerNorm(16), new ReLU(), new Linear(16, 3));
  }

  /** What a program would print, and the weights that it ends with. */
  private record Outcome(List<Double> figures, Map<String, Tensor> weights) {}

  private static Outcome train(
      Device device, Function<List<Tensor>, Optimizer> optimizer, int workers) {
    Sequential model = model();
    model.to(device);
    Optimizer steps = optimizer.apply(model.parameters());
    var schedule = new StepLR(steps, 2, 0.5);
    var criterion = new CrossEntropyLoss();
    var loader = new DataLoader(data(), 32).shuffle(true).device(device).workers(workers);
    var accuracy = Accuracy.multiclass(3);
    var confusion = ConfusionMatrix.multiclass(3);
    var mean = new MeanMetric();
    var errors = new MeanSquaredError();
    var best = EarlyStopping.onLoss(3);
    List<Double> figures = new ArrayList<>();
    for (int epoch = 0; epoch < 3; epoch++) {
      for (Batch b : loader) {
        assertEquals(device, b.input().device());
        try (var scope = Scope.open()) {
          steps.zeroGrad();
          Tensor y = model.call(b.input());
          Tensor loss = criterion.call(y, b.target());
          loss.backward();
          figures.add(GradClip.norm_(model.parameters(), 0.5).item());
          steps.step();
          accuracy.update(y, b.target());
          confusion.update(y, b.target());
          mean.update(loss);
          errors.update(y.softmax(1), b.target().oneHot(3));
          figures.add(loss.item());
        }
      }
      schedule.step();
      best.update(figures.get(figures.size() - 1), model);
    }
    best.restore(model);
    figures.add(accuracy.compute().item());
    figures.add(confusion.compute().get(1, 1).item());
    figures.add(mean.compute().item());
    figures.add(errors.compute().item());
    assertEquals(device, model.parameters().get(0).device());
    return new Outcome(figures, model.stateDict());
  }

  @Test
  void trainingIsAsOnTheCpu() {
    List<Function<List<Tensor>, Optimizer>> optimizers =
        List.of(
            p -> new SGD(p, 0.1).momentum(0.9).nesterov(true).weightDecay(1e-3),
            p -> new Adam(p, 0.01).amsgrad(true),
            p -> new AdamW(p, 0.01));
    for (var optimizer : optimizers) {
      for (int workers = 0; workers < 3; workers += 2) {
        Outcome here = train(Device.cpu(), optimizer, workers);
        Outcome there = train(DEVICE, optimizer, workers);
        assertEquals(here.figures.size(), there.figures.size());
        for (int i = 0; i < here.figures.size(); i++) {
          double expected = here.figures.get(i);
          assertEquals(expected, there.figures.get(i), 1e-4 * Math.abs(expected), "figure " + i);
        }
        here.weights.forEach(
            (name, w) ->
                assertTrue(w.allclose(there.weights.get(name).to(Device.cpu()), 1e-3, 1e-4), name));
      }
    }
  }

  @Test
  void statesGoFromDeviceToDevice(@TempDir Path folder) throws IOException {
    Sequential there = model();
    there.to(DEVICE);
    Optimizer steps = new Adam(there.parameters(), 0.01);
    there.call(Tensor.ones(4, 6).to(DEVICE)).square().sum().backward();
    steps.step();
    SafeTensors.save(folder.resolve("m.safetensors"), there.stateDict());
    Map<String, Tensor> saved = SafeTensors.load(folder.resolve("m.safetensors"));
    assertEquals(Device.cpu(), saved.get("0.weight").device());

    Sequential here = model();
    here.loadStateDict(there.stateDict());
    assertTrue(here.parameters().get(0).equal(there.parameters().get(0).to(Device.cpu())));
    Optimizer stepsHere = new Adam(here.parameters(), 0.01);
    stepsHere.loadStateDict(steps.stateDict());
    here.call(Tensor.ones(4, 6)).square().sum().backward();
    stepsHere.step();

    Sequential again = model();
    again.to(DEVICE);
    again.loadStateDict(saved);
    Optimizer stepsAgain = new Adam(again.parameters(), 0.01);
    stepsAgain.loadStateDict(stepsHere.stateDict());
    assertEquals(DEVICE, again.parameters().get(0).device());
    again.call(Tensor.ones(4, 6).to(DEVICE)).square().sum().backward();
    stepsAgain.step(); // the state came to the parameters' device

    again.to(Device.cpu());
    assertEquals(Device.cpu(), again.parameters().get(0).grad().device());
    stepsAgain.step(); // and follows them
    assertEquals(Device.cpu(), stepsAgain.stateDict().get("state.0.exp_avg").device());
  }

  @Test
  void helpersFollowTheModel() {
    Sequential model = model();
    model.to(DEVICE);
    assertTrue(Summary.of(model, 4, 6).toString().contains("Linear"));
    Init.xavierUniform_(model.parameters().get(0));
    Init.zeros_(model.parameters().get(1));
    assertEquals(0, model.parameters().get(1).detach().abs().sum().item());
    var dropout = new Sequential(new Linear(6, 40), new Dropout(0.5));
    dropout.to(DEVICE);
    Tensor x = Tensor.ones(10, 6).to(DEVICE);
    assertFalse(dropout.call(x).equal(dropout.call(x)));
    dropout.eval();
    assertTrue(dropout.call(x).equal(dropout.call(x)));
  }

  @Test
  void imagesAreChangedWhereTheyAre() {
    var change =
        new Compose(
            new Resize(9),
            new Pad(2),
            new RandomRotation(30),
            new Normalize(new double[] {0.5, 0.4, 0.3}, new double[] {0.2, 0.2, 0.2}));
    Tensor image = Tensor.rand(3, 12, 14);
    Flambeau.manualSeed(5);
    Tensor here = change.apply(image);
    Flambeau.manualSeed(5);
    Tensor there = change.apply(image.to(DEVICE));
    assertEquals(DEVICE, there.device());
    assertTrue(here.allclose(there.to(Device.cpu()), 1e-5, 1e-6));
  }

  // ---- batches on their way

  @Test
  void batchesComeInOrderAndOneAhead() {
    List<Integer> fetched = new ArrayList<>();
    var loader =
        new DataLoader(
                new TensorDataset(Tensor.arange(10)),
                3,
                (List<Sample> samples) -> {
                  fetched.add(samples.size());
                  return Batch.stack(samples);
                })
            .device(DEVICE);
    List<Tensor> kept = new ArrayList<>();
    var pass = loader.iterator();
    int batches = 0;
    while (pass.hasNext()) {
      try (var scope = Scope.open()) {
        Tensor x = pass.next().input();
        batches++;
        assertEquals(Math.min(batches + 1, 4), fetched.size());
        assertEquals(3 * batches - 3, x.get(0).itemLong());
        kept.add(x);
      }
    }
    assertEquals(4, batches);
    kept.forEach(x -> assertTrue(x.isReleased(), "the reader's scope freed it"));
    assertThrows(java.util.NoSuchElementException.class, pass::next);
  }

  @Test
  void anErrorWhilePrefetchingIsThrownAtItsBatch() {
    var loader =
        new DataLoader(
                new TensorDataset(Tensor.arange(4)),
                1,
                (List<Sample> samples) -> {
                  if (samples.get(0).input().itemLong() == 1) {
                    throw new IllegalStateException("no sample 1");
                  }
                  return Batch.stack(samples);
                })
            .device(DEVICE);
    var pass = loader.iterator();
    assertEquals(0, pass.next().input().item());
    var e = assertThrows(IllegalStateException.class, pass::next);
    assertEquals("no sample 1", e.getMessage());
    assertEquals(2, pass.next().input().item());
    pass.close();
    assertFalse(pass.hasNext());
  }

  @Test
  void transfersKeepWhatIsThere() {
    Tensor there = Tensor.ones(2).to(DEVICE);
    Tensor here = Tensor.of(1.0, 2.0);
    Transfer t;
    try (var scope = Scope.open()) {
      t = Transfer.start(DEVICE, List.of(there, here));
      here.fill_(0);
    }
    List<Tensor> moved = t.finish();
    assertTrue(moved.get(0).isSameStorage(there));
    assertEquals(3, moved.get(1).sum().item());
  }
}
