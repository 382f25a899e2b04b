package dev.flambeau.parity;

import java.util.List;

/** Ops that read and write by a tensor of indices. */
final class IndexCases {
  private static final Object[] NONE = {};
  private final Table table;

  private IndexCases(Table table) {
    this.table = table;
  }

  static Table cases(Table table) {
    IndexCases c = new IndexCases(table);
    c.ofEachType();
    c.oneHot();
    new IndexCases(table.joined(126, DType.I8, DType.I16)).ofEachType();
    return c.table;
  }

  private void ofEachType() {
    for (DType dtype : table.dtypes) {
      for (char layout : dtype.floating() ? new char[] {'c', 't', 's'} : new char[] {'c'}) {
        gather(dtype, layout);
        scatter(dtype, layout);
        select(dtype, layout);
      }
    }
  }

  private TableTensor given(DType dtype, char layout, long... shape) {
    TableTensor x = table.values.normal(dtype, shape).as(layout);
    return dtype.floating() ? x.needsGrad() : x;
  }

  private void gather(DType dtype, char layout) {
    TableTensor x = given(dtype, layout, 3, 4);
    gather(x, 0, table.values.classes(3, 2, 4));
    gather(x, 1, table.values.classes(4, 3, 6));
    gather(x, -1, table.values.classes(4, 2, 1));
    gather(given(dtype, layout, 2, 3, 2), 1, table.values.classes(3, 2, 5, 2));
    gather(given(dtype, layout, 5), 0, table.values.classes(5, 3));
    gather(x, 1, TableTensor.of(DType.I64, new long[] {1, 2}, 0, 4));
    gather(x, 1, TableTensor.of(DType.I64, new long[] {1, 1}, -1));
    gather(x, 1, table.values.classes(2, 4, 4));
    gather(x, 1, table.values.classes(2, 4));
  }

  private void gather(TableTensor x, long dim, TableTensor index) {
    table.maybe(
        "gather",
        new Object[] {dim},
        List.of(x, index),
        in -> Aten.call("gather", in[0], dim, in[1]));
  }

  private void scatter(DType dtype, char layout) {
    TableTensor x = given(dtype, layout, 3, 5);
    // No index twice in a line, or which one wins would be left open.
    TableTensor once = TableTensor.of(DType.I64, new long[] {2, 3}, 0, 4, 2, 3, 1, 0);
    TableTensor rows = TableTensor.of(DType.I64, new long[] {2, 4}, 2, 0, 1, 1, 0, 1, 2, 0);
    TableTensor often = table.values.classes(3, 4, 5);
    TableTensor src = given(dtype, layout, 4, 5);
    for (Object[] a : new Object[][] {{1L, once}, {0L, rows}}) {
      Object[] args = {a[0]};
      TableTensor index = (TableTensor) a[1];
      List<TableTensor> in3 = List.of(x, index, given(dtype, layout, index.shape()));
      table.one("scatter", args, in3, in -> Aten.call("scatter.src", in[0], a[0], in[1], in[2]));
      Object[] filled = {a[0], 2.0};
      List<TableTensor> in2 = List.of(x, index);
      // PyTorch takes a source larger than the index, but gives it no gradient.
      List<TableTensor> larger =
          List.of(x, index, new TableTensor(dtype, src.shape(), 'c', false, src.bytes()));
      table.one(
          "scatterAdd", args, larger, in -> Aten.call("scatter_add", in[0], a[0], in[1], in[2]));
      table.one("scatter", filled, in2, in -> Aten.call("scatter.value", in[0], a[0], in[1], 2.0));
      table.one("scatterAdd", args, in3, in -> Aten.call("scatter_add", in[0], a[0], in[1], in[2]));
    }
    List<TableTensor> dense = List.of(x, often, src);
    table.one(
        "scatterAdd",
        new Object[] {0L},
        dense,
        in -> Aten.call("scatter_add", in[0], 0, in[1], in[2]));
    List<TableTensor> outside = List.of(x, TableTensor.of(DType.I64, new long[] {1, 1}, 5), src);
    table.maybe(
        "scatter",
        new Object[] {1L},
        outside,
        in -> Aten.call("scatter.src", in[0], 1, in[1], in[2]));
    table.maybe(
        "scatterAdd",
        new Object[] {1L},
        outside,
        in -> Aten.call("scatter_add", in[0], 1, in[1], in[2]));
  }

  private void select(DType dtype, char layout) {
    TableTensor x = given(dtype, layout, 3, 4);
    for (Object[] a :
        new Object[][] {
          {0L, TableTensor.of(DType.I64, new long[] {4}, 2, 0, 0, 1)},
          {-1L, TableTensor.of(DType.I64, new long[] {2}, 3, 1)},
          {1L, TableTensor.of(DType.I64, new long[] {0})},
          {0L, TableTensor.of(DType.I64, new long[] {1}, 3)},
          {1L, TableTensor.of(DType.I64, new long[] {1, 2}, 0, 1)}
        }) {
      Object[] args = {a[0]};
      List<TableTensor> in2 = List.of(x, (TableTensor) a[1]);
      table.maybe("indexSelect", args, in2, in -> Aten.call("index_select", in[0], a[0], in[1]));
    }
    TableTensor deep = given(dtype, layout, 3, 4, 2);
    TableTensor i = TableTensor.of(DType.I64, new long[] {2, 1}, 2, -3);
    TableTensor j = TableTensor.of(DType.I64, new long[] {3}, 1, 0, 1);
    List<TableTensor> two = List.of(deep, i, j);
    table.one(
        "getBoth",
        NONE,
        two,
        in -> Aten.call("index.Tensor", in[0], new Aten.Indices(in[1], null, in[2])));
    table.one(
        "getPair",
        NONE,
        two,
        in -> Aten.call("index.Tensor", in[0], new Aten.Indices(in[1], in[2])));
    List<TableTensor> one = List.of(deep, j);
    table.one(
        "getInner",
        NONE,
        one,
        in -> Aten.call("index.Tensor", in[0], new Aten.Indices(null, in[1])));
    List<TableTensor> masked = List.of(deep, table.values.normal(DType.B1, 3, 4));
    table.one(
        "getIndex", NONE, masked, in -> Aten.call("index.Tensor", in[0], new Aten.Indices(in[1])));
    if (dtype != DType.B1) {
      for (long dim : new long[] {0, 1}) {
        TableTensor index = TableTensor.of(DType.I64, new long[] {3}, 1, 2, 1);
        TableTensor src = dim == 0 ? given(dtype, layout, 3, 4) : given(dtype, layout, 3, 3);
        List<TableTensor> in3 = List.of(x, index, src);
        table.one(
            "indexAdd",
            new Object[] {dim},
            in3,
            in -> Aten.call("index_add", in[0], dim, in[1], in[2], 1L));
      }
    }
  }

  private void oneHot() {
    for (TableTensor x :
        List.of(
            table.values.classes(4, 5),
            table.values.classes(3, 2, 3),
            TableTensor.of(DType.I64, new long[0], 2),
            TableTensor.of(DType.I64, new long[] {2}, 1, -1),
            TableTensor.of(DType.I64, new long[] {1}, 7),
            table.values.normal(DType.F32, 2))) {
      for (long classes : new long[] {-1, 4}) {
        table.maybe(
            "oneHot",
            new Object[] {classes},
            List.of(x),
            in -> Aten.call("one_hot", in[0], classes));
      }
    }
  }
}
