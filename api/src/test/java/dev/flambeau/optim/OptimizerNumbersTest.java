package dev.flambeau.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The optimizers' numbers over 1,000 steps; the expected ones are PyTorch 1.13.1's. */
@Tag("kernels")
class OptimizerNumbersTest {
  private static final String FOLDER = "dev/flambeau/optim";
  private static final Set<Class<?>> FOLLOWED = new HashSet<>();
  private static final Set<String> RUN = new HashSet<>();

  @BeforeEach
  void isRun(TestInfo test) {
    RUN.add(test.getTestMethod().orElseThrow().getName());
  }

  /** Where all tests were run, those of every optimizer of this package were among them. */
  @AfterAll
  static void everyOptimizerHasNumbers() throws Exception {
    for (Method m : OptimizerNumbersTest.class.getDeclaredMethods()) {
      if (m.isAnnotationPresent(Test.class) && !RUN.contains(m.getName())) {
        return;
      }
    }
    Set<Class<?>> missing = new HashSet<>();
    Path at = Path.of(Optimizer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (FileSystem jar = Files.isDirectory(at) ? null : FileSystems.newFileSystem(at);
        Stream<Path> files = Files.list((jar == null ? at : jar.getPath("/")).resolve(FOLDER))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        Class<?> type = Class.forName(FOLDER.replace('/', '.') + "." + name);
        if (Optimizer.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
          missing.add(type);
        }
      }
    }
    assertTrue(missing.contains(SGD.class), "the optimizers are not where they were looked for");
    missing.removeAll(FOLLOWED);
    assertEquals(Set.of(), missing, "add numbers of PyTorch, by follows(...), for these");
  }

  private static void follows(
      Function<List<Tensor>, Optimizer> make, boolean negative, double[] ten, double[] thousand) {
    OptimizerProblem problem = new OptimizerProblem();
    Optimizer optimizer = make.apply(problem.params());
    FOLLOWED.add(optimizer.getClass());
    problem.steps(optimizer, 10, negative);
    assertArrayEquals(ten, problem.values(), 1e-13);
    problem.steps(optimizer, 990, negative);
    assertArrayEquals(thousand, problem.values(), 1e-11);
  }

  @Test
  void sgd() {
    follows(
        p -> new SGD(p, 0.01),
        false,
        new double[] {
          0.8597551522038979,
          -0.9388147624182692,
          2.9365729387262385,
          0.38797464457735803,
          0.17035754232594608
        },
        new double[] {
          0.8357031240518665,
          0.29999999999999954,
          0.23220647182938714,
          -0.5146202296755711,
          -0.5146202296756645
        });
  }

  @Test
  void sgdWithMomentumDampeningAndWeightDecay() {
    follows(
        p -> new SGD(p, 0.003).momentum(0.9).dampening(0.1).weightDecay(1e-3),
        false,
        new double[] {
          0.8327667176184309,
          -0.6439454250706588,
          2.927253391548307,
          0.3669666725256186,
          0.1593771459845288
        },
        new double[] {
          0.8354049546904118,
          0.29995000833194474,
          -0.18812952013703624,
          -0.5144986861360791,
          -0.5144986861360795
        });
  }

  @Test
  void sgdNesterov() {
    follows(
        p -> new SGD(p, 0.003).nesterov(true).momentum(0.9),
        false,
        new double[] {
          0.7980518358128741,
          -0.43607004927100884,
          2.909962675086035,
          0.3386941180695009,
          0.1373440598748888
        },
        new double[] {
          0.8357031240545411, 0.3, -0.19407344193046905, -0.5146202296756183, -0.5146202296756183
        });
  }

  @Test
  void sgdMaximizes() {
    follows(
        p -> new SGD(p, 0.003).momentum(0.5).maximize(true),
        true,
        new double[] {
          0.9197513544619574,
          -1.3389007884619086,
          2.9655741455820226,
          0.4362744121173235,
          0.20686385876874286
        },
        new double[] {
          0.8357029202740209,
          0.2999999999999993,
          0.7628956853111484,
          -0.5146202135394354,
          -0.5146202453003557
        });
  }

  @Test
  void adam() {
    follows(
        p -> new Adam(p, 0.002),
        false,
        new double[] {
          0.9800183223203516,
          -1.980005641485295,
          2.980004047044159,
          0.4800199029209269,
          0.22999436188830502
        },
        new double[] {
          0.8355465956301077,
          -0.44115655681553917,
          1.3051475220237463,
          -0.5142901759646553,
          -0.5147657385316389
        });
  }

  @Test
  void adamWithAllOptions() {
    follows(
        p -> new Adam(p, 0.002).betas(0.8, 0.99).eps(1e-6).weightDecay(0.01),
        false,
        new double[] {
          0.9800355906133867,
          -1.9800110161220417,
          2.980007957733428,
          0.4800386992666967,
          0.22998936616413332
        },
        new double[] {
          0.8327233467989382,
          -0.2302813879579015,
          1.1387854951613332,
          -0.5134005085764285,
          -0.5134005085764253
        });
  }

  @Test
  void adamAmsgrad() {
    follows(
        p -> new Adam(p, 0.002).amsgrad(true),
        false,
        new double[] {
          0.9800183223203516,
          -1.980005641485295,
          2.980004047044159,
          0.4800199029209269,
          0.22999436188830502
        },
        new double[] {
          0.8348869994849496,
          -0.4476222556315645,
          1.306400732445647,
          -0.5139348083283264,
          -0.5149488752707924
        });
  }

