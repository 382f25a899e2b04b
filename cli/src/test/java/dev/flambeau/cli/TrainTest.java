package dev.flambeau.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a table to a model, and from the model to predictions, through the command line. */
class TrainTest {
  @TempDir private Path folder;

  /** Area, city and price; the price depends on both. */
  private Path houses() {
    String rows =
        IntStream.range(0, 240)
            .mapToObj(
                i -> {
                  double area = 20 + i * 37 % 181;
                  int city = i % 3;
                  return String.format(
                      Locale.ROOT,
                      "%.1f;%s;%.2f",
                      area,
                      List.of("Paris", "Lyon", "Nîmes").get(city),
                      area * (3 - city) * 1000 + i * 53 % 17);
                })
            .collect(Collectors.joining("\n"));
    return Cli.file(folder, "houses.csv", "area;city;price\n" + rows + "\n");
  }

  @Test
  void shippedData() throws IOException {
    Path out = folder.resolve("run");
    Cli train = Cli.run("train", "--seed", 4, "--out", out).ok();
    assertTrue(train.last().matches("validation accuracy \\d\\.\\d{4}"), train.last());
    assertTrue(train.figure() > 0.95, train.last());
    String text = String.join("\n", train.out());
    assertTrue(text.contains("569 rows"), text);
    assertTrue(text.contains("455 for training, 114 for validation"), text);
    assertTrue(text.contains("confusion matrix"), text);

    List<String> metrics = Files.readAllLines(out.resolve("metrics.csv"));
    assertEquals("epoch,train_loss,train_accuracy,val_loss,val_accuracy", metrics.get(0));
    assertTrue(metrics.size() > 10, metrics::toString);
    double[] lastRow =
        Arrays.stream(metrics.get(metrics.size() - 1).split(","))
            .mapToDouble(Double::parseDouble)
            .toArray();
    assertEquals(metrics.size() - 1, lastRow[0]);
    assertTrue(lastRow[1] < 0.2 && lastRow[2] > 0.95, metrics.get(metrics.size() - 1));

    var picture = ImageIO.read(out.resolve("curves.png").toFile());
    assertNotNull(picture);
    assertTrue(picture.getWidth() > 1000 && picture.getHeight() > 500);
    assertTrue(SafeTensors.load(out.resolve("model.safetensors")).containsKey("0.weight"));
  }

  @Test
  void theSameSeedGivesTheSameModel() {
    String[] last = new String[2];
    for (int i = 0; i < 2; i++) {
      Cli c = Cli.run("train", "--epochs", 5, "--dropout", 0.2, "--out", folder.resolve("m" + i));
      last[i] = c.ok().last();
    }
    assertEquals(last[0], last[1]);
    assertEquals(
        bytes(folder.resolve("m0/model.safetensors")),
        bytes(folder.resolve("m1/model.safetensors")));
  }

  private static String bytes(Path file) {
    try {
      return Arrays.toString(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void regressionAndPredictions() {
    Path csv = houses();
    Path out = folder.resolve("run");
    Cli train =
        Cli.run("train", csv, "--target", "price", "--lr", 0.01, "--out", out, "--epochs", 80).ok();
    assertTrue(train.last().matches("validation rmse [0-9.]+"), train.last());
    assertTrue(train.figure() < 40_000, train.last());
    assertTrue(String.join("\n", train.out()).contains("mean absolute error"));

    Cli first = Cli.run("predict", out, csv).ok();
    assertEquals(241, first.out().size());
    assertEquals("prediction", first.out().get(0));
    // Other order of columns, another separator, no target: the same predictions.
    String other =
        readLines(csv).stream()
            .map(l -> l.split(";"))
            .map(c -> c[1] + "," + c[0])
            .collect(Collectors.joining("\n"));
    Path reordered = Cli.file(folder, "other.csv", other);
    Path written = folder.resolve("predictions.csv");
    Cli.run("predict", out.resolve("model.safetensors"), reordered, "--out", written).ok();
    assertEquals(first.out(), readLines(written));
    double truth = Double.parseDouble(readLines(csv).get(1).split(";")[2]);
    assertEquals(truth, Double.parseDouble(first.out().get(1)), 60_000);
  }

  private static List<String> readLines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void classesAndProbabilities() {
    String rows =
        IntStream.range(0, 150)
            .mapToObj(i -> (i % 3 + i * 7 % 10 * 0.05) + "," + "red green blue".split(" ")[i % 3])
            .collect(Collectors.joining("\n"));
    Path csv = Cli.file(folder, "colours.csv", "x,colour\n" + rows + "\nNA,red\n");
    Path out = folder.resolve("run");
    Cli train =
        Cli.run("train", csv, "--target", "colour", "--lr", 0.02, "--epochs", 60, "--out", out);
    assertTrue(train.ok().figure() > 0.95, train.last());

    Path asked = Cli.file(folder, "asked.csv", "x\n0.1\n1.2\n2.1\nNA\n");
    Cli predict = Cli.run("predict", out, asked).ok();
    assertEquals(
        "prediction,probability_blue,probability_green,probability_red", predict.out().get(0));
    assertTrue(predict.out().get(1).startsWith("red,"), predict.out().get(1));
    assertTrue(predict.out().get(2).startsWith("green,"), predict.out().get(2));
    assertTrue(predict.out().get(3).startsWith("blue,"), predict.out().get(3));
    assertEquals(
        1,
        Arrays.stream(predict.out().get(4).split(","))
            .skip(1)
            .mapToDouble(Double::parseDouble)
            .sum(),
        1e-5);
    assertEquals(List.of("note: 1 missing values filled in"), predict.err());
  }

  @Test
  void search() {
    Path out = folder.resolve("run");
    Cli grid =
        Cli.run(
            "search",
            "--lr",
            "0.01,0.00001",
            "--hidden",
            "16/none",
            "--dropout",
            "0",
            "--weight-decay",
            "0",
            "--epochs",
            10,
            "--out",
            out);
    assertTrue(grid.ok().figure() > 0.9, grid.last());
    List<String> trials = readLines(out.resolve("search.csv"));
    assertEquals(5, trials.size());
    assertEquals("lr,hidden,dropout,weight_decay,val_loss,val_accuracy", trials.get(0));
    assertTrue(trials.get(1).startsWith("0.01,"), trials.get(1));
    Cli.run("predict", out, shippedCsv()).ok();

    Cli random = Cli.run("search", "--trials", 3, "--lr", "1e-4..1e-1", "--epochs", 5);
    assertEquals(3, random.ok().err().size());
  }

  private Path shippedCsv() {
    Path csv = folder.resolve("shipped.csv");
    try (var in = ShippedData.class.getResourceAsStream("breast_cancer.csv")) {
      Files.copy(in, csv);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return csv;
  }

  @Test
  void info() {
    String text = String.join("\n", Cli.run("info").ok().out());
    assertTrue(text.contains("flambeau ") && text.contains("cpu: 1 device"), text);
  }
}
