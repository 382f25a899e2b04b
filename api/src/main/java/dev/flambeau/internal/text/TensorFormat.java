package dev.flambeau.internal.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * The text of a tensor, character for character as PyTorch prints it: nested brackets with the
 * columns aligned, long rows wrapped, large tensors summarised, and what is not the default
 * (device, dtype, gradient) said behind the values.
 */
public final class TensorFormat {
  private static final String PREFIX = "tensor(";

  /** These say themselves through their values: {@code 1.}, {@code 1}, {@code True}. */
  private static final Set<String> SILENT = Set.of("torch.float32", "torch.int64", "torch.bool");

  /** How elements are written. */
  public enum Kind {
    FLOAT,
    INT,
    BOOL
  }

  /** What printing reads of a tensor. A position counts elements in row-major order. */
  public interface Source {
    long[] shape();

    Kind kind();

    /** The element at {@code position} of a FLOAT tensor. */
    double real(long position);

    /** The element at {@code position} of an INT tensor, or of a BOOL one as 0 or 1. */
    long integer(long position);

    /** For example {@code torch.float32}. */
    String dtype();

    /** For example {@code cuda:0}, or {@code cpu}. */
    String device();

    boolean requiresGrad();

    /** The name of the node that made the tensor, or null. */
    String gradFnName();

    boolean isParameter();
  }

  private final Source source;
  private final TextOptions options;
  private final long[] shape;
  private final int rank;

  /** Elements from one item of an axis to the next. */
  private final long[] steps;

  private final long numel;
  private final boolean summarised;

  private TensorFormat(Source source, TextOptions options) {
    this.source = source;
    this.options = options;
    shape = source.shape();
    rank = shape.length;
    steps = new long[rank];
    long count = 1;
    for (int axis = rank - 1; axis >= 0; --axis) {
      steps[axis] = count;
      count *= shape[axis];
    }
    numel = count;
    summarised = numel > options.threshold();
  }

  /** The text of {@code source} under this thread's {@code PrintOptions}. */
  public static String format(Source source) {
    TensorFormat format = new TensorFormat(source, TextOptions.current());
    StringBuilder text = new StringBuilder(PREFIX);
    if (format.numel == 0) {
      text.append("[]");
    } else {
      ElementFormat elements = ElementFormat.of(source, format.options, format::forEachShown);
      format.appendBlock(text, 0, 0, elements);
    }
    format.appendSuffixes(text);
    return source.isParameter() ? "Parameter containing:\n" + text : text.toString();
  }

  /** The axes from {@code axis} on, of the block that begins at {@code position}. */
  private void appendBlock(StringBuilder text, int axis, long position, ElementFormat elements) {
    if (axis == rank) {
      text.append(elements.text(position));
      return;
    }
    if (axis == rank - 1) {
      appendRow(text, position, elements);
      return;
    }
    String separator = "," + "\n".repeat(rank - 1 - axis) + " ".repeat(PREFIX.length() + axis + 1);
    text.append('[');
    for (int i = 0; i < shownItems(axis); ++i) {
      text.append(i == 0 ? "" : separator);
      if (isGap(axis, i)) {
        text.append("...").append(separator);
      }
      appendBlock(text, axis + 1, position + item(axis, i) * steps[axis], elements);
    }
    text.append(']');
  }

  private void appendRow(StringBuilder text, long position, ElementFormat elements) {
    int axis = rank - 1;
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < shownItems(axis); ++i) {
      if (isGap(axis, i)) {
        cells.add(" ...");
      }
      cells.add(elements.text(position + item(axis, i)));
    }
    int indent = PREFIX.length() + axis;
    int perLine = Math.max(1, (options.lineWidth() - indent) / (elements.width() + 2));
    String newLine = ",\n" + " ".repeat(indent + 1);
    text.append('[');
    for (int i = 0; i < cells.size(); ++i) {
      text.append(i == 0 ? "" : i % perLine == 0 ? newLine : ", ").append(cells.get(i));
    }
    text.append(']');
  }

  /** Calls {@code visit} with the position of every element that is printed. */
  private void forEachShown(LongConsumer visit) {
    forEachShown(0, 0, visit);
  }

  private void forEachShown(int axis, long position, LongConsumer visit) {
    if (axis == rank) {
      visit.accept(position);
      return;
    }
    for (int i = 0; i < shownItems(axis); ++i) {
      forEachShown(axis + 1, position + item(axis, i) * steps[axis], visit);
    }
  }

  private boolean isCut(int axis) {
    return summarised && shape[axis] > 2L * options.edgeItems();
  }

  private int shownItems(int axis) {
    return isCut(axis) ? 2 * options.edgeItems() : Math.toIntExact(shape[axis]);
  }

  /** Whether items were left out just before the {@code i}-th one shown. */
  private boolean isGap(int axis, int i) {
    return isCut(axis) && i == options.edgeItems();
  }

  /** The index along {@code axis} of the {@code i}-th item shown. */
  private long item(int axis, int i) {
    return isCut(axis) && i >= options.edgeItems() ? shape[axis] - shownItems(axis) + i : i;
  }

  /** Adds what is said behind the values, each on a new line where the last is full, and ")". */
  private void appendSuffixes(StringBuilder text) {
    // PyTorch counts two characters more than the line has: kept, it decides where lines break.
    int lineLength = text.length() - text.lastIndexOf("\n") + 1;
    for (String suffix : suffixes()) {
      if (lineLength + suffix.length() + 2 > options.lineWidth()) {
        text.append(",\n").append(" ".repeat(PREFIX.length())).append(suffix);
        lineLength = PREFIX.length() + suffix.length();
      } else {
        text.append(", ").append(suffix);
        lineLength += suffix.length() + 2;
      }
    }
    text.append(')');
  }

  private List<String> suffixes() {
    List<String> suffixes = new ArrayList<>();
    if (!source.device().equals("cpu")) {
      suffixes.add("device='" + source.device() + "'");
    }
    if (numel == 0 && rank != 1) {
      suffixes.add("size=" + sizes());
    }
    // No element of an empty tensor tells an integer from a float.
    boolean silent =
        numel == 0 ? source.dtype().equals("torch.float32") : SILENT.contains(source.dtype());
    if (!silent) {
      suffixes.add("dtype=" + source.dtype());
    }
    if (source.gradFnName() != null) {
      suffixes.add("grad_fn=<" + source.gradFnName() + ">");
    } else if (source.requiresGrad()) {
      suffixes.add("requires_grad=True");
    }
    return suffixes;
  }

  private String sizes() {
    return Arrays.stream(shape)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
