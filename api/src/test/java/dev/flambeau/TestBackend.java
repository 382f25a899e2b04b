package dev.flambeau;

import dev.flambeau.spi.JavaBackend;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives the tests something to compute with: the plain-Java kernels, unless a backend is on the
 * class path. Found by JUnit itself, through META-INF/services.
 */
public final class TestBackend implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    synchronized (TestBackend.class) {
      if (!Backends.isAvailable(Device.cpu())) {
        Backends.register(new JavaBackend());
      }
    }
  }
}
