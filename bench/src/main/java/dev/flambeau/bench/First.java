package dev.flambeau.bench;

/** A fresh JVM's first training step: what a start costs, with nothing of the harness about it. */
final class First {
  private First() {}

  /** Class of the engine; the answer is the time of day, in ms, when A3's first step is done. */
  public static void main(String[] args) throws Exception {
    String answer;
    try {
      Engine engine = (Engine) Class.forName(args[0]).getDeclaredConstructor().newInstance();
      engine.start(1);
      engine.train(Net.named("A3"), true).run();
      answer = Long.toString(System.currentTimeMillis());
    } catch (Exception | LinkageError e) {
      answer = "failed " + Worker.reason(e);
    }
    System.out.println("@ " + answer);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
