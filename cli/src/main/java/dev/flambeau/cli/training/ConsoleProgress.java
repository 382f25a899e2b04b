package dev.flambeau.cli.training;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A bar with the losses and the metric of the last epoch; where there is no terminal, a few lines.
 */
public final class ConsoleProgress implements Progress {
  private static final int LINES = 10;
  private static final int USUAL_COLUMNS = 79;

  private final PrintStream out;
  private final boolean terminal;
  private ProgressBar bar;
  private int epochs;
  private String metric;
  private Epoch last;
  private int lastPrinted;

  /** Writes to {@code out}: a bar if {@code terminal}, else lines. */
  public ConsoleProgress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Whether this program runs at a terminal. */
  public static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try { // JDK 22 and later give a console also where there is no terminal, and say so
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /** The terminal's width, less one; the usual one if it cannot be told. */
  private static int columns() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      String[] size = new String(stty.getInputStream().readAllBytes(), US_ASCII).trim().split(" ");
      int columns = Integer.parseInt(size[1]);
      return columns > 0 ? columns - 1 : USUAL_COLUMNS;
    } catch (IOException | RuntimeException e) {
      return USUAL_COLUMNS;
    }
  }

  @Override
  public void start(int epochs, String metric) {
    this.epochs = epochs;
    this.metric = metric;
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("epoch")
              .setInitialMax(epochs)
              // The default consumer opens a terminal, which takes Ctrl-C away from the JVM.
              .setConsumer(new ConsoleProgressBarConsumer(out, columns()))
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(100)
              .continuousUpdate()
              .hideEta()
              .build();
    }
  }

  @Override
  public void epoch(Epoch e) {
    last = e;
    if (bar != null) {
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              "loss %.4f, val %.4f, %s %s",
              e.trainingLoss(),
              e.validationLoss(),
              metric,
              Report.figure(metric, e.validationMetric())));
      bar.step();
    } else if (e.number() == 1 || e.number() % Math.max(epochs / LINES, 1) == 0) {
      print(e);
    }
  }

  private void print(Epoch e) {
    lastPrinted = e.number();
    out.println("epoch " + e.number() + "/" + epochs + "  " + figures(e));
  }

  private String figures(Epoch e) {
    return String.format(
        Locale.ROOT,
        "loss %.4f  val loss %.4f  val %s %s",
        e.trainingLoss(),
        e.validationLoss(),
        metric,
        Report.figure(metric, e.validationMetric()));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    } else if (last != null && last.number() != lastPrinted) {
      print(last);
    }
  }
}
