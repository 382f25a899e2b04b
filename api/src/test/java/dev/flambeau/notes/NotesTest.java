package dev.flambeau.notes;

import org.junit.jupiter.api.Test;

/** Every snippet of the course notes prints in Java what it prints in PyTorch. */
class NotesTest {

  @Test
  void tensors() {
    Golden.of("01-tensors").check(TensorsNotes::tensors);
  }

  @Test
  void oneHot() {
    Golden.of("09-one-hot").check(ActivationsNotes::oneHot);
  }

  @Test
  void search() {
    // These draws are Java's: NumPy's generator is none of ours.
    Golden.of("23-search").formOfLines(5, 6).check(EvaluationNotes::search);
  }
}