  @Test
  void adamw() {
    follows(
        p -> new AdamW(p, 0.002),
        false,
        new double[] {
          0.9798203020007152,
          -1.9796075904546544,
          2.9794060225667627,
          0.47992184529129917,
          0.22994616441253585
        },
        new double[] {
          0.8343472141773222,
          -0.42603486055453493,
          1.2721581573957876,
          -0.5136646757364383,
          -0.5143583767123301
        });
    follows(
        p -> new AdamW(p, 0.002).weightDecay(0.1).maximize(true).amsgrad(true),
        true,
        new double[] {
          0.9780397327464955,
          -1.9760283610596145,
          2.9740286513573304,
          0.4790401293335957,
          0.22951278742430214
        },
        new double[] {
          0.8186196256015241,
          -0.3157704476187748,
          1.0124242092458553,
          -0.506568543844626,
          -0.5093830282501728
        });
  }

  @Test
  void rmsprop() {
    follows(
        p -> new RMSprop(p, 0.0005),
        false,
        new double[] {
          0.9748509035454461,
          -1.9747288765136033,
          2.9747138772391777,
          0.4748611532229787,
          0.22462563469233318
        },
        new double[] {
          0.6274790582004764,
          -1.449409550983897,
          2.4459379624298934,
          -0.030174540937899275,
          -0.293122929701137
        });
  }

  @Test
  void rmspropWithAlphaEpsAndWeightDecay() {
    follows(
        p -> new RMSprop(p, 0.0003).alpha(0.9).eps(1e-6).weightDecay(0.01),
        false,
        new double[] {
          0.9948064116067812,
          -1.994802236770491,
          2.9948016962122095,
          0.4948071609739149,
          0.24479815313584347
        },
        new double[] {
          0.7000114181784407,
          -1.6976319373658146,
          2.697522477975677,
          0.198662726118668,
          -0.05238169252915725
        });
  }

  @Test
  void rmspropMomentum() {
    follows(
        p -> new RMSprop(p, 0.001).momentum(0.9),
        false,
        new double[] {
          0.772760786204789,
          -1.7639661430522593,
          2.763228790895615,
          0.2705603867881328,
          0.01099811433196075
        },
        new double[] {
          0.8357031240545416, 0.3, -0.20000000000000384, -0.5146202296756187, -0.5146202296756187
        });
  }

  @Test
  void rmspropCentered() {
    follows(
        p -> new RMSprop(p, 0.001).centered(true).alpha(0.95).eps(0.1),
        false,
        new double[] {
          0.9777765185582915,
          -1.9741377028735791,
          2.9815940759908264,
          0.47863328887918044,
          0.23038825151759446
        },
        new double[] {
          0.835703123837062,
          0.29999999999996035,
          0.38348355263310896,
          -0.514620229653328,
          -0.5146202296977263
        });
  }

  @Test
  void rmspropMaximizes() {
    follows(
        p -> new RMSprop(p, 0.0001).momentum(0.5).centered(true).weightDecay(0.1).maximize(true),
        true,
        new double[] {
          0.9903791879195123,
          -1.9903645133819359,
          2.9903626246292907,
          0.4903822398318791,
          0.24035212791835323
        },
        new double[] {
          0.748675996589801,
          -0.7255457508728493,
          1.513659554565966,
          -0.42053760935794277,
          -0.49001207613910397
        });
  }

  @Test
  void rmspropPrintsAsPyTorchDoes() {
    assertEquals(
        """
        RMSprop (
        Parameter Group 0
            alpha: 0.99
            centered: True
            eps: 1e-08
            lr: 0.0005
            maximize: True
            momentum: 0.5
            weight_decay: 0.1
        )""",
        new RMSprop(new OptimizerProblem().params(), 0.0005)
            .momentum(0.5)
            .centered(true)
            .weightDecay(0.1)
            .maximize(true)
            .toString());
  }

  /** A linear layer's parameters with PyTorch's default initialization. */
  private static List<Tensor> linear(long in, long out) {
    double bound = 1 / Math.sqrt(in);
    Tensor weight = Tensor.uniform(-bound, bound, out, in).asParameter().requiresGrad_();
    Tensor bias = Tensor.uniform(-bound, bound, out).asParameter().requiresGrad_();
    return List.of(weight, bias);
  }

  @Test
  void theNotesMomentumRun() {
    Flambeau.manualSeed(0);
    List<Tensor> first = linear(8, 4);
    List<Tensor> second = linear(4, 2);
    List<Tensor> all = new ArrayList<>(first);
    all.addAll(second);
    SGD sgd = new SGD(all, 0.01).momentum(0.9).weightDecay(1e-4);
    Tensor x = Tensor.randn(5, 8);
    double[] expected = {0.413425833, 0.36702621, 0.291187316};
    for (double e : expected) {
      sgd.zeroGrad();
      Tensor y = x.linear(first.get(0), first.get(1)).linear(second.get(0), second.get(1));
      Tensor loss = y.pow(2).mean();
      loss.backward();
      sgd.step();
      assertEquals(e, loss.item(), 1e-6 * e + 1e-7);
    }
    assertEquals("tensor([-0.3203, -0.2801])", second.get(1).data().toString());
    assertEquals(
        """
        SGD (
        Parameter Group 0
            dampening: 0
            lr: 0.01
            maximize: False
            momentum: 0.9
            nesterov: False
            weight_decay: 0.0001
        )""",
        sgd.toString());
  }
}
