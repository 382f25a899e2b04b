package dev.flambeau.cli;

import dev.flambeau.Flambeau;
import dev.flambeau.cli.table.TableException;
import dev.flambeau.cli.training.ConsoleProgress;
import dev.flambeau.cli.training.UserError;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line {@code flambeau}: trains models on tables, predicts with them. */
@Command(
    name = "flambeau",
    description = "Trains neural networks on tables, and predicts with them.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "",
      "flambeau train                       train on the shipped data (breast cancer, 569 rows)",
      "flambeau train houses.csv --target price --out runs/houses",
      "flambeau predict runs/houses new.csv"
    })
public final class Main implements Runnable {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show where an error comes from.")
  private boolean debug;

  /** The library's version, for {@code --version}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"flambeau " + Flambeau.version()};
    }
  }

  /** Runs a command, and ends the program with its exit code. */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    System.exit(run(new Console(System.out, System.err, ConsoleProgress.isTerminal()), args));
  }

  /** Runs one command and gives its exit code: 0, 1 for an error, 2 for a wrong command line. */
  public static int run(Console console, String... args) {
    Main main = new Main();
    CommandLine line =
        new CommandLine(main)
            .addSubcommand(new TrainCommand(console))
            .addSubcommand(new PredictCommand(console))
            .addSubcommand(new SearchCommand(console))
            .addSubcommand(new InfoCommand(console))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true)
            .setOut(new PrintWriter(console.out(), true))
            .setErr(new PrintWriter(console.err(), true))
            .setParameterExceptionHandler(
                (e, arguments) -> {
                  CommandLine at = e.getCommandLine();
                  String name = at.getCommandSpec().qualifiedName();
                  console.err().println(name + ": " + oneLine(e) + " (see " + name + " --help)");
                  return at.getCommandSpec().exitCodeOnInvalidInput();
                })
            .setExecutionExceptionHandler(
                (e, at, parsed) -> report(asUserError(e), main.debug, console.err()));
    try {
      return line.execute(args);
    } catch (OutOfMemoryError | LinkageError e) {
      return report(e, main.debug, console.err());
    }
  }

  /** Whose table it is can put it right. */
  private static Exception asUserError(Exception e) {
    return e instanceof TableException ? new UserError(e.getMessage(), e) : e;
  }

  private static int report(Throwable e, boolean debug, PrintStream err) {
    boolean expected = e instanceof UserError || e instanceof IllegalStateException;
    err.println(
        "flambeau: "
            + (expected ? oneLine(e) : e.getClass().getSimpleName() + ": " + oneLine(e))
            + (expected || debug ? "" : " (--debug shows where)"));
    if (debug) {
      e.printStackTrace(err);
    }
    return FAILED;
  }

  private static String oneLine(Throwable e) {
    return e.getMessage() == null
        ? "no message"
        : e.getMessage().strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** Without a command: what there is. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
