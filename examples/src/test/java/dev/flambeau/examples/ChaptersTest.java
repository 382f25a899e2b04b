package dev.flambeau.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.examples.notes.Chapter1Tensors;
import dev.flambeau.examples.notes.Chapter2Training;
import dev.flambeau.examples.notes.Chapter3Architecture;
import dev.flambeau.examples.notes.Chapter4Evaluation;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The programs of the notes run, and print what PyTorch prints where they compute the same. */
class ChaptersTest {
  private static void prints(Executable program, String... texts) throws Throwable {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      program.execute();
    } finally {
      System.setOut(before);
    }
    String printed = bytes.toString(StandardCharsets.UTF_8);
    for (String text : texts) {
      assertTrue(printed.contains(text), () -> "lacks\n" + text + "\nin\n" + printed);
    }
  }

  @Test
  void tensors() throws Throwable {
    prints(
        () -> assertEquals(0, new Chapter1Tensors().execute()),
        "tensor(32)",
        "tensor([99,  5,  6])",
        "tensor([0.0066, 0.2691], grad_fn=<AddBackward0>)",
        "(2): Linear(in_features=20, out_features=5, bias=True)",
        "[ 0.2729, -0.1613,  0.2111, -0.3384, -0.0586]");
  }

  @Test
  void training() throws Throwable {
    prints(
        () -> assertEquals(0, new Chapter2Training().execute()),
        "tensor([[0.1392, 0.8420, 0.0188]])",
        "[0.2791]], grad_fn=<SigmoidBackward0>)",
        "tensor(0.8131, dtype=torch.float64)",
        "0.bias tensor([ 0.0963, -0.0768])",
        "1.bias tensor([0.2486])");
  }

  @Test
  void architecture() throws Throwable {
    prints(
        () -> assertEquals(0, new Chapter3Architecture().execute()),
        "tensor(-0.1000)",
        "\n46\n",
        "weight_decay: 0.0001",
        "0.weight is frozen",
        "2.bias has a gradient");
  }

  @Test
  void evaluation() throws Throwable {
    prints(
        () -> assertEquals(0, new Chapter4Evaluation().execute()),
        "tensor([[0., 1.],\n        [8., 9.]])",
        "compute() tensor(0.6667)",
        "zeros in training   105",
        "zeros in evaluation 85",
        "one batch is learnt by heart");
  }

  @Test
  void everyProgramTakesADevice() throws Throwable {
    prints(
        () -> assertEquals(0, new Chapter1Tensors().execute("--device", "cpu")),
        "torch.int64, on cpu");
    List<Function<String[], Integer>> programs =
        List.of(
            args -> new Chapter1Tensors().execute(args),
            args -> new Chapter2Training().execute(args),
            args -> new Chapter3Architecture().execute(args),
            args -> new Chapter4Evaluation().execute(args),
            args -> new FashionMnist().execute(args));
    for (Function<String[], Integer> program : programs) {
      prints(() -> program.apply(new String[] {"--help"}), "--device=NAME", "cuda:1");
      assertEquals(2, quietly(() -> program.apply(new String[] {"--device", "tpu"})));
    }
  }

  /** Without the usage that a wrong command line brings up. */
  private static int quietly(Supplier<Integer> program) {
    PrintStream before = System.err;
    try {
      System.setErr(new PrintStream(OutputStream.nullOutputStream()));
      return program.get();
    } finally {
      System.setErr(before);
    }
  }
}
