package dev.flambeau;

import dev.flambeau.spi.Backend;
import dev.flambeau.spi.JavaBackend;
import java.util.ServiceLoader;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What the tests compute with: the backend on the class path, or the plain-Java kernels where there
 * is none. Found by JUnit itself, through META-INF/services, and asked before every test. A backend
 * that is there but does not load fails the tests; an instruction set ({@code FLAMBEAU_ISA}) that
 * the machine lacks skips them, saying so.
 */
public final class TestBackend implements ExecutionCondition {
  private static final ConditionEvaluationResult ANSWER = choose();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return ANSWER;
  }

  private static ConditionEvaluationResult choose() {
    if (ServiceLoader.load(Backend.class).findFirst().isEmpty()) {
      Backends.register(new JavaBackend());
      return ConditionEvaluationResult.enabled("on the plain-Java kernels");
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
}
