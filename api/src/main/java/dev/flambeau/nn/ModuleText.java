package dev.flambeau.nn;

/** The tree of modules as PyTorch prints it. */
final class ModuleText {
  private final StringBuilder text = new StringBuilder();
  private int open; // how many of the modules above the present one wait for their bracket

  private ModuleText() {}

  static String of(Module root) {
    ModuleText t = new ModuleText();
    ModuleWalk walk = new ModuleWalk(root, null);
    for (Module m = walk.next(); m != null; m = walk.next()) {
      int depth = walk.depth();
      t.close(depth);
      if (depth > 0) {
        t.line(depth).append('(').append(walk.name()).append("): ");
      }
      if (m != root && hasItsOwnText(m)) {
        t.text.append(m.toString().replace("\n", lineBreak(depth)));
        walk.skipBelow();
      } else {
        t.begin(m, depth);
      }
    }
    t.close(0);
    return t.text.toString();
  }

  private static String lineBreak(int depth) {
    return "\n" + "  ".repeat(depth);
  }

  private StringBuilder line(int depth) {
    return text.append(lineBreak(depth));
  }

  private void begin(Module m, int depth) {
    String extra = m.extraRepr();
    text.append(m.typeName()).append('(');
    if (m.namedChildren().isEmpty() && extra.indexOf('\n') < 0) {
      text.append(extra).append(')');
      return;
    }
    open++;
    if (!extra.isEmpty()) {
      line(depth + 1).append(extra.replace("\n", lineBreak(depth + 1)));
    }
  }

  /** Writes the brackets of the modules from this depth on. */
  private void close(int depth) {
    while (open > depth) {
      line(--open).append(')');
    }
  }

  /** Whether a class of a program's prints itself in another way. */
  private static boolean hasItsOwnText(Module m) {
    try {
      return m.getClass().getMethod("toString").getDeclaringClass() != Module.class;
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e); // every class has it
    }
  }
}
