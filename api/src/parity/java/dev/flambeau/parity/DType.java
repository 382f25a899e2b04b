package dev.flambeau.parity;

/**
 * The element types of the tables: their code in a table and in libtorch, and their size in bytes.
 */
enum DType {
  F32("f32", 6, 4),
  F64("f64", 7, 8),
  I64("i64", 4, 8),
  I32("i32", 3, 4),
  U8("u8", 0, 1),
  B1("b1", 11, 1),
  I8("i8", 1, 1),
  I16("i16", 2, 2);

  final String code;
  final int torch;
  final int bytes;

  DType(String code, int torch, int bytes) {
    this.code = code;
    this.torch = torch;
    this.bytes = bytes;
  }

  boolean floating() {
    return this == F32 || this == F64;
  }

  static DType of(int torch) {
    for (DType d : values()) {
      if (d.torch == torch) {
        return d;
      }
    }
    throw new IllegalArgumentException("no table type for libtorch's " + torch);
  }
}
