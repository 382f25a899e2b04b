/** The CUDA backend of Flambeau. */
module dev.flambeau.cuda {
  requires dev.flambeau;
  requires org.bytedeco.javacpp;

  provides dev.flambeau.spi.Backend with
      dev.flambeau.cuda.CudaBackend;
}
