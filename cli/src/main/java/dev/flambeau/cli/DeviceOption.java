package dev.flambeau.cli;

import dev.flambeau.Device;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a program computes: the same option for all that do. */
public final class DeviceOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = "cpu, cuda, or cuda:1 for the second GPU (${DEFAULT-VALUE}).")
  private String name;

  /** The device; a wrong command line when there is none of that name, with what is missing. */
  public Device device() {
    try {
      return Device.of(name);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new ParameterException(spec.commandLine(), "--device: " + e.getMessage(), e);
    }
  }
}
