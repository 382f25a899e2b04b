package dev.flambeau.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.cli.prepare.Features;
import dev.flambeau.cli.prepare.Missing;
import dev.flambeau.cli.prepare.Prepared;
import dev.flambeau.cli.table.CsvReader;
import dev.flambeau.cli.table.TableException;
import dev.flambeau.cli.table.TextTable;
import dev.flambeau.cli.training.TableModel;
import dev.flambeau.cli.training.UserError;
import dev.flambeau.io.HostileBytes;
import dev.flambeau.io.HostileFiles;
import dev.flambeau.io.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables and models that nobody should have written. */
class HostileInputTest {
  private static final long[] FAILED_ONCE = {};
  private static final String TABLE =
      "name,weight,\"the colour\",y\r\n"
          + "a,1.5,red,0\r\nb,2,blue,1\r\nc,-3e2,\"red\",0\r\nd,,\"b\"\"l, ue\",1\r\n"
          + "e,5,NA,0\r\nf,0.25,blue,1\r\ng,7,red,1\r\nh,8,blue,0\r\n";

  @TempDir private Path home;
  @TempDir private Path folder;
  private Path table;
  private byte[] model;

  @BeforeEach
  void train() throws IOException {
    table = Cli.file(home, "table.csv", TABLE);
    Path out = home.resolve("run");
    Cli.run("train", table, "--target", "y", "--hidden", 3, "--epochs", 1, "--out", out).ok();
    model = Files.readAllBytes(out.resolve(TableModel.FILE));
  }

  @Test
  void tables() throws IOException {
    byte[] good = TABLE.getBytes(StandardCharsets.UTF_8);
    attackTables(1_200, 200, r -> r.spoilt(good));
    attackTables(600, 100, r -> r.spoilt(TABLE).getBytes(StandardCharsets.UTF_8));
    attackTables(900, 200, HostileInputTest::madeUp);
  }

  /** What is read can be prepared for training, and shown to a model, or is refused there. */
  private void attackTables(int count, int least, Function<HostileBytes, byte[]> make)
      throws IOException {
    Features features = TableModel.load(home.resolve("run")).features();
    CsvReader reader = new CsvReader(null, null);
    new HostileFiles(folder.resolve("t.csv"), TableException.class)
        .attack(
            count,
            least,
            FAILED_ONCE,
            make,
            file -> {
              TextTable t = reader.read(file);
              String last = t.names().get(t.names().size() - 1);
              Missing missing = Missing.values()[t.rows().size() % Missing.values().length];
              try {
                Prepared.of(t, new Prepared.Options(last, null, missing, List.of(), 20, 0.25));
              } catch (TableException e) { // which may be about a column alone
                assertTrue(e.getMessage().length() > 10, e::getMessage);
              }
              try {
                features.encode(t, IntStream.range(0, t.rows().size()).toArray());
              } catch (TableException e) {
                assertTrue(e.getMessage().contains(file.toString()), e::getMessage);
              }
            });
  }

  private static byte[] madeUp(HostileBytes r) {
    String separator = r.of(",", ";", "\t", "|", " ");
    String line = r.of("\n", "\r\n", "\r");
    StringBuilder text = new StringBuilder(r.of("", "", "", "\uFEFF", " ", "\n"));
    int columns = 1 + r.below(6);
    boolean named = !r.oneIn(10);
    for (int row = 0, rows = r.below(20); row <= rows; row++) {
      for (int c = r.oneIn(30) ? r.below(40) : columns; c > 0; c--) {
        text.append(named && row == 0 ? "h" + c : cell(r, separator, line));
        text.append(c > 1 ? separator : line);
      }
    }
    byte[] bytes =
        text.toString()
            .getBytes(
                r.of(
                    StandardCharsets.UTF_8,
                    StandardCharsets.UTF_8,
                    StandardCharsets.UTF_16,
                    StandardCharsets.ISO_8859_1));
    return r.oneIn(6) ? r.spoilt(bytes) : bytes;
  }

  private static String cell(HostileBytes r, String separator, String line) {
    return switch (r.below(20)) {
      case 0 -> "\"" + "x".repeat(r.below(4)) + r.of("\"\"", separator, line) + "\"";
      case 1 -> r.of("\"", "\\", "\u0000", "\u2028", "\uFFFF", "\uD83D\uDE00", "'", "=1");
      case 2, 3 -> r.of("NA", "null", "?", "", "  ", "nan", "1,5", "1.000,5", "0x1F", "1d");
      case 4 -> r.number();
      case 5 -> "x".repeat(r.below(r.oneIn(20) ? 4000 : 20));
      case 6, 7 -> r.of("red", "blue");
      default -> Integer.toString(r.below(100));
    };
  }

  @Test
  void models() throws IOException {
    attackModels(700, 20, r -> r.spoilt(model));
    SafeTensors good = SafeTensors.fromBytes(model);
    String key = good.metadata().keySet().iterator().next();
    String description = good.metadata().get(key);
    attackModels(
        500,
        20,
        r ->
            SafeTensors.toBytes(
                good.tensors(), Map.of(r.oneIn(50) ? "x" : key, r.spoilt(description))));
    attackModels(300, 5, r -> SafeTensors.toBytes(others(r, good), good.metadata()));
  }

  private void attackModels(int count, int least, Function<HostileBytes, byte[]> make)
      throws IOException {
    new HostileFiles(folder.resolve("x.safetensors"), UserError.class)
        .attack(
            count,
            least,
            FAILED_ONCE,
            make,
            file -> {
              try (var scope = Scope.open()) {
                TableModel.load(file);
              }
              Cli predict = Cli.run("predict", file, table);
              assertTrue(predict.code() <= 1, predict::toString);
              if (predict.code() == 1) { // it asks the table for what that lacks
                assertTrue(predict.err().size() >= 1, predict::toString);
                String said = predict.err().get(predict.err().size() - 1);
                assertTrue(said.startsWith("flambeau: " + table), said);
              } else {
                assertEquals(9, predict.out().size(), predict::toString);
              }
            });
  }

  /** The same names with tensors of other shapes and dtypes, or one more or less of them. */
  private static Map<String, Tensor> others(HostileBytes r, SafeTensors good) {
    Map<String, Tensor> tensors = new HashMap<>(good.tensors());
    List<String> names = List.copyOf(good.tensors().keySet());
    for (int n = r.of(1, 1, 2); n > 0; n--) {
      String name = names.get(r.below(names.size()));
      Tensor t = good.tensors().get(name);
      switch (r.below(7)) {
        case 0 -> tensors.remove(name);
        case 1 -> tensors.put("x" + name, t);
        case 2 -> tensors.put(name, t.toDouble());
        case 3 -> tensors.put(name, t.toInt());
        case 4 -> tensors.put(name, t.unsqueeze(0));
        case 5 -> tensors.put(name, Tensor.zeros(r.below(4), r.below(4)));
        default -> tensors.put(name, t.mul(r.of(Double.NaN, Double.POSITIVE_INFINITY, 1e30)));
      }
    }
    return tensors;
  }
}
