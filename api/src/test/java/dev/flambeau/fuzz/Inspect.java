package dev.flambeau.fuzz;

import static dev.flambeau.internal.tensor.TensorHandle.storage;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What a call may end with: a value that hangs together, or an exception that says what it is. */
final class Inspect {
  private Inspect() {}

  /** The message of exceptions that hooks and functions throw on purpose. */
  static final String OWN = "thrown by the program's own code";

  /** Elements up to which a value is added up and printed. */
  private static final long FEW = 1 << 16;

  private static final List<Class<?>> ALLOWED =
      List.of(
          IllegalArgumentException.class,
          IllegalStateException.class,
          IndexOutOfBoundsException.class,
          NullPointerException.class,
          ArithmeticException.class,
          UnsupportedOperationException.class);

  /** Looks at a tensor that a call has returned. */
  static void value(Tensor x) {
    if (x.isReleased()) {
      return;
    }
    layout(x);
    if (x.numel() > FEW) {
      return;
    }
    try (var off = Autograd.noGrad()) {
      x.toString();
      if (x.dtype() != DType.FLOAT16 && x.dtype() != DType.BFLOAT16) {
        x.sum().close(); // CPUs only store those
      }
      if (x.numel() == 1) {
        x.item();
      }
    } catch (RuntimeException | Error e) {
      if (!x.isReleased()) { // by another thread
        throw new Fault("the value cannot be read: " + e, e);
      }
    }
  }

  /** Sizes whose product is the number of elements, all of which lie in the storage. */
  static void layout(Tensor x) {
    long[] sizes = x.shape().toArray();
    long[] strides = x.stride();
    String text =
        "sizes "
            + Arrays.toString(sizes)
            + ", strides "
            + Arrays.toString(strides)
            + ", offset "
            + x.storageOffset()
            + " in "
            + storage(x).bytes
            + " bytes";
    try {
      long least = x.storageOffset();
      long greatest = least;
      for (int i = 0; i < sizes.length; i++) {
        if (sizes[i] < 0) {
          throw new Fault("a size is negative: " + text);
        }
        if (sizes[i] > 0) {
          long reach = Math.multiplyExact(strides[i], sizes[i] - 1);
          least = Math.addExact(least, Math.min(reach, 0));
          greatest = Math.addExact(greatest, Math.max(reach, 0));
        }
      }
      long numel = Arrays.stream(sizes).anyMatch(s -> s == 0) ? 0 : 1;
      for (long s : sizes) {
        numel = Math.multiplyExact(numel, s);
      }
      if (numel != x.numel()) {
        throw new Fault("numel is " + x.numel() + ": " + text);
      }
      long elements = storage(x).bytes / x.dtype().bytes();
      if (numel > 0 && (least < 0 || greatest >= elements)) {
        throw new Fault("elements outside the storage: " + text);
      }
    } catch (ArithmeticException e) {
      throw new Fault("a product of sizes is beyond a long: " + text);
    }
  }

  /** A gradient lies as its tensor does: the same shape and dtype. */
  static void gradient(String of, Tensor x, Tensor g) {
    if (g.isReleased()) {
      throw new Fault(of + ": the gradient was released");
    }
    if (g.dtype() != x.dtype() || !g.shape().equals(x.shape())) {
      throw new Fault(
          of
              + ": a gradient of "
              + g.shape()
              + " "
              + g.dtype()
              + " for "
              + x.shape()
              + " "
              + x.dtype());
    }
    layout(g);
  }

  /** Throws a {@link Fault} unless {@code e} is one of the exceptions that a call may end with. */
  static void exception(Throwable e, Set<String> names, boolean heap) {
    if (e instanceof Fault f) {
      throw f;
    }
    String message = e.getMessage();
    if (e instanceof OutOfMemoryError) {
      if (message != null && message.startsWith("no memory for a tensor")
          || heap && "Java heap space".equals(message)) {
        return;
      }
      throw new Fault("not the library's own text: " + e, e);
    }
    if (OWN.equals(message)) {
      return;
    }
    if (!ALLOWED.contains(e.getClass())) {
      throw new Fault("no exception of those a program may expect: " + e, e);
    }
    if (message == null) {
      throw new Fault("an exception without a message: " + e, e);
    }
    if (e instanceof NullPointerException && message.startsWith("Cannot ")) {
      throw new Fault("an exception of the Java machine's: " + e, e);
    }
    boolean released = message.startsWith("this tensor of shape ");
    // 16-bit floats on the CPU are refused by the first step that computes with them.
    boolean half = message.contains("are stored and converted on the CPU");
    if (!released && !half && !Methods.isNamed(message, names)) {
      throw new Fault("the message does not name the op: " + e, e);
    }
  }
}
