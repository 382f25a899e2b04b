package dev.flambeau;

import dev.flambeau.spi.Backend;
import dev.flambeau.spi.oracle.JavaBackend;
import java.util.ServiceLoader;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What the tests compute with: the backend on the class path, or the plain-Java kernels where there
 * is none. Found by JUnit itself, through META-INF/services, and evaluated before every test. A
 * backend that is there but does not load fails the tests; an instruction set ({@code
 * FLAMBEAU_ISA}) that the machine lacks skips them, saying so.
 *
 * <p>Two properties bring in a backend that the machine may lack, which skips the tests: {@code
 * flambeau.test.cpu} names a class that takes the CPU's place; {@code flambeau.test.device} the
 * device that takes the place of the tests' second one, as {@code cuda:0}.
 */
public final class TestBackend implements ExecutionCondition {
  private static final ConditionEvaluationResult RESULT = choose();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return RESULT;
  }

  /** Whether no backend was found, so that the tests compute with the plain-Java kernels. */
  static boolean isPlainJava() {
    return System.getProperty("flambeau.test.cpu", "").isEmpty() && !isBackendThere();
  }

  private static boolean isBackendThere() {
    return ServiceLoader.load(Backend.class).findFirst().isPresent();
  }

  private static ConditionEvaluationResult choose() {
    String cpu = System.getProperty("flambeau.test.cpu", "");
    if (!cpu.isEmpty()) {
      Backend other = load(cpu);
      if (!other.availability().available()) {
        return ConditionEvaluationResult.disabled(other.availability().reason());
      }
      Backends.register(other);
    }
    if (!isBackendThere()) {
      Backends.register(new JavaBackend());
      return ConditionEvaluationResult.enabled("on the plain-Java kernels");
    }
    String device = System.getProperty("flambeau.test.device", "");
    if (!device.isEmpty()) {
      try {
        Device.of(device);
      } catch (IllegalStateException e) {
        return ConditionEvaluationResult.disabled(e.getMessage());
      }
    }
    String wanted = System.getenv("FLAMBEAU_ISA");
    String serving = Backends.report();
    if (wanted == null || !Backends.isAvailable(Device.cpu()) || serving.contains("-" + wanted)) {
      return ConditionEvaluationResult.enabled(serving);
    }
    // Beside x86-64 there is one instruction set: the first of the three runs is that one's.
    return wanted.equals("v2") && serving.contains("generic")
        ? ConditionEvaluationResult.enabled(serving)
        : ConditionEvaluationResult.disabled("no instruction set " + wanted + " here: " + serving);
  }

  private static Backend load(String type) {
    try {
      return (Backend) Class.forName(type).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("flambeau.test.cpu=" + type, e);
    }
  }
}
