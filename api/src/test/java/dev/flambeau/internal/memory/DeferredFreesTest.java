package dev.flambeau.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import dev.flambeau.spi.Memory;
import dev.flambeau.spi.oracle.JavaMemory;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What waits until a call of another thread has ended, and what does not. */
class DeferredFreesTest {
  private static final long BYTES = 4096;

  private final ExecutorService other = Executors.newSingleThreadExecutor();
  private final List<Long> freed = new ArrayList<>();
  private final List<Long> returned = new ArrayList<>();
  private boolean freesToSystem;
  private long tickets;

  @BeforeEach
  void aDeviceIsOpen() {
    Tensor.zeros(1).close();
  }

  @AfterEach
  void end() {
    other.shutdownNow();
  }

  /** Memory that notes what is asked of it. */
  private Reclaimer reclaimer() {
    Memory real = new JavaMemory();
    Memory noting =
        (Memory)
            Proxy.newProxyInstance(
                Memory.class.getClassLoader(),
                new Class<?>[] {Memory.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "free" -> {
                        freed.add((long) arguments[0]);
                        yield method.invoke(real, arguments);
                      }
                      case "freesToSystem" -> freesToSystem;
                      case "detach" -> ++tickets;
                      case "giveBack" -> {
                        returned.add((long) arguments[0]);
                        yield null;
                      }
                      default -> method.invoke(real, arguments);
                    });
    return new Reclaimer(noting);
  }

  private void elsewhere(Runnable run) throws Exception {
    other.submit(run).get();
  }

  private void enterElsewhere() throws Exception {
    elsewhere(() -> NativeCalls.enter(null));
  }

  private void leaveElsewhere() throws Exception {
    elsewhere(() -> NativeCalls.leave(null));
  }

  /** A block that this thread made, and how it is freed. */
  private static Runnable block(Reclaimer r, boolean written) {
    ThreadBlocks t = ThreadBlocks.get();
    Reclaimer.Token token = r.newToken(1);
    int slot = token.add(r.allocate(t, BYTES), BYTES);
    NativeCalls maker = t.calls;
    return () -> token.free(slot, maker, written);
  }

  @Test
  void regionsGoBackWhenNoCallOfBeforeRuns() throws Exception {
    Reclaimer r = reclaimer();
    enterElsewhere();
    r.trim();
    assertEquals(1, tickets, "set aside");
    assertEquals(List.of(), returned, "a call runs");
    leaveElsewhere();
    enterElsewhere(); // another call, which no block of before concerns
    r.allocate(ThreadBlocks.get(), 2 << 20); // looks
    assertEquals(List.of(1L), returned);
    leaveElsewhere();
    r.trim();
    assertEquals(List.of(1L, 2L), returned, "at once when nothing runs");
  }

  @Test
  void ownCallsAreNotWaitedFor() {
    Reclaimer r = reclaimer();
    NativeCalls.enter(null);
    r.trim();
    NativeCalls.leave(null);
    assertEquals(List.of(1L), returned);
  }

  @Test
  void whatOthersMayWriteToIsFreedWhenTheirCallsHaveEnded() throws Exception {
    Reclaimer r = reclaimer();
    long live = r.liveBytes();
    enterElsewhere();
    block(r, false).run();
    assertEquals(1, freed.size(), "this thread's own: at once");
    for (int i = 0; i < DeferredFrees.BLOCKS; i++) {
      block(r, true).run();
    }
    assertEquals(1, freed.size(), "another thread wrote to them");
    assertEquals(live, r.liveBytes(), "no tensor has them");
    assertTrue(r.cachedBytes() >= DeferredFrees.BLOCKS * BYTES);
    leaveElsewhere();
    r.trim();
    assertEquals(1 + DeferredFrees.BLOCKS, freed.size());
    assertEquals(live, r.liveBytes());
  }

  @Test
  void whatAnotherThreadMadeIsFreedWhenItsCallsHaveEnded() throws Exception {
    Reclaimer r = reclaimer();
    List<Runnable> theirs = new ArrayList<>();
    elsewhere(
        () -> {
          for (int i = 0; i < DeferredFrees.BLOCKS; i++) {
            theirs.add(block(r, false));
          }
          NativeCalls.enter(null);
        });
    theirs.forEach(Runnable::run);
    assertEquals(0, freed.size());
    leaveElsewhere();
    block(r, true).run();
    r.allocate(ThreadBlocks.get(), 2 << 20); // looks
    assertEquals(DeferredFrees.BLOCKS, freed.size(), "the batch that was full");
    r.trim();
    assertEquals(DeferredFrees.BLOCKS + 1, freed.size());
  }

  @Test
  void memoryThatGoesBackByItselfIsFreedWhenNoCallRuns() throws Exception {
    freesToSystem = true;
    Reclaimer r = reclaimer();
    enterElsewhere();
    block(r, false).run();
    r.trim();
    assertEquals(0, freed.size());
    assertEquals(0, tickets, "it has no second step");
    leaveElsewhere();
    r.trim();
    assertEquals(1, freed.size());
  }

  @Test
  void aThreadThatEndedInACallIsNotWaitedFor() throws Exception {
    Reclaimer r = reclaimer();
    Thread t = new Thread(() -> NativeCalls.enter(null));
    t.start();
    t.join();
    r.trim();
    assertEquals(List.of(1L), returned);
  }

  /** An exception between mark and call leaves the mark on. */
  @Test
  void aMarkThatWasLeftIsNotWaitedForLong() throws Exception {
    Reclaimer r = reclaimer();
    enterElsewhere(); // whose thread then waits for work
    long start = System.nanoTime();
    while (returned.isEmpty() && System.nanoTime() - start < 60_000_000_000L) {
      r.trim();
    }
    assertFalse(returned.isEmpty());
  }

  @Test
  void aBlockIsAskedForWhileManyThreadsWait() throws Exception {
    Reclaimer r = reclaimer();
    Semaphore go = new Semaphore(0);
    List<Thread> idle = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      Thread t =
          new Thread(
              null,
              () -> {
                NativeCalls.enter(null);
                NativeCalls.leave(null);
                go.acquireUninterruptibly();
              },
              "idle",
              64 << 10);
      t.start();
      idle.add(t);
    }
    for (int i = 0; i < 1000; i++) {
      block(r, true).run();
    }
    r.trim();
    assertEquals(1000, freed.size());
    go.release(2000);
    for (Thread t : idle) {
      t.join();
    }
  }

  @Test
  void aThreadKeepsItsMarkThoughItsLocalsAreErased() {
    assertTrue(NativeCalls.register() == ThreadBlocks.get().calls);
  }
}
