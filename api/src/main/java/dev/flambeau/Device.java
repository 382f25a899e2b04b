package dev.flambeau;

import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Devices;

/**
 * Where a tensor's elements are: a type ({@code cpu}, {@code cuda}) and an index. Prints as PyTorch
 * prints it ({@code cpu}, {@code cuda:0}).
 *
 * @param type the backend's name
 * @param index which device of that type, from 0
 */
public record Device(String type, int index) {
  private static final Device CPU = new Device("cpu", 0);

  /** The processor that runs this program. */
  public static Device cpu() {
    return CPU;
  }

  /**
   * The first NVIDIA GPU.
   *
   * @throws IllegalStateException when there is no CUDA backend or no GPU; the message says what is
   *     missing
   */
  public static Device cuda() {
    return cuda(0);
  }

  /**
   * The NVIDIA GPU with that index.
   *
   * @throws IllegalStateException when there is no CUDA backend or no such GPU; the message says
   *     what is missing
   */
  public static Device cuda(int index) {
    return Devices.require(new Device("cuda", index));
  }

  /** Parses {@code cpu}, {@code cuda} or {@code cuda:1}, and checks that it is there. */
  public static Device of(String text) {
    int colon = text.indexOf(':');
    String type = colon < 0 ? text : text.substring(0, colon);
    try {
      int index = colon < 0 ? 0 : Integer.parseInt(text.substring(colon + 1));
      return Devices.require(new Device(type, index));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "device: '" + text + "' is not like cpu, cuda or cuda:1", e);
    }
  }

  // Those that records are given are put together at run time: 20 ms when a program begins.
  @Override
  public boolean equals(Object other) {
    return other instanceof Device d && d.index == index && d.type.equals(type);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + index;
  }

  /**
   * Waits until the device has run all that was started there. Needed for measuring times only:
   * whatever reads a value waits by itself.
   *
   * @throws RuntimeException for an error found there since something was last read: a GPU finds a
   *     bad index or a zero divisor later than the call that passed it
   */
  public void synchronize() {
    DeviceContext c = Devices.context(this);
    c.check("synchronize", c.kernels.synchronize(), null);
  }

  @Override
  public String toString() {
    return type.equals("cpu") && index == 0 ? type : type + ":" + index;
  }
}
