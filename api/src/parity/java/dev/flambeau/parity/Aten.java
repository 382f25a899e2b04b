package dev.flambeau.parity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.IntType;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OptionalType;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * Calls libtorch's operators by the name and overload of their schema ({@code "sum.dim_IntList"}),
 * as {@code torch.ops} does, and reads the name of a graph node, which the binding leaves out.
 */
final class Aten {
  private static final Map<String, OperatorHandle> HANDLES = new HashMap<>();

  static {
    // This class must load before any other of the binding, or libtorch's own start-up fails. One
    // thread: fixed sums.
    torch.set_num_threads(1);
  }

  private Aten() {}

  /**
   * The first tensor that the operator answers; arguments left out at the end take the schema's
   * defaults.
   */
  static Tensor call(String schema, Object... args) {
    return all(schema, args).get(0);
  }

  /** All tensors that the operator answers, those of a list one by one. */
  static List<Tensor> all(String schema, Object... args) {
    OperatorHandle handle = HANDLES.computeIfAbsent(schema, Aten::find);
    IValueVector stack = new IValueVector();
    for (Object a : args) {
      stack.push_back(value(a));
    }
    Argument arguments = handle.schema().arguments();
    for (long i = args.length; i < arguments.limit(); i++) {
      stack.push_back(new Argument(arguments.getPointer(i)).default_value().get());
    }
    handle.callBoxed(stack);
    List<Tensor> answers = new ArrayList<>();
    for (long i = 0; i < stack.size(); i++) {
      IValue v = stack.get(i);
      if (v.isTensor()) {
        answers.add(new Tensor(v.toTensor()));
      } else {
        // Copies of the handles: these live in a vector that goes with its Java object.
        TensorVector list = v.toTensorVector();
        for (long k = 0; k < list.size(); k++) {
          answers.add(new Tensor(list.get(k)));
        }
      }
    }
    return answers;
  }

  /**
   * {@code op} with a number. PyTorch's front end turns the number of an addition, subtraction,
   * product or quotient into a "wrapped" 0-d tensor, so that {@code AddBackward0} and not {@code
   * AddBackward1} is what its users read.
   */
  static Tensor withNumber(String op, Tensor x, Object number) {
    if (!op.matches("(add|sub|mul|div)_?")) {
      return call(op + ".Scalar", x, number);
    }
    return call(op + ".Tensor", x, torch.wrapped_scalar_tensor(value(number).toScalar()));
  }

  private static OperatorHandle find(String schema) {
    int dot = schema.indexOf('.');
    String name = dot < 0 ? schema : schema.substring(0, dot);
    return Dispatcher.singleton()
        .findSchemaOrThrow("aten::" + name, dot < 0 ? "" : schema.substring(dot + 1));
  }

  private static IValue value(Object a) {
    if (a == null) {
      return new IValue();
    } else if (a instanceof Tensor t) {
      return new IValue(t);
    } else if (a instanceof Long n) {
      return new IValue(n.longValue());
    } else if (a instanceof Integer n) {
      return new IValue(n.longValue());
    } else if (a instanceof Double x) {
      return new IValue(x.doubleValue());
    } else if (a instanceof Boolean b) {
      return new IValue(b.booleanValue());
    } else if (a instanceof String s) {
      return new IValue(s);
    } else if (a instanceof DType dtype) {
      return new IValue((long) dtype.torch);
    } else if (a instanceof long[] list) {
      GenericList longs = new GenericList(new Type.TypePtr(IntType.getIntTypePtr().get()));
      for (long n : list) {
        longs.push_back(new IValue(n));
      }
      return new IValue(longs);
    } else if (a instanceof Tensor[] list) {
      GenericList tensors = new GenericList(new Type.TypePtr(TensorType.get()));
      for (Tensor t : list) {
        tensors.push_back(new IValue(t));
      }
      return new IValue(tensors);
    } else if (a instanceof Indices indices) {
      GenericList tensors = new GenericList(OptionalType.ofTensor());
      for (Tensor t : indices.tensors()) {
        tensors.push_back(t == null ? new IValue() : new IValue(t));
      }
      return new IValue(tensors);
    }
    throw new IllegalArgumentException("no operator takes a " + a.getClass());
  }

  /** A list of tensors in which some may be missing. */
  record Indices(Tensor... tensors) {}

  /**
   * The name of the node that made {@code t}, "-" for a leaf. The binding shows the node's address
   * only, so the name is read from the run-time type information before its virtual table (Itanium
   * C++ ABI: type information at -8, its mangled name at +8): {@code
   * N5torch8autograd9generated12MulBackward0E} gives {@code MulBackward0}.
   */
  static String nodeName(Tensor t) {
    Pointer node = t.grad_fn();
    if (node == null || node.isNull()) {
      return "-";
    }
    long table = word(node.address());
    long typeInfo = word(table - 8);
    try (BytePointer name = new BytePointer(new Address(word(typeInfo + 8)))) {
      return last(name.getString());
    }
  }

  private static long word(long address) {
    try (LongPointer p = new LongPointer(new Address(address))) {
      return p.get();
    }
  }

  /** The last identifier of a nested mangled name. */
  private static String last(String mangled) {
    String name = "";
    int i = 1;
    while (i < mangled.length() && Character.isDigit(mangled.charAt(i))) {
      int length = 0;
      while (Character.isDigit(mangled.charAt(i))) {
        length = 10 * length + mangled.charAt(i++) - '0';
      }
      name = mangled.substring(i, i + length);
      i += length;
    }
    return name;
  }

  private static final class Address extends Pointer {
    Address(long value) {
      address = value;
    }
  }
}
