package dev.flambeau.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The command line, read. */
record Options(
    List<Peer> peers,
    Pattern only,
    List<Integer> threads,
    int rounds,
    Timed.Plan plan,
    int minutes,
    double gflops,
    int seconds,
    boolean costs,
    boolean neighbour,
    boolean resume,
    String text) {
  static final String USAGE =
      """
      bench/run [--peers flambeau,libtorch,...|all] [--only REGEX] [--threads 1,2] [--rounds 3]
                [--warm 1000] [--iterations 4] [--millis 40] [--minutes 600] [--gflops 116]
                [--costs no] [--seconds 60] [--neighbour no] [--resume yes]
      Measures, and writes bench/RESULTS.md and bench/results.png. Peers other than flambeau, plain
      and python are built with -Ppeers. --only takes what the names of the work must contain;
      --warm is the longest warm-up, in ms (steps: thrice that); --costs no leaves out memory and
      start-up, --neighbour no what a busy neighbour does; --gflops is the machine's peak for a
      core; --seconds bounds the loop that shows a peer's growth. --peers all is everyone that
      bench/README.md lists. After --minutes what is done is written; --resume yes goes on from
      there (with --minutes 0 it only writes).
      """;

  /** What {@code --peers all} stands for. */
  static final String EVERYONE =
      "flambeau,libtorch,libtorch-passive,libtorch-mkl,djl,nd4j,tensorflow,python,plain,smile";

  static Options parse(String... args) {
    List<Peer> peers = List.of(Peer.named(Peer.OURS), Peer.named("plain"));
    String only = "";
    List<Integer> threads = List.of(1, 2);
    int rounds = 3;
    int warm = 1000;
    int iterations = 4;
    int millis = 40;
    int minutes = 600;
    double gflops = 116;
    int seconds = 60;
    boolean costs = true;
    boolean neighbour = true;
    boolean resume = false;
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value\n" + USAGE);
      }
      String value = args[i + 1];
      switch (args[i]) {
        case "--peers" ->
            peers =
                Arrays.stream((value.equals("all") ? EVERYONE : value).split(","))
                    .map(Peer::named)
                    .toList();
        case "--only" -> only = value;
        case "--threads" ->
            threads = Arrays.stream(value.split(",")).map(Integer::valueOf).toList();
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--warm" -> warm = Integer.parseInt(value);
        case "--iterations" -> iterations = Integer.parseInt(value);
        case "--millis" -> millis = Integer.parseInt(value);
        case "--minutes" -> minutes = Integer.parseInt(value);
        case "--gflops" -> gflops = Double.parseDouble(value);
        case "--seconds" -> seconds = Integer.parseInt(value);
        case "--costs" -> costs = !value.equals("no");
        case "--neighbour" -> neighbour = !value.equals("no");
        case "--resume" -> resume = value.equals("yes");
        default -> throw new IllegalArgumentException(args[i] + " is no option\n" + USAGE);
      }
    }
    return new Options(
        peers,
        Pattern.compile(only),
        threads,
        rounds,
        new Timed.Plan(warm, iterations, millis),
        minutes,
        gflops,
        seconds,
        costs,
        neighbour,
        resume,
        String.join(" ", args));
  }

  List<Work> works() {
    List<Work> works = new ArrayList<>(Work.ALL);
    works.removeIf(w -> !only.matcher(w.name()).find());
    return works;
  }
}
