/** The CPU backend of Flambeau. */
module dev.flambeau.cpu {
  requires dev.flambeau;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.openblas;

  provides dev.flambeau.spi.Backend with
      dev.flambeau.cpu.CpuBackend;
}
