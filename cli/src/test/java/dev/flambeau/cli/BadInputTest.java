package dev.flambeau.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import dev.flambeau.cli.training.TableModel;
import dev.flambeau.cli.training.UserError;
import dev.flambeau.io.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users get wrong costs them one line of error, and the program an exit code. */
class BadInputTest {
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;
  private static final String FOUR_ROWS = "a,b,y\n1,2,0\n2,1,1\n3,5,0\n4,4,1\n5,3,0\n";

  @TempDir private Path folder;

  private Path csv(String text) {
    return Cli.file(folder, "t.csv", text);
  }

  @Test
  void files() throws IOException {
    Cli.run("train", folder.resolve("none.csv"), "--target", "y").fails(FAILED, "no such file");
    Cli.run("train", folder, "--target", "y").fails(FAILED, "is a folder");
    Cli.run("train", csv(""), "--target", "y").fails(FAILED, "is empty");
    Cli.run("train", csv("a,y\n"), "--target", "y").fails(FAILED, "no rows");
    Cli.run("train", csv("a,y\n1,2\n3\n"), "--target", "y").fails(FAILED, "line 3", "1 value");
    Path latin = folder.resolve("latin.csv");
    Files.write(latin, "a,y\ncafé,1\n".getBytes(StandardCharsets.ISO_8859_1));
    Cli.run("train", latin, "--target", "y")
        .fails(FAILED, "line 2", "for example --encoding windows-1252");
  }

  @Test
  void targets() {
    Path csv = csv(FOUR_ROWS.replace(",y", ",price"));
    Cli.run("train", csv, "--target", "prize").fails(FAILED, "did you mean \"price\"?");
    Cli.run("train", csv).fails(FAILED, "--target COLUMN: a, b, price");
    Cli.run("train", csv("a,y\n1,x\n2,x\n3,x\n4,x\n"), "--target", "y")
        .fails(FAILED, "the target y is x in every row");
    Cli.run("train", csv(FOUR_ROWS), "--target", "a", "--task", "binary")
        .fails(FAILED, "5 different values", "--task binary needs two, use --task multiclass");
    Cli.run("train", csv(FOUR_ROWS), "--target", "y", "--leave-out", "c")
        .fails(FAILED, "no column");
  }

  @Test
  void lossThatIsNoNumber() {
    Cli.run("train", "--lr", "1e30", "--optimizer", "sgd")
        .fails(FAILED, "the loss became", "in epoch 1", "--lr than 1e+30");
    Cli search =
        Cli.run(
            "search",
            "--lr",
            "1e30",
            "--dropout",
            "0",
            "--hidden",
            "8",
            "--weight-decay",
            "0",
            "--optimizer",
            "sgd");
    assertEquals(FAILED, search.code());
    assertTrue(search.err().get(1).contains("no trial succeeded"), search.err()::toString);
  }

  @Test
  void options() {
    Cli.run("train", "--bogus").fails(WRONG_USAGE, "--bogus");
    Cli.run("train", "--lr", "fast").fails(WRONG_USAGE, "--lr");
    Cli.run("train", "--lr", "-1").fails(WRONG_USAGE, "--lr is greater than 0");
    Cli.run("train", "--epochs", "0").fails(WRONG_USAGE, "--epochs is at least 1");
    Cli.run("train", "--val", "1.5").fails(WRONG_USAGE, "--val");
    Cli.run("train", "--dropout", "1").fails(WRONG_USAGE, "--dropout");
    Cli.run("train", "--hidden", "64,x").fails(WRONG_USAGE, "64,x");
    Cli.run("train", "--task", "guess").fails(WRONG_USAGE, "--task");
    Cli.run("train", "--encoding", "klingon").fails(WRONG_USAGE, "klingon");
    Cli.run("train", "--separator", "ab").fails(WRONG_USAGE, "--separator");
    Cli.run("search", "--lr", "1e-4..1e-1").fails(WRONG_USAGE, "--trials");
    Cli.run("search", "--hidden", "a/b").fails(WRONG_USAGE, "a");
    Cli.run("predict").fails(WRONG_USAGE, "MODEL");
    Cli.run("fly").fails(WRONG_USAGE, "fly");
  }

