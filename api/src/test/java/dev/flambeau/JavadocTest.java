package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExportsTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Everything that a program sees has a first sentence, and every package a page. What a comment
 * says of other types and of its own parameters is held by {@code -Xdoclint} in each compilation.
 */
@Tag("sources")
class JavadocTest {
  /** Modules whose types are read by those who use them. */
  private static final List<String> PUBLIC = List.of("api", "cpu-native", "cuda-native", "cli");

  private static final List<String> ALL =
      List.of("api", "cpu-native", "cuda-native", "cli", "examples", "bench");

  private static List<Path> sources(Path module) throws IOException {
    try (Stream<Path> all = Files.walk(module.resolve("src/main/java"))) {
      return all.filter(p -> p.toString().endsWith(".java")).sorted().toList();
    }
  }

  /** One module's sources, parsed, and what is found missing in them. */
  private static final class Reader {
    final Path root;
    final DocTrees trees;
    final List<CompilationUnitTree> units = new ArrayList<>();

    /** Exported packages; null where there is no module-info: all. */
    Set<String> exported;

    int members;
    final List<String> missing = new ArrayList<>();
    final List<String> twins = new ArrayList<>();
    private CompilationUnitTree unit;

    Reader(Path root, String module) throws IOException {
      this.root = root;
      JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
      try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
        var sources = files.getJavaFileObjectsFromPaths(sources(root.resolve(module)));
        JavacTask task = (JavacTask) javac.getTask(null, files, null, null, null, sources);
        trees = DocTrees.instance(task);
        task.parse().forEach(units::add);
      }
      for (CompilationUnitTree u : units) {
        if (u.getModule() != null) {
          exported = new HashSet<>();
          for (Tree t : u.getModule().getDirectives()) {
            if (t instanceof ExportsTree e && e.getModuleNames() == null) {
              exported.add(e.getPackageName().toString());
            }
          }
        }
      }
    }

    void read() {
      Map<String, ClassTree> hidden = new HashMap<>();
      for (CompilationUnitTree u : units) {
        for (Tree t : u.getTypeDecls()) {
          if (t instanceof ClassTree c && !isPublic(c)) {
            hidden.put(u.getPackageName() + "." + c.getSimpleName(), c);
          }
        }
      }
      Set<ClassTree> seen = new HashSet<>();
      for (CompilationUnitTree u : units) {
        if (u.getPackageName() == null
            || exported != null && !exported.contains(u.getPackageName().toString())) {
          continue;
        }
        for (Tree t : u.getTypeDecls()) {
          // What a public class inherits from one that is not is seen all the same.
          for (ClassTree c = t instanceof ClassTree k && isPublic(k) ? k : null; c != null; ) {
            seen.add(c);
            c = hidden.get(u.getPackageName() + "." + nameOf(c.getExtendsClause()));
          }
        }
      }
      for (CompilationUnitTree u : units) {
        unit = u;
        for (Tree t : u.getTypeDecls()) {
          if (t instanceof ClassTree c && seen.contains(c)) {
            type(c, new TreePath(new TreePath(u), c));
          }
        }
      }
    }

    private static boolean isPublic(ClassTree c) {
      return c.getModifiers().getFlags().contains(Modifier.PUBLIC);
    }

    private static String nameOf(Tree type) {
      Tree t = type instanceof ParameterizedTypeTree p ? p.getType() : type;
      return t instanceof IdentifierTree i ? i.getName().toString() : "";
    }

