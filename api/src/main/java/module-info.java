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

  // How Flambeau's own backends load their libraries; native jars make themselves known by it.
  exports dev.flambeau.internal.natives to
      dev.flambeau.cpu,
      dev.flambeau.cpu.linux.x86_64,
      dev.flambeau.cpu.linux.arm64,
      dev.flambeau.cpu.macosx.arm64,
      dev.flambeau.cpu.windows.x86_64,
      dev.flambeau.cuda,
      dev.flambeau.cuda.linux.x86_64;

  uses dev.flambeau.internal.natives.NativeJar;
  uses dev.flambeau.spi.Backend;
}
