package dev.flambeau.examples;

import dev.flambeau.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The images of Fashion-MNIST, and what they show.
 *
 * @param images float32 of shape (n, 784), 0 to 1
 * @param labels int64 of shape (n)
 */
record FashionImages(Tensor images, Tensor labels) {
  /** Reads the part {@code train} or {@code t10k}. */
  static FashionImages read(Path folder, String part) throws IOException {
    Tensor pixels = IdxFile.read(file(folder, part + "-images-idx3-ubyte"));
    Tensor labels = IdxFile.read(file(folder, part + "-labels-idx1-ubyte"));
    if (pixels.dim() < 2 || labels.dim() != 1 || pixels.size(0) != labels.size(0)) {
      throw new IOException(
          folder + ": " + part + " has images " + pixels.shape() + " and labels " + labels.shape());
    }
    return new FashionImages(pixels.flatten(1).toFloat().div(255), labels.toLong());
  }

  private static Path file(Path folder, String name) throws IOException {
    for (String suffix : List.of("", ".gz")) {
      Path file = folder.resolve(name + suffix);
      if (Files.exists(file)) {
        return file;
      }
    }
    throw new IOException("there is no " + name + "(.gz) in " + folder);
  }
}
