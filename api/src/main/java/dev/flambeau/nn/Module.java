package dev.flambeau.nn;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A part of a model: parameters, buffers and smaller modules, each under a name. {@link Layer} and
 * {@link Loss} are the kinds that can be called; a module of one's own may also have methods of any
 * other form:
 *
 * <pre>{@code
 * class Pair extends Module {
 *   final Linear left = module("left", new Linear(4, 8));
 *   final Linear right = module("right", new Linear(6, 8));
 *
 *   Tensor call(Tensor a, Tensor b) { return left.call(a).add(right.call(b)); }
 * }
 * }</pre>
 *
 * <p>Names follow PyTorch: {@code left.weight} is the parameter {@code weight} of the child {@code
 * left}. The order is that of registration. A module prints as PyTorch prints it.
 *
 * <p>Several threads may read one module at once: call it (for inference each under its own {@link
 * Autograd#noGrad()}), list its parameters, save its state. They may also train through it at once:
 * the gradients that they add to one parameter are added one after the other. What changes the
 * module needs the program's own order, with no other thread using it at that time: registering and
 * replacing what it is made of, {@link #train()} and {@link #eval()}, {@link #loadStateDict(Map)},
 * {@link #to(Device)} and {@link #to(DType)}, {@link #requiresGrad_(boolean)}, {@link #zeroGrad()},
 * and an optimizer's step.
 */
public abstract class Module {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private final boolean isBuiltIn = this instanceof BuiltIn;
  private boolean training = true;
  private boolean hasParent; // whether it ever became the child of a module

  /** For subclasses, which register what they are made of. */
  protected Module() {}

  // ---- what a module is made of

  /**
   * Registers a parameter, which then requires gradients, and returns it. A parameter of the same
   * name is replaced.
   *
   * @throws IllegalArgumentException for the result of a recorded operation, for integers, and for
   *     a name that is taken or contains a dot
   */
  protected final Tensor parameter(String name, Tensor value) {
    requireName("parameter", name, buffers, children);
    if (!value.isLeaf()) {
      throw new IllegalArgumentException(
          "parameter: "
              + name
              + " is the result of "
              + value.gradFn().name()
              + ", so it cannot be learnt; use detach()");
    }
    parameters.put(name, value.asParameter());
    return value;
  }

  /**
   * Registers a tensor that is saved and moved with the module but not learnt, and returns it. A
   * buffer of the same name is replaced.
   */
  protected final Tensor buffer(String name, Tensor value) {
    requireName("buffer", name, parameters, children);
    buffers.put(name, value.escape());
    return value;
  }

  /** Registers a child, and returns it. A child of the same name is replaced. */
  protected final <M extends Module> M module(String name, M child) {
    requireName("module", name, parameters, buffers);
    Module below = child;
    below.hasParent = true;
    if (hasParent && below.contains(this)) { // what never had a parent is below no module
      throw new IllegalArgumentException("module: " + name + " contains its own parent");
    }
    children.put(name, child);
    return child;
  }

  private boolean contains(Module other) {
    ModuleWalk walk = new ModuleWalk(this, identitySet());
    for (Module m = walk.next(); m != null; m = walk.next()) {
      if (m == other) {
        return true;
      }
    }
    return false;
  }

  private void requireName(String what, String name, Map<?, ?> other, Map<?, ?> another) {
    if (name.isEmpty() || name.indexOf('.') >= 0) {
      throw new IllegalArgumentException(
          what + ": the name must not be empty or contain a dot, got \"" + name + "\"");
    }
    if (other.containsKey(name) || another.containsKey(name)) {
      throw new IllegalArgumentException(
          what + ": " + typeName() + " already has something else named \"" + name + "\"");
    }
  }

  /** The parameters of this module and of all below it, each once. */
  public final List<Tensor> parameters() {
    return members(m -> m.parameters, null);
  }

  /** The parameters under their dotted names, each once. */
  public final Map<String, Tensor> namedParameters() {
    Map<String, Tensor> named = new LinkedHashMap<>();
    members(m -> m.parameters, named);
    return named;
  }

  /** The buffers of this module and of all below it, each once. */
  public final List<Tensor> buffers() {
    return members(m -> m.buffers, null);
  }

  /** The buffers under their dotted names, each once. */
  public final Map<String, Tensor> namedBuffers() {
    Map<String, Tensor> named = new LinkedHashMap<>();
    members(m -> m.buffers, named);
    return named;
  }

  /** The modules directly below this one. */
  public final List<Module> children() {
    return List.copyOf(children.values());
  }

  /** The modules directly below this one, under their names. */
  public final Map<String, Module> namedChildren() {
    return Collections.unmodifiableMap(children);
  }

  /** This module and all below it, each once, parents first. */
  public final List<Module> modules() {
    List<Module> all = new ArrayList<>();
    ModuleWalk walk = new ModuleWalk(this, identitySet());
    for (Module m = walk.next(); m != null; m = walk.next()) {
      all.add(m);
    }
    return all;
  }

  /** This module, named {@code ""}, and all below it under their dotted names, each once. */
  public final Map<String, Module> namedModules() {
    Map<String, Module> all = new LinkedHashMap<>();
    ModuleWalk walk = new ModuleWalk(this, identitySet());
    for (Module m = walk.next(); m != null; m = walk.next()) {
      all.put(walk.path(), m);
    }
    return all;
  }

  /**
   * The tensors of one kind, each once; with their dotted names in {@code named}, if that is not
   * null. In a deep tree names are long, and made only where they are wanted.
   */
  private List<Tensor> members(
      Function<Module, Map<String, Tensor>> kind, Map<String, Tensor> named) {
    List<Tensor> all = new ArrayList<>();
    Set<Tensor> seen = identitySet();
    ModuleWalk walk = new ModuleWalk(this, identitySet());
    for (Module m = walk.next(); m != null; m = walk.next()) {
      Map<String, Tensor> own = kind.apply(m);
      String path = named == null || own.isEmpty() ? null : walk.path();
      for (var member : own.entrySet()) {
        if (seen.add(member.getValue())) {
          all.add(member.getValue());
          if (named != null) {
            named.put(join(path, member.getKey()), member.getValue());
          }
        }
      }
    }
    return all;
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static <T> Set<T> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  // ---- saving and loading

  /**
   * The parameters and buffers under their dotted names, detached. They share the module's memory:
   * {@link Tensor#copy()} keeps a state that training shall not change.
   */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    stored().forEach((name, t) -> state.put(name, t.detach().escape()));
    return state;
  }

  /**
   * What a non-strict load found.
   *
   * @param missingKeys names of this module that the state lacks
   * @param unexpectedKeys names of the state that this module lacks
   */
  public record IncompatibleKeys(List<String> missingKeys, List<String> unexpectedKeys) {
    @Override
    public String toString() {
      return missingKeys.isEmpty() && unexpectedKeys.isEmpty()
          ? "<All keys matched successfully>"
          : "_IncompatibleKeys(missing_keys="
              + StateLoad.quoted(missingKeys, "'", "[", "]")
              + ", unexpected_keys="
              + StateLoad.quoted(unexpectedKeys, "'", "[", "]")
              + ")";
    }
  }

  /** As {@link #loadStateDict(Map, boolean)}, strict. */
  public final IncompatibleKeys loadStateDict(Map<String, Tensor> state) {
    return loadStateDict(state, true);
  }

  /**
   * Copies values into this module's parameters and buffers, in place, converted to their dtype and
   * device. Nothing is changed if there is an error.
   *
   * @param strict whether the names must be the same; otherwise those in common are loaded
   * @throws IllegalArgumentException listing all missing and unexpected names, if strict, and all
   *     tensors that are null, released, or of another shape
   */
  public final IncompatibleKeys loadStateDict(Map<String, Tensor> state, boolean strict) {
    return StateLoad.into(typeName(), stored(), state, strict);
  }

  /** All that a state dict holds, a shared tensor under each of its names. */
  private Map<String, Tensor> stored() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    ModuleWalk walk = new ModuleWalk(this, null);
    for (Module m = walk.next(); m != null; m = walk.next()) {
      if (!m.parameters.isEmpty() || !m.buffers.isEmpty()) {
        String path = walk.path();
        m.parameters.forEach((name, t) -> all.put(join(path, name), t));
        m.buffers.forEach((name, t) -> all.put(join(path, name), t));
      }
    }
    return all;
  }

  // ---- modes, gradients, dtype and device

  /** Puts this module and all below it into training mode: dropout drops. The mode at first. */
  public final Module train() {
    return train(true);
  }

  /** Puts this module and all below it into training or evaluation mode. */
  public final Module train(boolean mode) {
    ModuleWalk walk = new ModuleWalk(this, null);
    for (Module m = walk.next(); m != null; m = walk.next()) {
      m.training = mode;
    }
    return this;
  }

  /** Puts this module and all below it into evaluation mode. Does not switch gradients off. */
  public final Module eval() {
    return train(false);
  }

  /** Whether the module is in training mode. */
  public final boolean isTraining() {
    return training;
  }

  /** Removes the gradients of all parameters. */
  public final void zeroGrad() {
    parameters().forEach(Tensor::zeroGrad);
  }

  /** Asks for gradients of all parameters, or freezes them. */
  public final Module requiresGrad_(boolean wanted) {
    parameters().forEach(p -> p.requiresGrad_(wanted));
    return this;
  }

  /** Calls {@code action} with every module below, then with this one. */
  public final Module apply(Consumer<Module> action) {
    ModuleWalk walk = new ModuleWalk(this, null);
    for (Module m = walk.nextChildrenFirst(); m != null; m = walk.nextChildrenFirst()) {
      action.accept(m);
    }
    return this;
  }

  /**
   * Converts floating parameters, their gradients and floating buffers. The tensors stay the same
   * objects, so an optimizer goes on with them.
   *
   * @throws IllegalArgumentException if {@code type} is not floating
   */
  public final Module to(DType type) {
    if (!type.isFloating()) {
      throw new IllegalArgumentException("to: a module can become a floating type, not " + type);
    }
    return convert(t -> t.dtype().isFloating() ? t.to(type) : t);
  }

  /** Moves parameters, their gradients and buffers to a device; the tensors stay the same. */
  public final Module to(Device device) {
    return convert(t -> t.to(device));
  }

  private Module convert(UnaryOperator<Tensor> change) {
    try (var off = Autograd.noGrad();
        var scope = Scope.open()) {
      for (Tensor p : parameters()) {
        Tensor gradient = p.grad();
        p.setData(change.apply(p.detach()));
        if (gradient != null) {
          p.setGrad(change.apply(gradient.detach()));
        }
      }
      buffers().forEach(b -> b.setData(change.apply(b.detach())));
    }
    return this;
  }

  // ---- memory

  /**
   * Whether what a call makes on its way may be freed when it returns. True for the modules of this
   * package. For others it is false, since their code may store a tensor in a field; a module that
   * stores none may override this to return true, and its memory then returns at once instead of
   * with the garbage collector.
   */
  protected boolean freesTemporaries() {
    return isBuiltIn;
  }

  /** Whether this is one of this package's own modules. */
  final boolean isBuiltIn() {
    return isBuiltIn;
  }

  /** Whether hooks see the tensors of this module's calls. */
  boolean isWatched() {
    return false;
  }

  /** Whether a call of this module may open a scope: nothing inside may store tensors. */
  final boolean isScoped() {
    if (!freesTemporaries()) {
      return false;
    }
    ArrayDeque<Module> rest = null;
    for (Module m = this; m != null; m = rest == null ? null : rest.poll()) {
      for (Module child : m.children.values()) {
        if (child.isWatched() || !child.freesTemporaries()) {
          return false;
        }
        if (!child.children.isEmpty()) {
          rest = rest == null ? new ArrayDeque<>() : rest;
          rest.add(child);
        }
      }
    }
    return true;
  }

  // ---- text

  /** What the text of a module says between its brackets; lines are separated by {@code \n}. */
  protected String extraRepr() {
    return "";
  }

  /** The name in the text: the class's, or for an anonymous class its parent's. */
  final String typeName() {
    Class<?> c = getClass();
    while (c.isAnonymousClass()) {
      c = c.getSuperclass();
    }
    return c.getSimpleName();
  }

  /** The tree of modules, as PyTorch prints it. */
  @Override
  public String toString() {
    return ModuleText.of(this);
  }
}
