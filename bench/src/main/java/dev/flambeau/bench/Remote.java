package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A worker's process, seen from the program that asks. */
public final class Remote implements AutoCloseable {
  final Peer peer;
  final int threads;

  /** Its first answer. */
  public final String about;

  /** A peer of the CPU's benchmark may take as long as it likes: some work takes minutes. */
  static final Duration FOREVER = Duration.ofDays(1);

  private final Process process;
  private final Writer out;
  private final Duration limit;

  /** What it has printed and nobody has read; empty: there will be nothing more. */
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();

  /**
   * Starts the worker and waits until it is ready.
   *
   * @throws IOException saying why the peer cannot load
   */
  Remote(Peer peer, int threads, List<String> command, File log) throws IOException {
    this(peer, threads, command, log, FOREVER, FOREVER);
  }

  /**
   * Starts the worker and waits until it is ready.
   *
   * @param start how long that may take; then the worker is ended
   * @param limit how long an answer may take
   * @throws IOException saying why the peer cannot load
   */
  public Remote(
      Peer peer, int threads, List<String> command, File log, Duration start, Duration limit)
      throws IOException {
    this.peer = peer;
    this.threads = threads;
    this.limit = limit;
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    for (String name : List.of("OMP", "MKL", "OPENBLAS")) {
      environment.put(name + "_NUM_THREADS", Integer.toString(threads));
    }
    environment.put("OPT_OUT_TRACKING", "true");
    environment.put("TF_CPP_MIN_LOG_LEVEL", "2");
    environment.putAll(peer.environment());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log));
    process = builder.start();
    out = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "output of " + peer.name());
    reader.setDaemon(true);
    reader.start();
    try {
      about = answer(start);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /**
   * Asks, and waits for the numbers.
   *
   * @throws IOException with the worker's reason, or because it took too long and was ended
   */
  public double[] ask(String command) throws IOException {
    out.write(command + "\n");
    out.flush();
    String text = answer(limit);
    try {
      return text.isEmpty()
          ? new double[0]
          : Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw new IOException("it answered '" + text + "', which is no number", e);
    }
  }

  private void read() {
    try (var in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(Optional.of(line));
      }
    } catch (IOException e) {
      // Its end closes the stream.
    }
    lines.add(Optional.empty());
  }

  private String answer(Duration most) throws IOException {
    long end = System.nanoTime() + most.toNanos();
    while (true) {
      Optional<String> next;
      try {
        next = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while it worked", e);
      }
      if (next == null) {
        kill();
        throw new IOException("no answer within " + most.toMillis() / 1e3 + " s");
      }
      String line = next.orElseThrow(() -> new IOException("its process ended"));
      if (line.startsWith("@ failed")) {
        throw new IOException(line.substring("@ failed".length()).strip());
      }
      if (line.startsWith("@")) {
        return line.substring(1).strip();
      }
    }
  }

  /** Ends it, and what it has started, at once. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Override
  public void close() {
    try {
      out.close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (IOException e) {
      kill();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }
}