  @Test
  void aRemarkNamesItsOption() {
    Path csv = csv("c,x,y\na,1,0\nb,2,1\nc,4,0\na,3,1\nb,5,0\nc,9,1\n");
    Cli train = Cli.run("train", csv, "--target", "y", "--max-categories", 2, "--epochs", 1).ok();
    String left = "column c is left out: it is text with 3 different values";
    assertTrue(
        train.out().contains("note    " + left + ", more than --max-categories 2"),
        train::toString);
  }

  @Test
  void devices() {
    Path none = folder.resolve("none");
    for (Object[] command : new Object[][] {{"train"}, {"search"}, {"predict", none, none}}) {
      Object[] line = Arrays.copyOf(command, command.length + 2);
      line[command.length] = "--device";
      for (String device : new String[] {"tpu", "cuda:99", "cpu:1", "cuda:x"}) {
        line[command.length + 1] = device;
        Cli.run(line).fails(WRONG_USAGE, "--device", device.replaceAll(":99", ""));
      }
    }
    Cli.run("train", "--epochs", 1, "--device", "cpu").ok();
    Cli.run("info", "--device", "cpu").fails(WRONG_USAGE, "--device");
  }

  @Test
  void outputs() {
    Cli.run("train", "--out", csv("x")).fails(FAILED, "cannot write", "it is a file");
    Path out = folder.resolve("run");
    Cli.run("train", "--epochs", 1, "--out", out).ok();
    Path asked = Cli.file(folder, "asked.csv", "a\n1\n");
    Cli.run("predict", out, asked).fails(FAILED, "lacks the columns mean_radius", "20 more");
  }

  @Test
  void models() throws IOException {
    Path csv = csv(FOUR_ROWS);
    Cli.run("predict", folder.resolve("none"), csv).fails(FAILED, "no such model");
    Cli.run("predict", csv, csv).fails(FAILED, "is no model");

    Path plain = folder.resolve("plain.safetensors");
    SafeTensors.save(plain, Map.of("x", Tensor.ones(2)));
    Cli.run("predict", plain, csv).fails(FAILED, "not saved by flambeau train");

    Path out = folder.resolve("run");
    Cli.run("train", csv, "--target", "y", "--epochs", 1, "--out", out).ok();
    byte[] good = Files.readAllBytes(out.resolve("model.safetensors"));
    Path bad = folder.resolve("bad.safetensors");
    for (int n : new int[] {0, 7, 8, 100, good.length - 1}) {
      Files.write(bad, Arrays.copyOf(good, n));
      Cli.run("predict", bad, csv).fails(FAILED, "is no model");
    }
    SafeTensors model = SafeTensors.read(out.resolve("model.safetensors"));
    String description = model.metadata().get("flambeau.table");
    for (String damaged :
        new String[] {
          "",
          "{",
          "[1]",
          "null",
          description.replace("\"hidden\":[64,32]", "\"hidden\":[64,2000000000]"),
          description.replace("\"hidden\":[64,32]", "\"hidden\":[64,null]"),
          description.replace("\"format\":1", "\"format\":2"),
          description.replace("\"BINARY\"", "\"MAGIC\""),
          description.replace("\"scale\":", "\"skale\":"),
        }) {
      SafeTensors.save(bad, model.tensors(), Map.of("flambeau.table", damaged));
      Cli.run("predict", bad, csv).fails(FAILED, "is damaged");
    }

    Cli.run("predict", out, csv("a,b\n1,x\n")).fails(FAILED, "line 2", "b is \"x\"");
  }

