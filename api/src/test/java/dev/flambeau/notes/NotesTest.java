package dev.flambeau.notes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every snippet of the course notes prints in Java what it prints in PyTorch. */
@Tag("kernels")
class NotesTest {
  @Test
  void tensors() {
    Golden.of("01-tensors").check(TensorsNotes::tensors);
  }

  @Test
  void linearLayer() {
    Golden.of("02-linear-layer").exactLines(1, 6).check(TensorsNotes::linearLayer);
  }

  @Test
  void sequential() {
    Golden.of("03-sequential").check(TensorsNotes::sequential);
  }

  @Test
  void sigmoid() {
    Golden.of("04-sigmoid").check(ActivationsNotes::sigmoid);
  }

  @Test
  void softmax() {
    Golden.of("05-softmax").check(ActivationsNotes::softmax);
  }

  @Test
  void binaryForward() {
    Golden.of("06-binary-forward").check(ActivationsNotes::binaryForward);
  }

  @Test
  void multiclassForward() {
    Golden.of("07-multiclass-forward").check(ActivationsNotes::multiclassForward);
  }

  @Test
  void regressionForward() {
    Golden.of("08-regression-forward").check(ActivationsNotes::regressionForward);
  }

  @Test
  void oneHot() {
    Golden.of("09-one-hot").check(ActivationsNotes::oneHot);
  }

  @Test
  void crossEntropy() {
    Golden.of("10-cross-entropy").check(ActivationsNotes::crossEntropy);
  }

  @Test
  void backpropagation() {
    Golden.of("11-backpropagation").check(TrainingNotes::backpropagation);
  }

  @Test
  void trainingLoop() {
    Golden.of("12-training-loop").exactLines(1, 2).check(TrainingNotes::trainingLoop);
  }

  @Test
  void relu() {
    Golden.of("13-relu").check(ActivationsNotes::relu);
  }

  @Test
  void countingParameters() {
    Golden.of("14-counting-parameters").check(TrainingNotes::countingParameters);
  }

  @Test
  void momentum() {
    Golden.of("15-momentum").check(TrainingNotes::momentum);
  }

  @Test
  void fineTuning() {
    Golden.of("16-fine-tuning").exactLines(1, 5).check(TrainingNotes::fineTuning);
  }

  @Test
  void dataLoader() {
    Golden.of("17-data-loader").check(DataNotes::dataLoader);
  }

  @Test
  void waterPotability() {
    Path csv = shared().resolve("data/water_potability.csv");
    assumeTrue(
        Files.exists(csv), "skipped: no " + csv + "; -Dflambeau.shared=DIR says where it is");
    Golden.of("18-water-potability").exactLines(1, 3).check(() -> DataNotes.waterPotability(csv));
  }

  /** The folder of data that is not ours to distribute: beside the repository's root. */
  private static Path shared() {
    String given = System.getProperty("flambeau.shared");
    if (given != null) {
      return Path.of(given);
    }
    Path root = Path.of("").toAbsolutePath();
    while (root.getParent() != null && !Files.exists(root.resolve("native-src"))) {
      root = root.getParent();
    }
    return root.resolveSibling("shared");
  }

  @Test
  void validation() {
    Golden.of("19-validation").check(DataNotes::validation);
  }

  @Test
  void accuracy() {
    Golden.of("20-accuracy").check(EvaluationNotes::accuracy);
  }

  @Test
  void dropout() {
    Golden.of("21-dropout").check(EvaluationNotes::dropout);
  }

  @Test
  void overfitOneBatch() {
    Golden.of("22-overfit-one-batch").check(EvaluationNotes::overfitOneBatch);
  }

  @Test
  void search() {
    // These draws are Java's: NumPy's generator is none of ours.
    Golden.of("23-search").formOfLines(5, 6).check(EvaluationNotes::search);
  }
}
