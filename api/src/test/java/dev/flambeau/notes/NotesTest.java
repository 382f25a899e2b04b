package dev.flambeau.notes;

import org.junit.jupiter.api.Test;

/** Every snippet of the course notes prints in Java what it prints in PyTorch. */
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
  void relu() {
    Golden.of("13-relu").check(ActivationsNotes::relu);
  }

  @Test
  void search() {
    // These draws are Java's: NumPy's generator is none of ours.
    Golden.of("23-search").formOfLines(5, 6).check(EvaluationNotes::search);
  }
}
