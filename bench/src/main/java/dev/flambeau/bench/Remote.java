package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A worker's process, seen from the program that asks. */
final class Remote implements AutoCloseable {
  final Peer peer;
  final int threads;

  /** Its first answer. */
  final String about;

  private final Process process;
  private final BufferedReader in;
  private final Writer out;

  /**
   * Starts the worker and waits until it is ready.
   *
   * @throws IOException saying why the peer cannot load
   */
  Remote(Peer peer, int threads, List<String> command, File log) throws IOException {
    this.peer = peer;
    this.threads = threads;
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
    in =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    out = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    try {
      about = answer();
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /**
   * Asks, and waits for the numbers.
   *
   * @throws IOException with the worker's reason
   */
  double[] ask(String command) throws IOException {
    out.write(command + "\n");
    out.flush();
    String text = answer();
    return text.isEmpty()
        ? new double[0]
        : Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private String answer() throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.startsWith("@ failed")) {
        throw new IOException(line.substring("@ failed".length()).strip());
      }
      if (line.startsWith("@")) {
        return line.substring(1).strip();
      }
    }
    throw new IOException("its process ended");
  }

  @Override
  public void close() {
    try {
      out.close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
