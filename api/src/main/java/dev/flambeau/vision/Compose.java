package dev.flambeau.vision;

import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Transforms one after the other; none is fine. Prints one to a line. */
public final class Compose implements Transform {
  private final List<Transform> transforms;

  /** Of these transforms, first to last. */
  public Compose(Transform... transforms) {
    this(List.of(transforms));
  }

  /** Of a copy of this list of transforms, first to last. */
  public Compose(List<? extends Transform> transforms) {
    this.transforms = List.copyOf(transforms);
  }

  /** The transforms, first to last. */
  public List<Transform> transforms() {
    return transforms;
  }

  @Override
  public Tensor apply(Tensor image) {
    try (var scope = Scope.open()) {
      Tensor x = image;
      for (Transform t : transforms) {
        x = t.apply(x);
      }
      return scope.keep(x);
    }
  }

  @Override
  public Compose then(Transform next) {
    List<Transform> all = new ArrayList<>(transforms);
    all.add(next);
    return new Compose(all);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Compose(");
    for (Transform t : transforms) {
      text.append("\n    ").append(t);
    }
    return text.append("\n)").toString();
  }
}