    private void type(ClassTree type, TreePath path) {
      String name = type.getSimpleName().toString();
      check(type, path, name);
      boolean isInterface =
          type.getKind() == Tree.Kind.INTERFACE || type.getKind() == Tree.Kind.ANNOTATION_TYPE;
      Set<String> components = new TreeSet<>();
      Map<String, String> overloads = new HashMap<>();
      for (Tree t : type.getMembers()) {
        TreePath p = new TreePath(path, t);
        if (t instanceof ClassTree c && isSeen(c.getModifiers(), isInterface)) {
          type(c, p);
        } else if (t instanceof MethodTree m && isSeen(m.getModifiers(), isInterface)) {
          boolean inherits =
              m.getModifiers().getAnnotations().stream()
                  .anyMatch(a -> nameOf(a.getAnnotationType()).equals("Override"));
          if (!inherits) {
            String own = m.getName().contentEquals("<init>") ? "constructor" : m.getName() + "";
            String full = name + "." + own + "(" + m.getParameters() + ")";
            check(m, p, full);
            String other = overloads.put(own + " " + trees.getDocComment(p), full);
            if (other != null && trees.getDocComment(p) != null) {
              twins.add(place(m) + " " + full + " and " + other);
            }
          }
        } else if (t instanceof VariableTree v) {
          boolean isStatic = v.getModifiers().getFlags().contains(Modifier.STATIC);
          if (type.getKind() == Tree.Kind.RECORD && !isStatic) {
            components.add(v.getName().toString());
          } else if (isSeen(v.getModifiers(), isInterface)) {
            check(v, p, name + "." + v.getName());
          }
        }
      }
      DocCommentTree doc = trees.getDocCommentTree(path);
      for (DocTree tag : doc == null ? List.<DocTree>of() : doc.getBlockTags()) {
        if (tag instanceof ParamTree p && !p.getDescription().isEmpty()) {
          components.remove(p.getName().toString());
        }
      }
      for (String c : components) {
        missing.add(place(type) + " " + name + ": @param " + c);
      }
    }

    private static boolean isSeen(ModifiersTree modifiers, boolean inInterface) {
      Set<Modifier> m = modifiers.getFlags();
      return inInterface && !m.contains(Modifier.PRIVATE)
          || m.contains(Modifier.PUBLIC)
          || m.contains(Modifier.PROTECTED);
    }

    private void check(Tree tree, TreePath path, String name) {
      members++;
      DocCommentTree doc = trees.getDocCommentTree(path);
      if (doc == null || doc.getFirstSentence().isEmpty()) {
        missing.add(place(tree) + " " + name);
      }
    }

    private String place(Tree tree) {
      long start = trees.getSourcePositions().getStartPosition(unit, tree);
      return root.relativize(Path.of(unit.getSourceFile().toUri()))
          + ":"
          + unit.getLineMap().getLineNumber(start);
    }
  }

  @Test
  void everyPublicMemberHasAFirstSentence() throws IOException {
    Path root = ArchitectureTest.repository();
    List<String> missing = new ArrayList<>();
    List<String> twins = new ArrayList<>();
    int members = 0;
    for (String module : PUBLIC) {
      Reader reader = new Reader(root, module);
      reader.read();
      missing.addAll(reader.missing);
      twins.addAll(reader.twins);
      members += reader.members;
    }
    assertTrue(members > 1000, "only " + members + " members found");
    assertTrue(
        missing.isEmpty(),
        () -> missing.size() + " without a first sentence:\n" + String.join("\n", missing));
    assertEquals(List.of(), twins, "overloads of which none says what it adds to the other");
  }

  /** A package's page says what to read first. */
  @Test
  void everyPackageHasAPage() throws IOException {
    Path root = ArchitectureTest.repository();
    Set<String> packages = new TreeSet<>();
    Set<String> told = new TreeSet<>();
    for (String module : ALL) {
      Reader reader = new Reader(root, module);
      for (CompilationUnitTree u : reader.units) {
        Path file = Path.of(u.getSourceFile().toUri());
        if (u.getPackage() == null) {
          continue;
        }
        packages.add(u.getPackageName().toString());
        TreePath page = new TreePath(new TreePath(u), u.getPackage());
        DocCommentTree doc =
            file.endsWith("package-info.java") ? reader.trees.getDocCommentTree(page) : null;
        if (doc != null && doc.toString().contains("<p>To read it: ")) {
          told.add(u.getPackageName().toString());
        }
      }
    }
    assertTrue(packages.size() > 20, packages::toString);
    packages.removeAll(told);
    assertEquals(
        Set.of(), packages, "packages whose package-info has no paragraph \"<p>To read it: \"");
  }
}
