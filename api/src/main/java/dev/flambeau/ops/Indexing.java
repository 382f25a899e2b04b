package dev.flambeau.ops;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;

import dev.flambeau.DType;
import dev.flambeau.Index;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.InPlace;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.Dims;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Applies index expressions. Numbers, slices, ellipsis and new axes give views; tensors of indices
 * give copies.
 */
final class Indexing {
  private Indexing() {}

  /**
   * After the view part of an expression: which dims of {@code view} are indexed by which tensors.
   */
  private record Plan(Tensor view, List<Integer> dims, List<Tensor> indices) {}

  static Tensor get(Tensor x, List<Index> parts) {
    Plan p = plan(x, parts);
    return p.dims.isEmpty() ? p.view : pick(p);
  }

  static void set(Tensor x, Tensor value, List<Index> parts) {
    Pointwise.sameDevice("set", x, value);
    Plan p = plan(x, parts);
    if (p.dims.isEmpty()) {
      InPlace.copy("set", p.view, value);
    } else {
      InPlace.write(
          "set",
          p.view,
          GradMode.needsGrad(value),
          v -> put(new Plan(v, p.dims, p.indices), value));
    }
  }

  private static Plan plan(Tensor x, List<Index> parts) {
    long used = 0;
    int ellipses = 0;
    for (Index i : parts) {
      used +=
          i instanceof Index.Of o && o.indices().dtype() == DType.BOOL
              ? o.indices().dim()
              : i instanceof Index.NewAxis || i instanceof Index.Ellipsis ? 0 : 1;
      ellipses += i instanceof Index.Ellipsis ? 1 : 0;
    }
    if (used > x.dim() || ellipses > 1) {
      throw new IndexOutOfBoundsException(
          ellipses > 1
              ? "index: at most one ellipsis"
              : "index: " + used + " indices for a tensor of shape " + Dims.text(sizes(x)));
    }
    Tensor v = x;
    int d = 0;
    List<Integer> dims = new ArrayList<>();
    List<Tensor> indices = new ArrayList<>();
    for (Index i : parts) {
      if (i instanceof Index.At at) {
        v = v.select(d, at.index());
      } else if (i instanceof Index.Slice s) {
        v = slice(v, d++, s, parts.size() == 1);
      } else if (i instanceof Index.Ellipsis) {
        d += (int) (x.dim() - used);
      } else if (i instanceof Index.NewAxis) {
        v = v.unsqueeze(d++);
      } else if (i instanceof Index.Of o) {
        if (o.indices().dtype() == DType.BOOL) {
          for (Tensor t : whereTrue(v, d, o.indices())) {
            dims.add(d++);
            indices.add(t);
          }
        } else {
          boolean alone = parts.stream().filter(Index.Of.class::isInstance).count() == 1;
          dims.add(d);
          indices.add(inRange(o.indices().to(v.device()), v.size(d), d++, alone));
        }
      }
    }
    return new Plan(v, dims, indices);
  }

  private static Tensor slice(Tensor v, int d, Index.Slice s, boolean alone) {
    if (s.step() < 1) {
      throw new IllegalArgumentException(
          "index: the step must be at least 1, got " + s.step() + "; use flip");
    }
    // Among several indices PyTorch passes over a slice that takes all; alone it is a view.
    if (!alone && s.start() == null && s.end() == null && s.step() == 1) {
      return v;
    }
    return v.slice(
        d, s.start() == null ? 0 : s.start(), s.end() == null ? Long.MAX_VALUE : s.end(), s.step());
  }

  /** The positions where a mask over some dims holds, one index tensor per dim. */
  private static List<Tensor> whereTrue(Tensor v, int d, Tensor mask) {
    long[] s = sizes(mask);
    for (int i = 0; i < s.length; i++) {
      if (d + i >= v.dim() || sizes(v)[d + i] != s[i]) {
        throw new IndexOutOfBoundsException(
            "index: a mask of shape "
                + Dims.text(s)
                + " does not fit dims "
                + d
                + " and on of shape "
                + Dims.text(sizes(v)));
      }
    }
    boolean[] on = mask.toBooleanArray();
    int count = 0;
    for (boolean b : on) {
      count += b ? 1 : 0;
    }
    long[][] positions = new long[s.length][count];
    long[] steps = Dims.contiguousStrides(s);
    int n = 0;
    for (int i = 0; i < on.length; i++) {
      if (on[i]) {
        for (int k = 0; k < s.length; k++) {
          positions[k][n] = i / steps[k] % s[k];
        }
        n++;
      }
    }
    List<Tensor> out = new ArrayList<>();
    for (long[] p : positions) {
      out.add(Tensor.of(p).to(v.device()));
    }
    return out;
  }

