/** The CPU backend of Flambeau. */
module dev.flambeau.cpu {
  requires dev.flambeau;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.openblas;

  exports dev.flambeau.cpu to
      dev.flambeau.cpu.linux.x86_64,
      dev.flambeau.cpu.linux.arm64,
      dev.flambeau.cpu.macosx.arm64,
      dev.flambeau.cpu.windows.x86_64;

  uses dev.flambeau.cpu.NativeJar;

  provides dev.flambeau.spi.Backend with
      dev.flambeau.cpu.CpuBackend;
}
