package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * No kernel keeps in memory what it should hold in registers, unless {@code stacks.txt} says why.
 * Of registers there are enough: ptxas gives a kernel no more than {@code __launch_bounds__} leave
 * it, or 255 for each of 256 threads, and the emulated GPU launches no block beyond those.
 */
class KernelStackTest {
  private static final int FREE = 16;
  private static final Path REPORT = Path.of("target", "native", "ptxas.txt");

  /** Kernels of a source may have that many bytes. */
  record Excuse(String source, String name, int bytes, String reason) {
    boolean covers(PtxasReport.Kernel kernel) {
      return source.equals(kernel.source()) && name.equals(kernel.name());
    }
  }

  @Test
  void kernelsLiveInRegisters() throws IOException {
    assumeTrue(Files.exists(REPORT), "nvcc has built nothing here");
    List<PtxasReport.Kernel> kernels = PtxasReport.parse(Files.readString(REPORT));
    Set<String> architectures = new HashSet<>();
    kernels.forEach(kernel -> architectures.add(kernel.arch()));
    assertEquals(Set.of("sm_75", "sm_80", "sm_90"), architectures);
    List<Excuse> excuses = excuses();
    List<String> faults = faults(kernels, excuses);
    assertTrue(faults.isEmpty(), () -> String.join("\n", faults));
    for (Excuse one : excuses) {
      assertTrue(
          kernels.stream().anyMatch(kernel -> one.covers(kernel) && kernel.stack() > FREE),
          () -> "stacks.txt excuses what needs no excuse: " + one);
    }
  }

  private static List<String> faults(List<PtxasReport.Kernel> kernels, List<Excuse> excuses) {
    List<String> faults = new ArrayList<>();
    for (PtxasReport.Kernel kernel : kernels) {
      int allowed =
          excuses.stream()
              .filter(one -> one.covers(kernel))
              .mapToInt(Excuse::bytes)
              .findFirst()
              .orElse(FREE);
      if (kernel.stack() > allowed) {
        faults.add(kernel + ": at most " + allowed + " bytes; see stacks.txt");
      }
    }
    return faults;
  }

  /** Lines of a source, a kernel, its bytes, and the reason. */
  private static List<Excuse> excuses() throws IOException {
    List<Excuse> all = new ArrayList<>();
    try (InputStream list = KernelStackTest.class.getResourceAsStream("stacks.txt")) {
      for (String line : new String(list.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] words = line.trim().split("\\s+", 4);
          assertEquals(4, words.length, () -> "no reason given: " + line);
          all.add(new Excuse(words[0], words[1], Integer.parseInt(words[2]), words[3]));
        }
      }
    }
    return all;
  }

  // ---- the report of nvcc 13.0

  private static final String SAMPLE =
      """
      source random.cu
      ptxas info    : 0 bytes gmem
      ptxas info    : Compiling entry function '_ZN8flambeau6device41_GLOBAL__N__e3c1eebe_9_random_cu\
      _aad4291311draw_kernelIdLi2ENS1_6NormalIdEEEEvT1_mmlPKT_PS6_b' for 'sm_75'
      ptxas info    : Function properties for _ZN8flambeau6device41_GLOBAL__N__e3c1eebe_9_random_cu\
      _aad4291311draw_kernelIdLi2ENS1_6NormalIdEEEEvT1_mmlPKT_PS6_b
          40 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
      ptxas info    : Used 46 registers, used 0 barriers, 40 bytes cumulative stack size, 409 bytes\
       cmem[0], 120 bytes cmem[2]
      ptxas info    : Compile time = 86.806 ms
      source sort.cu
      ptxas info    : 11 bytes gmem, 8 bytes cmem[4]
      ptxas info    : Compiling entry function '_ZN8flambeau6device12count_kernelENS0_4PassEPKjPj' \
      for 'sm_90'
      ptxas info    : Function properties for _ZN8flambeau6device12count_kernelENS0_4PassEPKjPj
          0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
      ptxas info    : Used 40 registers, used 1 barriers, 8192 bytes smem
      ptxas info    : Compile time = 15.609 ms
      ptxas info    : Function properties for __internal_accurate_pow
          0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
      """;

  @Test
  void aReportIsRead() {
    assertEquals(
        List.of(
            new PtxasReport.Kernel("random.cu", "draw_kernel", "sm_75", 40, 46),
            new PtxasReport.Kernel("sort.cu", "count_kernel", "sm_90", 0, 40)),
        PtxasReport.parse(SAMPLE));
    assertThrows(
        IllegalArgumentException.class,
        () -> PtxasReport.parse(SAMPLE.replaceAll("(?m)^.*Used.*$", "")));
  }

  @Test
  void aStackIsAFaultUnlessItIsListed() {
    List<PtxasReport.Kernel> kernels = PtxasReport.parse(SAMPLE);
    String fault =
        "random.cu: draw_kernel on sm_75 (40 bytes of stack, 46 registers): at most %d bytes;"
            + " see stacks.txt";
    assertEquals(List.of(fault.formatted(16)), faults(kernels, List.of()));
    assertEquals(
        List.of(fault.formatted(39)),
        faults(kernels, List.of(new Excuse("random.cu", "draw_kernel", 39, "too few"))));
    assertEquals(
        List.of(), faults(kernels, List.of(new Excuse("random.cu", "draw_kernel", 40, "enough"))));
  }
}