  /**
   * Indices checked, with negative ones counted from the end; {@code alone}: there are none for
   * other dims, with which these would be made one.
   */
  private static Tensor inRange(Tensor index, long size, int dim, boolean alone) {
    Tensor i = Require.index("index", index.dtype().isInteger() ? index.toLong() : index);
    if (i.numel() == 0) {
      return i;
    }
    if (alone && !context(i).memory.isHost()) {
      // The kernel that uses it checks: to read the values here would wait for the device.
      return Tensor.where(i.lt(0), i.add(size), i);
    }
    long low = i.min().itemLong();
    long high = i.max().itemLong();
    if (low < -size || high >= size) {
      throw new IndexOutOfBoundsException(
          "index: "
              + (low < -size ? low : high)
              + " is out of range for dim "
              + dim
              + " of size "
              + size);
    }
    return low < 0 ? Tensor.where(i.lt(0), i.add(size), i) : i;
  }

  private static Tensor pick(Plan p) {
    int[] front = front(p);
    Tensor moved = p.view.permute(front);
    long[] s = sizes(moved);
    int k = p.dims.size();
    Tensor linear = linear(p);
    long[] rest = Arrays.copyOfRange(s, k, s.length);
    Dims.check("get", join(sizes(linear), rest));
    Tensor rows = moved.reshape(join(new long[] {Dims.product(s, 0, k)}, rest));
    Tensor picked = rows.indexSelect(0, linear.flatten());
    Tensor y =
        picked
            .reshape(join(sizes(linear), rest))
            .permute(back(p, linear.dim(), rest.length))
            .contiguous();
    if (y.gradFn() != null) {
      y = Recording.of("IndexBackward0", y.detach()).input(y, (g, saved) -> g).result();
    }
    return y;
  }

  private static Tensor put(Plan p, Tensor value) {
    int[] front = front(p);
    Tensor moved = p.view.permute(front);
    long[] s = sizes(moved);
    int k = p.dims.size();
    Tensor linear = linear(p);
    long[] rest = Arrays.copyOfRange(s, k, s.length);
    long[] flat = join(new long[] {Dims.product(s, 0, k)}, rest);
    int[] order = back(p, linear.dim(), rest.length);
    // The values in the order of the expression's result, then index dims first.
    long[] resultSizes = new long[order.length];
    long[] frontSizes = Dims.check("set", join(sizes(linear), rest));
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      resultSizes[i] = frontSizes[order[i]];
      inverse[order[i]] = i;
    }
    Tensor values = value.to(p.view.dtype()).expand(resultSizes).permute(inverse);
    Tensor source = values.reshape(join(new long[] {linear.numel()}, rest));
    long[] ones = new long[rest.length + 1];
    Arrays.fill(ones, 1);
    ones[0] = linear.numel();
    Tensor index = linear.reshape(ones).expand(sizes(source));
    Tensor done = moved.reshape(flat).scatter(0, index, source);
    int[] undo = new int[front.length];
    for (int i = 0; i < front.length; i++) {
      undo[front[i]] = i;
    }
    Tensor y = done.reshape(s).permute(undo);
    if (y.gradFn() != null) {
      y = Recording.of("IndexPutBackward0", y.detach()).input(y, (g, saved) -> g).result();
    }
    return y;
  }

  /** The indexed dims first, the others after them in order. */
  private static int[] front(Plan p) {
    int[] order = new int[p.view.dim()];
    int n = 0;
    for (int d : p.dims) {
      order[n++] = d;
    }
    for (int d = 0; d < order.length; d++) {
      if (!p.dims.contains(d)) {
        order[n++] = d;
      }
    }
    return order;
  }

  /**
   * Where the result's dims are in (index dims, rest): in place if the indexed dims are neighbours,
   * else in front.
   */
  private static int[] back(Plan p, int indexDims, int restDims) {
    int first = p.dims.get(0);
    boolean together = p.dims.get(p.dims.size() - 1) - first == p.dims.size() - 1;
    int before = together ? first : 0;
    int[] order = new int[indexDims + restDims];
    for (int i = 0; i < order.length; i++) {
      order[i] = i < before ? indexDims + i : i < before + indexDims ? i - before : i;
    }
    return order;
  }

  /**
   * One index into the joined dims: the indices weighed with the sizes after them, and broadcast
   * together.
   */
  private static Tensor linear(Plan p) {
    long[] sizes = sizes(p.indices.get(0));
    for (Tensor index : p.indices) {
      sizes = Dims.broadcast("index", sizes, sizes(index));
    }
    Tensor sum = null;
    for (int i = 0; i < p.dims.size(); i++) {
      Tensor index = p.indices.get(i);
      sum = sum == null ? index : sum.mul(p.view.size(p.dims.get(i))).add(index);
    }
    return sum;
  }

  private static long[] join(long[] a, long[] b) {
    long[] out = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, out, a.length, b.length);
    return out;
  }
}
