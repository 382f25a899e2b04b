package dev.flambeau.parity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Views and copies: which values land where, which node made them, and how a gradient goes back.
 */
final class ShapeCases {
  private static final Object[] NONE = {};
  private final Table table;

  private ShapeCases(Table table) {
    this.table = table;
  }

  static Table cases(Table table) {
    ShapeCases c = new ShapeCases(table);
    c.ofEachType();
    c.writing();
    c.factories();
    new ShapeCases(table.joined(125, DType.I8, DType.I16)).ofEachType();
    return c.table;
  }

  private void ofEachType() {
    for (DType dtype : table.dtypes) {
      boolean all = dtype == DType.F32;
      for (char layout : all ? new char[] {'c', 't', 's'} : new char[] {'c'}) {
        reshaping(dtype, layout);
        moving(dtype, layout);
        cutting(dtype, layout);
        joining(dtype, layout);
        indexing(dtype, layout);
      }
    }
  }

  private TableTensor given(DType dtype, char layout, long... shape) {
    TableTensor x = table.values.normal(dtype, shape).as(layout);
    return dtype.floating() ? x.needsGrad() : x;
  }

  private void reshaping(DType dtype, char layout) {
    List<TableTensor> x = List.of(given(dtype, layout, 2, 3, 4));
    for (long[] to :
        new long[][] {{6, 4}, {-1}, {4, -1, 2}, {2, 3, 4}, {24, 1}, {5, 5}, {-1, -1}, {2, 12}}) {
      table.maybe("reshape", new Object[] {to}, x, in -> Aten.call("reshape", in[0], to));
      table.maybe("view", new Object[] {to}, x, in -> Aten.call("view", in[0], to));
    }
    for (long[] d : new long[][] {{0, -1}, {1, 2}, {0, 1}, {1, 1}}) {
      Object[] args = {d[0], d[1]};
      table.one("flatten", args, x, in -> Aten.call("flatten.using_ints", in[0], d[0], d[1]));
    }
    List<TableTensor> scalar = List.of(given(dtype, 'c'));
    table.one(
        "flatten",
        new Object[] {0L, -1L},
        scalar,
        in -> Aten.call("flatten.using_ints", in[0], 0, -1));
    List<TableTensor> ones = List.of(given(dtype, layout, 1, 3, 1, 2));
    table.one("squeeze", NONE, ones, in -> Aten.call("squeeze", in[0]));
    for (long dim : new long[] {0, 1, 2, -2, -1, 4}) {
      table.maybe("squeeze", new Object[] {dim}, ones, in -> Aten.call("squeeze.dim", in[0], dim));
    }
    for (long dim : new long[] {0, 1, 3, -1, -4, 5}) {
      table.maybe("unsqueeze", new Object[] {dim}, x, in -> Aten.call("unsqueeze", in[0], dim));
    }
    List<TableTensor> row = List.of(given(dtype, layout, 3, 1));
    for (long[] to : new long[][] {{3, 4}, {2, 3, 1}, {-1, 2}, {2, 2, 3, 4}, {3, 1}, {4, 4}}) {
      table.maybe("expand", new Object[] {to}, row, in -> Aten.call("expand", in[0], to));
    }
    for (long[] times : new long[][] {{2, 1}, {1, 3}, {2, 1, 2}, {0, 2}, {2}}) {
      table.maybe("repeat", new Object[] {times}, row, in -> Aten.call("repeat", in[0], times));
    }
  }

  private void moving(DType dtype, char layout) {
    List<TableTensor> x = List.of(given(dtype, layout, 2, 3, 4));
    for (long[] d : new long[][] {{0, 1}, {1, -1}, {0, 0}, {0, 3}}) {
      table.maybe(
          "transpose",
          new Object[] {d[0], d[1]},
          x,
          in -> Aten.call("transpose.int", in[0], d[0], d[1]));
    }
    for (long[] d : new long[][] {{2, 0, 1}, {0, 1, 2}, {-1, 0, 1}, {0, 1}, {0, 0, 1}}) {
      table.maybe("permute", new Object[] {d}, x, in -> Aten.call("permute", in[0], d));
    }
    for (long[] d : new long[][] {{0}, {-1}, {0, 2}, {0, 1, 2}}) {
      table.one("flip", new Object[] {d}, x, in -> Aten.call("flip", in[0], d));
    }
    table.one("contiguous", NONE, x, in -> Aten.call("contiguous", in[0]));
    table.one("copy", NONE, x, in -> Aten.call("clone", in[0]));
  }

