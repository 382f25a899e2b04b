package dev.flambeau.vision;

import dev.flambeau.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Makes an image of an image; both are tensors of shape (..., C, H, W). A lambda will do. */
@FunctionalInterface
public interface Transform extends UnaryOperator<Tensor> {
  /** The image transformed. The input is not changed, but the result may be it or a view of it. */
  @Override
  Tensor apply(Tensor image);

  /** This transform, then {@code next}. */
  default Compose then(Transform next) {
    return new Compose(List.of(this, next));
  }
}
