package dev.flambeau.cli;

import dev.flambeau.Backends;
import dev.flambeau.Flambeau;
import picocli.CommandLine.Command;

/** {@code flambeau info}: versions, and which devices there are. */
@Command(
    name = "info",
    description = {
      "Shows versions, devices, and why a device is missing.",
      "It computes nothing, so it takes no --device."
    },
    mixinStandardHelpOptions = true)
public final class InfoCommand implements Runnable {
  private final Console console;

  /** A command that writes to {@code console}. */
  public InfoCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    console.out().println("flambeau " + Flambeau.version());
    console
        .out()
        .println(
            "java     "
                + System.getProperty("java.version")
                + ", "
                + System.getProperty("java.vm.name")
                + " ("
                + System.getProperty("java.vendor")
                + ")");
    console
        .out()
        .println(
            "system   "
                + System.getProperty("os.name")
                + " "
                + System.getProperty("os.arch")
                + ", "
                + Runtime.getRuntime().availableProcessors()
                + " processors, "
                + Runtime.getRuntime().maxMemory() / (1 << 20)
                + " MB of Java heap");
    console.out().println(Backends.report().strip());
  }
}
