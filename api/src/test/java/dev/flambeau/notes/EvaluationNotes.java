package dev.flambeau.notes;

import dev.flambeau.PyFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Chapter 4: accuracy, overfitting on purpose and against, search for hyperparameters. */
final class EvaluationNotes {
  private EvaluationNotes() {}

  static void search() {
    for (int factor = 2; factor < 6; ++factor) {
      double lr = Math.pow(10, -factor);
      System.out.println(PyFormat.repr(lr));
    }
    Random random = new Random(0);
    double lr = Math.pow(10, -random.nextDouble(2, 6));
    System.out.println(PyFormat.repr(lr));
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < 10; ++i) {
      lr = Math.pow(10, -random.nextDouble(2, 4));
      double momentum = random.nextDouble(0.85, 0.99);
      values.add(Py.tuple(lr, momentum));
    }
    System.out.println(Py.repr(values.subList(0, 3)));
  }
}
