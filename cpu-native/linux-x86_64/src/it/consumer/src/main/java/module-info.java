module consumer {
  requires dev.flambeau;
}
