package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.cuda.EmulatedProduct.Side;
import dev.flambeau.spi.Kernels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * How products call cuBLAS and cuBLASLt: beside an emulated library that refuses what the
 * documentation does not allow, and writes down what it was asked.
 */
class EmulatedCuBlasTest extends CuBlasRecord {
  private static final int[] DTYPES = {
    Kernels.FLOAT32, Kernels.FLOAT64, Kernels.FLOAT16, Kernels.BFLOAT16
  };

  @Test
  void viewsBeginAnywhere() throws IOException {
    int[] offsets = {0, 1, 2, 4, 64};
    for (int dtype : DTYPES) {
      int width = dtype == Kernels.FLOAT64 ? 8 : dtype == Kernels.FLOAT32 ? 4 : 2;
      for (int offset : offsets) {
        forget();
        EmulatedProduct p = new EmulatedProduct(dtype, 6, 5, 7).biased();
        p.left = new Side(offset, offset % 2 == 0, 0);
        p.right = new Side(2 * offset, offset < 2, width == 2 ? 0 : 1);
        p.biasOffset = offset;
        p.check();
        int promised = Math.min(256, offset == 0 ? 256 : Integer.lowestOneBit(offset) * width);
        int right = Math.min(256, 2 * promised);
        boolean fused = promised >= 16; // a bias that begins anywhere else may trap
        String expected =
            String.format(Locale.ROOT, "align=%d,%d,256,%d ", right, promised, promised);
        count(fused ? 1 : 0, expected);
        count(fused ? 1 : 0, "cublasLtMatmul op");
        p.biasOffset = 0;
        p.check();
        count(1, String.format(Locale.ROOT, "align=%d,%d,256,256 ", right, promised));
      }
    }
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 9, 8, 7).biased();
    p.resultOffset = 3;
    p.check();
    count(1, "align=256,256,4,4 ");
    count(0, "-> 7");
  }

  @Test
  void everySideOfEveryType() throws IOException {
    for (int dtype : DTYPES) {
      for (int form = 0; form < 16; form++) {
        for (int[] s : new int[][] {{5, 6, 7}, {1, 6, 7}, {5, 1, 7}, {5, 6, 1}, {1, 1, 1}}) {
          EmulatedProduct p = new EmulatedProduct(dtype, s[0], s[1], s[2]);
          p.left = new Side(form % 3, (form & 1) != 0, form & 4);
          p.right = new Side(0, (form & 2) != 0, form & 4);
          p.resultGap = form & 8;
          p.check();
          p.biased().check();
        }
      }
    }
    count(0, "-> 7");
    count(0, "-> 15");
    // not cuBLASLt: rows, columns and single elements, and in 16 bits whatever has gaps
    count(4 * 16 * (5 + 4) + 2 * 12, "cublasGemmEx op");
    count(2 * 16 + 2 * 4, "cublasLtMatmul op");
  }

  @Test
  void batches() throws IOException {
    for (int dtype : DTYPES) {
      for (int repeated = 0; repeated < 3; repeated++) {
        EmulatedProduct p = new EmulatedProduct(dtype, 4, 8, 6);
        p.batch = 5;
        p.left = new Side(1, true, repeated == 1 ? -1 : 0);
        p.right = new Side(0, false, repeated == 2 ? -1 : 0);
        p.check();
        p.activation = Kernels.RELU;
        p.biased().check();
      }
    }
    count(4 * 3 * 2, "cublasGemmStridedBatchedEx op");
    count(4 * 3 * 2, "batch=5");
    count(0, "-> 7");
    count(0, "Lt");
  }

  @Test
  void activationsAreEpilogues() throws IOException {
    for (int activation : new int[] {Kernels.RELU, Kernels.GELU_TANH}) {
      for (boolean biased : new boolean[] {false, true}) {
        int epilogue = (activation == Kernels.RELU ? 2 : 32) + (biased ? 4 : 0);
        for (int dtype : DTYPES) {
          forget();
          EmulatedProduct p = new EmulatedProduct(dtype, 12, 16, 5);
          p.activation = activation;
          (biased ? p.biased() : p).check();
          // float64 has no such epilogue, and GELU's is good enough for 16 bits only
          boolean wide = dtype == Kernels.FLOAT32 || dtype == Kernels.FLOAT64;
          boolean ours = dtype == Kernels.FLOAT64 || activation == Kernels.GELU_TANH && wide;
          count(ours ? 0 : 1, "epilogue=" + epilogue + " -> 0");
          count(ours ? 1 : 0, "cublasGemmEx op");
        }
      }
    }
  }

  @Test
  void whatCuBlasLtDoesNotDoIsDoneAfterwards() throws IOException {
    fail("cublasLtMatmulAlgoGetHeuristic", 15);
    for (int dtype : DTYPES) {
      for (int[] s :
          new int[][] {{3, 2, 4}, {70, 24, 3}, {2, 1000, 3}, {2, 2048, 2}, {300, 7, 2}}) {
        for (int activation : new int[] {0, Kernels.RELU, Kernels.GELU_TANH}) {
          EmulatedProduct p = new EmulatedProduct(dtype, s[0], s[1], s[2]).biased();
          p.activation = activation;
          p.resultGap = s[1] == 24 ? 8 : 0;
          p.biasOffset = s[1] == 1000 ? 1 : 0;
          p.check();
        }
      }
    }
    count(0, "cublasLtMatmul op");
    count(4 * 5 * 3, "cublasGemmEx op");
  }

  @Test
  void halvesAreAddedUpInFloat32() throws IOException {
    assertTrue(record().contains("cublasSetMathMode 16 -> 0"));
    // Half of the depth adds up to a number between two of 16 bits, and so does the whole.
    for (boolean biased : new boolean[] {false, true}) {
      EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT16, 2, 8, 4101);
      p.value = 1;
      assertEquals(4100, (biased ? p.biased() : p).first());
      p = new EmulatedProduct(Kernels.BFLOAT16, 2, 8, 517);
      p.value = 1;
      assertEquals(516, (biased ? p.biased() : p).first());
    }
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT16, 2, 8, 4101);
    p.value = 1;
    p.batch = 2;
    assertEquals(4100, p.first());
    count(2, "cublasLtMatmul op");
  }

  @Test
  void reluMayBeLeftToUs() throws IOException {
    CudaKernels.turn(CudaKernels.OWN_RELU, 1);
    for (int dtype : DTYPES) {
      forget();
      EmulatedProduct p = new EmulatedProduct(dtype, 12, 16, 5);
      p.activation = Kernels.RELU;
      p.check();
      count(1, "cublasGemmEx op");
      p.biased().check();
      count(1, "epilogue=4 -> 0");
    }
  }

  @Test
  void ourReluKeepsTheNaNThatAnEpilogueLoses() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 12, 16, 5).biased();
    p.activation = Kernels.RELU;
    p.value = Double.NaN;
    fail("ReluOfNaN", 1);
    assertEquals(0, p.first());
    CudaKernels.turn(CudaKernels.OWN_RELU, 1);
    assertEquals(Double.NaN, p.first());
    count(2, "cublasLtMatmul op");
  }

  @Test
  void noProductIsCuBlassWhereOursAreAskedFor() throws IOException {
    CudaKernels.turn(CudaKernels.OWN_PRODUCTS, 1);
    new EmulatedProduct(Kernels.FLOAT32, 12, 16, 5).biased().check();
    new EmulatedProduct(Kernels.BFLOAT16, 12, 16, 5).check();
    assertEquals(List.of(), calls(""));
  }

  @Test
  void halvesAreSummedInFloatAndFloatsAreNotRounded() throws IOException {
    float fine = 1 + 1f / 4096; // TF32 keeps ten bits
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 2, 2, 2);
    p.value = fine;
    assertEquals(2 * (double) fine * fine, p.first(), 1e-6);
    count(1, "type=0 compute=68");
    CudaKernels.turn(CudaKernels.TF32, 1);
    assertEquals(2, p.first());
    assertEquals(2, p.biased().first(), "the plan for TF32 is another");
    count(1, "cublasGemmEx op=00 m=2 n=2 k=2 type=0 compute=77");
    count(1, "compute=77 epilogue=4");
    CudaKernels.turn(CudaKernels.TF32, 0);
    assertEquals(2 * (double) fine * fine, p.first(), 1e-6);
    new EmulatedProduct(Kernels.FLOAT16, 2, 2, 2).check();
    count(1, "type=2 compute=68");
    new EmulatedProduct(Kernels.BFLOAT16, 2, 2, 2).check();
    count(1, "type=14 compute=68");
    new EmulatedProduct(Kernels.FLOAT64, 2, 2, 2).check();
    count(1, "type=1 compute=70");
  }

  @Test
  void workspacesAreThoseOfPyTorch() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 31, 33, 35).biased();
    p.check();
    assertTrue(
        record().contains("cublasSetWorkspace_v2 bytes=" + (2 * 4096 + 8 * 16) * 1024 + " -> 0"));
    count(1, "workspace=" + (1 << 20));
  }

  @Test
  void plansAreKeptAndGivenBack() throws IOException {
    EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 17, 18, 19).biased();
    for (int i = 0; i < 3; i++) {
      p.check();
      p.biasOffset += 64; // as well aligned, elsewhere
    }
    count(1, "AlgoGetHeuristic");
    count(3, "cublasLtMatmul op");
    for (int m = 2; m < 1200; m++) {
      new EmulatedProduct(Kernels.FLOAT32, m, 2, 2).biased().first();
    }
    int most = 0;
    for (String line : calls("living=")) {
      most =
          Math.max(
              most, Integer.parseInt(line.replaceFirst(".*living=", "").replaceFirst(" .*", "")));
    }
    assertTrue(most > 1000 && most <= 4 * 1000 + 5, "at most " + most + " objects at a time");
    p.check();
  }

  @Test
  void threadsShareAHandle() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int seed = t;
        Callable<Void> body =
            () -> {
              EmulatedProduct p = new EmulatedProduct(Kernels.FLOAT32, 8, 8, 8).biased();
              p.biasOffset = 64 * seed;
              for (int i = 0; i < 100; i++) {
                p.seed = seed * 1000 + i;
                p.check();
              }
              return null;
            };
        running.add(pool.submit(body));
      }
      for (Future<?> f : running) {
        f.get();
      }
    } finally {
      pool.shutdownNow();
    }
    count(400, "cublasLtMatmul op");
  }
}