  private void cutting(DType dtype, char layout) {
    List<TableTensor> x = List.of(given(dtype, layout, 3, 5));
    for (long[] a : new long[][] {{0, 1, 2}, {1, 0, 5}, {-1, 2, 0}, {1, -2, 2}, {1, 4, 3}}) {
      table.maybe(
          "narrow",
          new Object[] {a[0], a[1], a[2]},
          x,
          in -> Aten.call("narrow", in[0], a[0], a[1], a[2]));
    }
    for (long[] a : new long[][] {{0, 1}, {1, -1}, {-2, 0}, {0, 3}, {2, 0}}) {
      table.maybe(
          "select", new Object[] {a[0], a[1]}, x, in -> Aten.call("select.int", in[0], a[0], a[1]));
    }
    for (long[] a :
        new long[][] {{1, 0, 5, 2}, {1, 1, 4, 1}, {0, -2, 3, 1}, {1, 3, 2, 1}, {1, 0, 99, 3}}) {
      table.one(
          "slice",
          new Object[] {a[0], a[1], a[2], a[3]},
          x,
          in -> Aten.call("slice.Tensor", in[0], a[0], a[1], a[2], a[3]));
    }
    for (long[] a : new long[][] {{2, 1}, {2, 0}, {5, 1}, {7, 1}}) {
      table.all(
          "split", new Object[] {a[0], a[1]}, x, in -> Aten.all("split.Tensor", in[0], a[0], a[1]));
    }
    for (long[] a : new long[][] {{2, 1}, {3, 1}, {4, 1}, {2, 0}}) {
      table.all("chunk", new Object[] {a[0], a[1]}, x, in -> Aten.all("chunk", in[0], a[0], a[1]));
    }
    for (long dim : new long[] {0, -1}) {
      table.all("unbind", new Object[] {dim}, x, in -> Aten.all("unbind.int", in[0], dim));
    }
  }

  private void joining(DType dtype, char layout) {
    List<TableTensor> pair = List.of(given(dtype, layout, 2, 3), given(dtype, layout, 2, 3));
    for (long dim : new long[] {0, 1, -1}) {
      table.one("cat", new Object[] {dim}, pair, in -> Aten.call("cat", in, dim));
      table.one("stack", new Object[] {dim}, pair, in -> Aten.call("stack", in, dim));
    }
    table.one("stack", new Object[] {2L}, pair, in -> Aten.call("stack", in, 2));
    List<TableTensor> three =
        List.of(given(dtype, 'c', 2, 1), given(dtype, layout, 2, 3), given(dtype, 'c', 2, 0));
    table.one("cat", new Object[] {1L}, three, in -> Aten.call("cat", in, 1));
    table.maybe("cat", new Object[] {0L}, three, in -> Aten.call("cat", in, 0));
    List<TableTensor> empty = List.of(given(dtype, 'c', 0), given(dtype, layout, 2, 3));
    table.maybe("cat", new Object[] {0L}, empty, in -> Aten.call("cat", in, 0));
  }

  private void indexing(DType dtype, char layout) {
    List<TableTensor> x = List.of(given(dtype, layout, 3, 4, 5));
    for (String text :
        List.of(
            "0",
            "-1",
            "0, 1",
            "0, :, ::2",
            "1:3",
            "..., 2",
            ":, 1:, 3",
            "None, 0",
            "..., None, ::4",
            "2, 3, 4",
            ":",
            "1:1",
            "-2:, ..., :2",
            "3",
            "0, 0, 0, 0")) {
      table.maybe("get", new Object[] {text}, x, in -> get(in[0], text));
    }
    TableTensor index = TableTensor.of(DType.I64, new long[] {2, 2}, 0, 2, -1, 0);
    List<TableTensor> taken = List.of(x.get(0), index);
    table.one(
        "getIndex", NONE, taken, in -> Aten.call("index.Tensor", in[0], new Aten.Indices(in[1])));
    TableTensor mask = table.values.normal(DType.B1, 3);
    table.one(
        "getIndex",
        NONE,
        List.of(x.get(0), mask),
        in -> Aten.call("index.Tensor", in[0], new Aten.Indices(in[1])));
  }

