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
    boolean costs,
    String text) {
  static final String USAGE =
      """
      bench/run [--peers flambeau,libtorch,...] [--only REGEX] [--threads 1,2] [--rounds 3]
                [--warmups 3] [--iterations 5] [--millis 100] [--minutes 600] [--gflops 116]
                [--costs no]
      Measures, and writes bench/RESULTS.md and bench/results.png. Peers other than flambeau, plain
      and python are built with -Ppeers. --only takes what the names of the work must contain;
      --costs no leaves out memory and start-up; --gflops is the machine's peak for a core; after
      --minutes what is done is written.
      """;

  static Options parse(String... args) {
    List<Peer> peers = List.of(Peer.named(Peer.OURS), Peer.named("plain"));
    String only = "";
    List<Integer> threads = List.of(1, 2);
    int rounds = 3;
    int warmups = 3;
    int iterations = 5;
    int millis = 100;
    int minutes = 600;
    double gflops = 116;
    boolean costs = true;
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value\n" + USAGE);
      }
      String value = args[i + 1];
      switch (args[i]) {
        case "--peers" -> peers = Arrays.stream(value.split(",")).map(Peer::named).toList();
        case "--only" -> only = value;
        case "--threads" ->
            threads = Arrays.stream(value.split(",")).map(Integer::valueOf).toList();
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--warmups" -> warmups = Integer.parseInt(value);
        case "--iterations" -> iterations = Integer.parseInt(value);
        case "--millis" -> millis = Integer.parseInt(value);
        case "--minutes" -> minutes = Integer.parseInt(value);
        case "--gflops" -> gflops = Double.parseDouble(value);
        case "--costs" -> costs = !value.equals("no");
        default -> throw new IllegalArgumentException(args[i] + " is no option\n" + USAGE);
      }
    }
    return new Options(
        peers,
        Pattern.compile(only),
        threads,
        rounds,
        new Timed.Plan(warmups, iterations, millis),
        minutes,
        gflops,
        costs,
        String.join(" ", args));
  }

  List<Work> works() {
    List<Work> works = new ArrayList<>(Work.ALL);
    works.removeIf(w -> !only.matcher(w.name()).find());
    return works;
  }
}
