package dev.flambeau.cpu;

/**
 * What a native jar of this library says of itself. On the module path it also brings that jar in:
 * a module that provides a service is resolved with its user, together with the native modules it
 * requires.
 */
public interface NativeJar {
  /** The platform whose library is inside, as JavaCPP writes it: {@code linux-x86_64}. */
  String platform();
}
