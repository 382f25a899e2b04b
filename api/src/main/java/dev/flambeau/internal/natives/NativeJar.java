package dev.flambeau.internal.natives;

/**
 * What a native jar says of itself. On the module path it also brings that jar in: a module that
 * provides a service is resolved with its user, together with the native modules it requires.
 */
public interface NativeJar {
  /** The backend that the library inside serves: {@code cpu}, {@code cuda}. */
  String backend();

  /** The platform of the library inside, as JavaCPP writes it: {@code linux-x86_64}. */
  String platform();
}
