/** Tensors, autograd, modules, optimizers and data: the library that programs use. */
module dev.flambeau {
  requires com.fasterxml.jackson.core;

  exports dev.flambeau;
  exports dev.flambeau.data;
  exports dev.flambeau.io;
  exports dev.flambeau.metrics;
  exports dev.flambeau.nn;
  exports dev.flambeau.ops;
  exports dev.flambeau.optim;
  exports dev.flambeau.optim.lr;
  exports dev.flambeau.train;
  exports dev.flambeau.vision;

  // What a backend implements.
  exports dev.flambeau.spi;

  uses dev.flambeau.spi.Backend;
}
