package dev.flambeau.examples;

import dev.flambeau.Device;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all programs here have in common: they take {@code --device}, and compute there. */
public abstract class Program implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = "cpu, cuda, or cuda:1 for the second GPU (${DEFAULT-VALUE}).")
  private String device;

  /** What the program does. */
  protected abstract void run(Device device) throws Exception;

  /** The program's options; a wrong command line is told with how to use it. */
  public final CommandLine commandLine() {
    return new CommandLine(this);
  }

  /** Runs the program, and gives its exit code. */
  public final int execute(String... args) {
    return commandLine().execute(args);
  }

  /** Finds the device and runs there: picocli calls this once the options are read. */
  @Override
  public final Integer call() throws Exception {
    Device on;
    try {
      on = Device.of(device);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new ParameterException(spec.commandLine(), "--device: " + e.getMessage(), e);
    }
    run(on);
    return CommandLine.ExitCode.OK;
  }
}
