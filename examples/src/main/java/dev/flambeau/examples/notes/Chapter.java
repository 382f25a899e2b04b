package dev.flambeau.examples.notes;

import dev.flambeau.Device;
import dev.flambeau.examples.cli.DeviceOption;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** A chapter as a program: it takes {@code --device}, and computes there. */
abstract class Chapter implements Callable<Integer> {
  @Mixin private DeviceOption on;

  /** What the chapter shows. */
  abstract void run(Device device) throws Exception;

  /** Reads the command line, shows the chapter, and gives the program's exit code. */
  public final int execute(String... args) {
    return new CommandLine(this).execute(args);
  }

  @Override
  public final Integer call() throws Exception {
    run(on.device());
    return CommandLine.ExitCode.OK;
  }
}