  /** Each field of a model's description, missing or garbled: the message names it. */
  @Test
  void descriptions() throws IOException {
    Path csv = csv("a,t,y\n1,u,1\n2,v,1\n3,u,0\n4,v,0\n5,u,1\n9,v,0\n");
    Path out = folder.resolve("run");
    Cli.run("train", csv, "--target", "y", "--epochs", 1, "--out", out).ok();
    SafeTensors model = SafeTensors.read(out.resolve("model.safetensors"));
    String good = model.metadata().get("flambeau.table");
    String[][] changes = {
      {"\"format\":1,", "", "format is missing"},
      {"\"format\":1", "\"format\":\"1\"", "format is no whole number that fits: \"1\""},
      {"\"format\":1", "\"format\":1.5", "format is no whole number that fits: 1.5"},
      {"\"target\":{", "\"target\":[],\"x\":{", "target is no JSON object: []"},
      {"\"name\":\"y\",", "", "target.name is missing"},
      {"\"name\":\"y\"", "\"name\":null", "target.name is no text: null"},
      {"\"name\":\"y\"", "\"name\":\"\"", "target.name is empty"},
      {"\"BINARY\"", "1", "target.task is no text: 1"},
      {"\"BINARY\"", "\"MAGIC\"", "target.task is none of [BINARY, MULTICLASS, REGRESSION]: \"M"},
      {"\"BINARY\"", "\"REGRESSION\"", "target.classes has 2 names, too few or too many"},
      {"\"classes\":[\"0\",", "\"classes\":[", "target.classes has 1 names, too few"},
      {"\"classes\":[\"0\"", "\"classes\":[null", "target.classes[0] is no text: null"},
      {"\"classes\":[\"0\"", "\"classes\":[\"1\"", "target.classes names something twice"},
      {"\"classes\":", "\"klasses\":", "target.classes is missing"},
      {"\"scale\":1.0", "\"scale\":0", "target.scale is not above 0: 0"},
      {"\"scale\":1.0", "\"scale\":\"NaN\"", "target.scale is no finite number: \"NaN\""},
      {"\"mean\":0.0", "\"mean\":1e999", "target.mean is no finite number"},
      {"\"features\":[", "\"features\":[7,", "features[0] is no JSON object: 7"},
      {"\"features\":", "\"features\":null,\"x\":", "features is no list: null"},
      {"\"name\":\"a\"", "\"name\":\"t\"", "features names something twice"},
      {"\"name\":\"t\",", "", "features[1].name is missing"},
      {"\"categories\":null,", "", "features[0].categories is missing"},
      {"[\"u\",\"v\"]", "[\"u\",[]]", "features[1].categories[1] is no text: []"},
      {"[\"u\",\"v\"]", "\"u\"", "features[1].categories is no list: \"u\""},
      {"\"fill\":", "\"fil\":", "features[0].fill is missing"},
      {"\"hidden\":[64,", "\"hidden\":[-64,", "hidden[0] is not above 0: -64"},
      {"\"hidden\":[64,", "\"hidden\":[5000000000,", "hidden[0] is no whole number that fits"},
      {"\"hidden\":[64,", "\"hidden\":[65,", "the weights of layer 0 do not fit"},
      {"\"dropout\":", "\"dropout\":1,\"x\":", "dropout is no probability below 1: 1"},
      {"\"dropout\":", "\"dropout\":0,\"dropout\":", "its description is no JSON"},
      {good, good + "}", "its description is no JSON"},
      {good, "[".repeat(100_000), "its description is no JSON"},
    };
    Path bad = folder.resolve("bad.safetensors");
    for (String[] change : changes) {
      String damaged = good.replaceFirst(Pattern.quote(change[0]), change[1]);
      assertNotEquals(good, damaged, change[0]);
      Files.write(bad, SafeTensors.toBytes(model.tensors(), Map.of("flambeau.table", damaged)));
      var e = assertThrows(UserError.class, () -> TableModel.load(bad), damaged);
      assertTrue(e.getMessage().startsWith(bad + " is damaged: "), e::getMessage);
      assertTrue(e.getMessage().contains(change[2]), e::getMessage);
    }
    Map<String, Tensor> whole = new HashMap<>(model.tensors());
    whole.replaceAll((name, t) -> t.toInt());
    SafeTensors.save(bad, whole, model.metadata());
    Cli.run("predict", bad, csv).fails(FAILED, "is damaged: ", " is torch.int32");
  }

  @Test
  void debugShowsWhere() {
    Cli c = Cli.run("train", folder.resolve("none.csv"), "--target", "y", "--debug");
    assertTrue(c.err().size() > 1);
    assertTrue(c.err().get(1).contains("UserError"));
  }
}
