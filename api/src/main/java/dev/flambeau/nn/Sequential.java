package dev.flambeau.nn;

import dev.flambeau.Activation;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Layers one after the other, named {@code 0}, {@code 1}, ... or as {@link #add(String, Layer)}
 * says.
 */
public final class Sequential extends Layer implements BuiltIn, Iterable<Layer> {
  private final List<Layer> layers = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final Set<String> taken = new HashSet<>();

  /** The layers, named by their positions; more may be added. */
  public Sequential(Layer... layers) {
    for (Layer layer : layers) {
      add(layer);
    }
  }

  /** Appends a layer, named by its position. */
  public Sequential add(Layer layer) {
    return add(Integer.toString(layers.size()), layer);
  }

  /**
   * Appends a layer under a name.
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public Sequential add(String name, Layer layer) {
    if (taken.contains(name)) {
      throw new IllegalArgumentException("add: there is already a layer named \"" + name + "\"");
    }
    module(name, layer);
    layers.add(layer);
    names.add(name);
    taken.add(name);
    return this;
  }

  /** Number of layers. */
  public int size() {
    return layers.size();
  }

  /**
   * The layer at a position; negative positions count from the end.
   *
   * @throws IndexOutOfBoundsException if there is no such position
   */
  public Layer get(int position) {
    return layers.get(index(position));
  }

  /**
   * The layer at a position, as its type: {@code model.get(0, Linear.class).weight}.
   *
   * @throws IllegalArgumentException if it is of another type
   */
  public <L extends Layer> L get(int position, Class<L> type) {
    Layer layer = get(position);
    if (!type.isInstance(layer)) {
      throw new IllegalArgumentException(
          "get: layer " + position + " is a " + layer.typeName() + ", not " + type.getSimpleName());
    }
    return type.cast(layer);
  }

  /** Puts another layer at a position, under the name of the one that was there. */
  public Sequential set(int position, Layer layer) {
    int i = index(position);
    module(names.get(i), layer);
    layers.set(i, layer);
    return this;
  }

  private int index(int position) {
    int n = layers.size();
    if (position < -n || position >= n) {
      throw new IndexOutOfBoundsException(
          "Sequential: there is no layer " + position + " among " + n);
    }
    return position < 0 ? position + n : position;
  }

  @Override
  public Iterator<Layer> iterator() {
    return Collections.unmodifiableList(layers).iterator();
  }

  @Override
  protected Tensor forward(Tensor x) {
    return run(x, false);
  }

  @Override
  Tensor inScope(Tensor x) { // one scope does for all
    return run(x, true);
  }

  /**
   * Layer after layer; a linear one and its activation in one kernel, unless one of them has hooks.
   * The layers of a Sequential inside join the loop: nesting needs no stack.
   */
  private Tensor run(Tensor x, boolean inScope) {
    Tensor y = x;
    Run run = new Run(null, this, x, inScope, null);
    try {
      while (true) {
        List<Layer> all = run.of.layers;
        int i = run.next++;
        if (i == all.size()) {
          if (run.outer == null) {
            return y;
          }
          run.end(y);
          run = run.outer;
          continue;
        }
        Layer layer = all.get(i);
        Layer next = i + 1 < all.size() ? all.get(i + 1) : null;
        Activation activation = next == null ? null : next.activation();
        if (activation != null
            && layer instanceof Linear linear
            && !linear.isWatched()
            && !next.isWatched()) {
          y = linear.forward(y, activation);
          run.next++;
        } else if (layer instanceof Sequential inner) {
          run = run.begin(inner, y);
        } else {
          y = run.inScope ? layer.inScope(y) : layer.call(y);
        }
      }
    } catch (Throwable e) {
      for (Run r = run; r != null; r = r.outer) {
        r.abandon(e);
      }
      throw e;
    }
  }

  /** A Sequential at work, and the one that called it. */
  private static final class Run {
    final Run outer;
    final Sequential of;
    final Tensor input;
    final boolean inScope; // of its own, or of one that began before it
    final Scope scope; // its own, or null
    int next;

    Run(Run outer, Sequential of, Tensor input, boolean inScope, Scope scope) {
      this.outer = outer;
      this.of = of;
      this.input = input;
      this.inScope = inScope;
      this.scope = scope;
    }

    /** What {@link Layer#call} or {@link Layer#inScope} does before the layers run. */
    Run begin(Sequential inner, Tensor x) {
      if (inScope) {
        return new Run(this, inner, x, true, null);
      }
      inner.begin(x);
      boolean scoped = inner.isScoped();
      return new Run(this, inner, x, scoped, scoped ? Scope.open() : null);
    }

    /** What they do when the layers are through. */
    void end(Tensor y) {
      if (scope != null) {
        scope.keep(y);
        scope.close();
      }
      if (!outer.inScope) {
        of.end(input, y);
      }
    }

    void abandon(Throwable why) {
      if (scope != null) {
        try {
          scope.close();
        } catch (RuntimeException e) {
          why.addSuppressed(e);
        }
      }
    }
  }
}