  /** What Python's {@code x[text]} does: a select for a number, a slice, an unsqueeze for None. */
  private static Tensor get(Tensor x, String text) {
    String[] parts = text.split(", *");
    long used = Arrays.stream(parts).filter(p -> !p.equals("None") && !p.equals("...")).count();
    if (used > x.dim()) {
      throw new IllegalStateException("too many indices");
    }
    Tensor out = x;
    int dim = 0;
    for (String part : parts) {
      if (part.equals("...")) {
        dim += (int) (x.dim() - used);
      } else if (part.equals("None")) {
        out = Aten.call("unsqueeze", out, dim++);
      } else if (part.contains(":")) {
        String[] ends = part.split(":", -1);
        Object step = ends.length > 2 ? number(ends[2]) : Long.valueOf(1);
        Object from = ends[0].isEmpty() ? Long.valueOf(0) : number(ends[0]);
        Object to = ends[1].isEmpty() ? Long.valueOf(Long.MAX_VALUE) : number(ends[1]);
        // Among several indices a slice that takes all is skipped, as Python's indexing does;
        // alone it is not.
        boolean whole =
            parts.length > 1 && step.equals(1L) && from.equals(0L) && (Long) to >= out.size(dim);
        out = whole ? out : Aten.call("slice.Tensor", out, dim, from, to, step);
        dim++;
      } else {
        out = Aten.call("select.int", out, dim, number(part));
      }
    }
    return out == x ? Aten.call("alias", x) : out;
  }

  private static Long number(String text) {
    return Long.valueOf(text.trim());
  }

  private void factories() {
    for (long[] a : new long[][] {{0, 5, 1}, {-3, 10, 4}, {7, -8, -5}, {2, 2, 1}}) {
      Object[] args = {a[0], a[1], a[2]};
      List<TableTensor> none = List.of();
      table.one(
          "arange",
          args,
          none,
          in -> Aten.call("arange.start_step", a[0], a[1], a[2], null, null, null, null));
    }
    for (double[] a : new double[][] {{0, 1, 0.1}, {-1.5, 2.25, 0.3}, {5, 0, -0.7}}) {
      Object[] args = {a[0], a[1], a[2]};
      table.one(
          "arange",
          args,
          List.of(),
          in -> Aten.call("arange.start_step", a[0], a[1], a[2], DType.F32, null, null, null));
    }
    for (double[] a :
        new double[][] {{0, 1, 11}, {-2.5, 3.1, 37}, {4, -4, 6}, {1, 2, 1}, {0, 1, 0}}) {
      long steps = (long) a[2];
      table.one(
          "linspace",
          new Object[] {a[0], a[1], steps},
          List.of(),
          in -> Aten.call("linspace", a[0], a[1], steps, DType.F32, null, null, null));
    }
    for (long[] a : new long[][] {{3, 3}, {2, 4}, {4, 2}, {0, 2}}) {
      table.one(
          "eye",
          new Object[] {a[0], a[1]},
          List.of(),
          in -> Aten.call("eye.m", a[0], a[1], DType.F32, null, null, null));
    }
  }

  /** {@code y = x.copy(); y.set(value, index)}. */
  private void writing() {
    for (DType dtype : new DType[] {DType.F32, DType.F64, DType.I64}) {
      List<Object[]> at = new ArrayList<>();
      at.add(new Object[] {"1", new long[] {4}});
      at.add(new Object[] {":, 1:3", new long[] {3, 2}});
      at.add(new Object[] {"0, 2", new long[] {}});
      at.add(new Object[] {"..., ::2", new long[] {2}});
      for (Object[] a : at) {
        String text = (String) a[0];
        List<TableTensor> in2 = List.of(given(dtype, 'c', 3, 4), given(dtype, 'c', (long[]) a[1]));
        table.one(
            "set",
            new Object[] {text},
            in2,
            in -> {
              Tensor base = Aten.call("clone", in[0]);
              Aten.call("copy_", get(base, text), in[1]);
              return base;
            });
      }
      TableTensor index = TableTensor.of(DType.I64, new long[] {2}, 2, 0);
      List<TableTensor> in3 = List.of(given(dtype, 'c', 3, 4), index, given(dtype, 'c', 2, 4));
      table.one(
          "setIndex",
          NONE,
          in3,
          in ->
              Aten.call(
                  "index_put_", Aten.call("clone", in[0]), new Aten.Indices(in[1]), in[2], false));
    }
  }
}
