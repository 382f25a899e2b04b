/** Tensors, autograd, modules, optimizers and data: the library that programs use. */
module dev.flambeau {
  requires com.fasterxml.jackson.core;

  exports dev.flambeau;
  exports dev.flambeau.data;
  exports dev.flambeau.io;
  exports dev.flambeau.metrics;
  exports dev.flambeau.nn;
  exports dev.flambeau.optim;
  exports dev.flambeau.train;

  // What a backend implements is for backends.
  exports dev.flambeau.spi to
      dev.flambeau.cpu,
      dev.flambeau.cuda;

  uses dev.flambeau.spi.Backend;
}
