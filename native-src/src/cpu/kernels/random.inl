/*
 * Random fills: PyTorch's numbers, bit for bit on every instruction set (docs/random-numbers.md, rules 2 to 8).
 *
 * The engine is sequential, so a fill draws a block of words and then transforms the block in loops that vectorise.
 * Every rounding counts here: fma_exact is one rounding on each instruction set, and nothing else may be contracted.
 */
#ifndef FLAMBEAU_KERNELS_RANDOM_INL
#define FLAMBEAU_KERNELS_RANDOM_INL
#include "../../shared/mt19937.h"
#include "../../shared/rounding.h"
#include "support.h"

namespace flambeau {
namespace FL_ISA {
namespace random_ops {

constexpr int64_t kRandomBlock = 512;  // numbers drawn at a time

/** Uniform numbers of [0, 1) in the dtype's own steps. */
FL_HD void uniforms(RandomState& state, int64_t n, float* y) {
  uint32_t words[kRandomBlock];
  for (int64_t done = 0; done < n; done += kRandomBlock) {
    int64_t count = n - done < kRandomBlock ? n - done : kRandomBlock;
    random_words(state, count, words);
    for (int64_t j = 0; j < count; ++j) y[done + j] = random_float(words[j]);
  }
}

FL_HD void uniforms(RandomState& state, int64_t n, double* y) {
  uint32_t words[2 * kRandomBlock];
  for (int64_t done = 0; done < n; done += kRandomBlock) {
    int64_t count = n - done < kRandomBlock ? n - done : kRandomBlock;
    random_words(state, 2 * count, words);
    for (int64_t j = 0; j < count; ++j) y[done + j] = random_double(random_join(words + 2 * j));
  }
}

FL_HD void uniform(RandomState& state, int64_t n, float* y, float from, float to) {
  uniforms(state, n, y);
  float range = to - from;
  for (int64_t j = 0; j < n; ++j) y[j] = fma_exact(y[j], range, from);
}

FL_HD void uniform(RandomState& state, int64_t n, double* y, double from, double to) {
  uniforms(state, n, y);
  double range = to - from;
  for (int64_t j = 0; j < n; ++j) y[j] = fma_exact(y[j], range, from);
}

/** Rule 3 (the logarithm of 1 - u, as in PyTorch 1.13): one normal number from two uniforms, in double; the second of
 * each pair waits in the state. */
FL_HD double normal_one(RandomState& state) {
  if (state.has_normal) {
    state.has_normal = 0;
    return state.normal;
  }
  double u[2];
  uniforms(state, 2, u);
  double radius = __builtin_sqrt(-2.0 * __builtin_log(1.0 - u[1]));
  double angle = 2.0 * 3.14159265358979323846 * u[0];
  state.normal = radius * __builtin_sin(angle);
  state.has_normal = 1;
  return radius * __builtin_cos(angle);
}

template <class T> FL_HD void normal_serial(RandomState& state, int64_t n, T* y, double mean, double deviation) {
  for (int64_t j = 0; j < n; ++j) y[j] = static_cast<T>(fma_exact(normal_one(state), deviation, mean));
}

/** Natural logarithm of a positive float by Cephes' polynomial. */
FL_HD float cephes_log(float x) {
  x = x > 0x1p-126f ? x : 0x1p-126f;
  int32_t bits = __builtin_bit_cast(int32_t, x);
  float e = static_cast<float>((bits >> 23) - 126);
  x = __builtin_bit_cast(float, (bits & 0x007fffff) | 0x3f000000);  // x = m * 2^e, m in [0.5, 1)
  bool low = x < 0.707106781186547524f;
  float again = low ? x : 0.0f;
  e -= low ? 1.0f : 0.0f;
  x = (x - 1.0f) + again;
  float z = x * x;
  float y = 7.0376836292E-2f;
  y = fma_exact(y, x, -1.1514610310E-1f);
  y = fma_exact(y, x, 1.1676998740E-1f);
  y = fma_exact(y, x, -1.2420140846E-1f);
  y = fma_exact(y, x, 1.4249322787E-1f);
  y = fma_exact(y, x, -1.6668057665E-1f);
  y = fma_exact(y, x, 2.0000714765E-1f);
  y = fma_exact(y, x, -2.4999993993E-1f);
  y = fma_exact(y, x, 3.3333331174E-1f);
  y = y * x;
  y = fma_exact(y, z, e * -2.12194440e-4f);
  y = fma_exact(z, -0.5f, y);
  x = x + y;
  return fma_exact(e, 0.693359375f, x);
}

/** Sine and cosine of a float of [0, 2 pi] by Cephes' polynomials. */
FL_HD void cephes_sincos(float x, float& sine, float& cosine) {
  int32_t octant = static_cast<int32_t>(x * 1.27323954473516f);
  octant = (octant + 1) & ~1;
  float k = static_cast<float>(octant);
  x = fma_exact(k, -0.78515625f, x);
  x = fma_exact(k, -2.4187564849853515625e-4f, x);
  x = fma_exact(k, -3.77489497744594108e-8f, x);
  float z = x * x;
  float c = 2.443315711809948E-005f;
  c = fma_exact(c, z, -1.388731625493765E-003f);
  c = fma_exact(c, z, 4.166664568298827E-002f);
  c = c * z;
  c = fma_exact(c, z, -(z * 0.5f));
  c = c + 1.0f;
  float s = -1.9515295891E-4f;
  s = fma_exact(s, z, 8.3321608736E-3f);
  s = fma_exact(s, z, -1.6666654611E-1f);
  s = s * z;
  s = fma_exact(s, x, x);
  bool swapped = (octant & 2) != 0;
  uint32_t sine_sign = static_cast<uint32_t>(octant & 4) << 29;
  uint32_t cosine_sign = static_cast<uint32_t>(~(octant - 2) & 4) << 29;
  sine = __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, swapped ? c : s) ^ sine_sign);
  cosine = __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, swapped ? s : c) ^ cosine_sign);
}

/** One pair of rule 4: u1 and u2 are uniforms of [0, 1). */
FL_HD void normal_pair(float& u1, float& u2, float mean, float deviation) {
  float radius = __builtin_sqrtf(-2.0f * cephes_log(1.0f - u1));
  float angle = 6.28318530717958647692f * u2;
  float sine, cosine;
  cephes_sincos(angle, sine, cosine);
  u1 = fma_exact(radius * cosine, deviation, mean);
  u2 = fma_exact(radius * sine, deviation, mean);
}

/** The same of rule 5, by libm. */
FL_HD void normal_pair(double& u1, double& u2, double mean, double deviation) {
  double radius = __builtin_sqrt(-2.0 * __builtin_log(1.0 - u1));
  double angle = 2.0 * 3.14159265358979323846 * u2;
  double cosine = radius * __builtin_cos(angle), sine = radius * __builtin_sin(angle);
  u1 = fma_exact(cosine, deviation, mean);
  u2 = fma_exact(sine, deviation, mean);
}

/** Blocks of 16 uniforms become blocks of 16 normals: the first 8 pair with the last 8. */
template <class T> FL_HD void normal_blocks(int64_t blocks, T* y, T mean, T deviation) {
  constexpr int64_t kBlocksPerPass = 8;
  T first[8 * kBlocksPerPass], second[8 * kBlocksPerPass];
  for (int64_t b = 0; b < blocks; b += kBlocksPerPass) {
    int64_t count = blocks - b < kBlocksPerPass ? blocks - b : kBlocksPerPass;
    T* block = y + 16 * b;
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = 0; j < 8; ++j) {
        first[8 * i + j] = block[16 * i + j];
        second[8 * i + j] = block[16 * i + 8 + j];
      }
    for (int64_t j = 0; j < 8 * count; ++j) normal_pair(first[j], second[j], mean, deviation);
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = 0; j < 8; ++j) {
        block[16 * i + j] = first[8 * i + j];
        block[16 * i + 8 + j] = second[8 * i + j];
      }
  }
}

template <class T> FL_HD void normal(RandomState& state, int64_t n, T* y, double mean, double deviation) {
  if (n < 16) return normal_serial(state, n, y, mean, deviation);
  T m = static_cast<T>(mean), d = static_cast<T>(deviation);
  uniforms(state, n, y);
  normal_blocks(n / 16, y, m, d);
  if (n % 16 != 0) {
    uniforms(state, 16, y + n - 16);
    normal_blocks<T>(1, y + n - 16, m, d);
  }
}

template <class T> FL_HD void bernoulli(RandomState& state, int64_t n, T* y, double probability) {
  double u[kRandomBlock];
  for (int64_t done = 0; done < n; done += kRandomBlock) {
    int64_t count = n - done < kRandomBlock ? n - done : kRandomBlock;
    uniforms(state, count, u);
    for (int64_t j = 0; j < count; ++j) y[done + j] = static_cast<T>(u[j] < probability ? 1 : 0);
  }
}

template <class T> FL_HD void bernoulli_each(RandomState& state, int64_t n, const T* probability, T* y) {
  T u[kRandomBlock];
  for (int64_t done = 0; done < n; done += kRandomBlock) {
    int64_t count = n - done < kRandomBlock ? n - done : kRandomBlock;
    uniforms(state, count, u);
    for (int64_t j = 0; j < count; ++j) y[done + j] = static_cast<T>(u[j] < probability[done + j] ? 1 : 0);
  }
}

/** from + u % range, wrapping; 64-bit draws only where the range needs them. A range of 0 stands for 2^64. */
template <class T> FL_HD void integers(RandomState& state, int64_t n, T* y, uint64_t from, uint64_t range) {
  uint32_t words[2 * kRandomBlock];
  bool wide = range == 0 || range >= (uint64_t(1) << 32);
  for (int64_t done = 0; done < n; done += kRandomBlock) {
    int64_t count = n - done < kRandomBlock ? n - done : kRandomBlock;
    random_words(state, wide ? 2 * count : count, words);
    for (int64_t j = 0; j < count; ++j) {
      uint64_t u = wide ? random_join(words + 2 * j) : words[j];
      if (range != 0) u = wide ? u % range : static_cast<uint32_t>(u) % static_cast<uint32_t>(range);
      y[done + j] = static_cast<T>(static_cast<int64_t>(from + u));
    }
  }
}

/** Rule 6: swap each place with a drawn one at or after it. */
FL_HD void permutation(RandomState& state, int64_t n, int64_t* y) {
  uint32_t words[2 * kRandomBlock];
  bool wide = n >= int64_t(4294967295 / 20);
  for (int64_t i = 0; i < n; ++i) y[i] = i;
  for (int64_t done = 0; done < n - 1; done += kRandomBlock) {
    int64_t count = n - 1 - done < kRandomBlock ? n - 1 - done : kRandomBlock;
    random_words(state, wide ? 2 * count : count, words);
    for (int64_t j = 0; j < count; ++j) {
      int64_t i = done + j;
      uint64_t left = static_cast<uint64_t>(n - i);
      uint64_t z = wide ? random_join(words + 2 * j) % left : words[j] % static_cast<uint32_t>(left);
      int64_t other = i + static_cast<int64_t>(z), kept = y[i];
      y[i] = y[other];
      y[other] = kept;
    }
  }
}

/** The kinds that exist for floating dtypes alone. */
template <class T> int32_t floats(int32_t kind, RandomState& state, int64_t n, const T* x, T* y, double p, double q) {
  switch (kind) {
    case FL_UNIFORM: uniform(state, n, y, static_cast<T>(p), static_cast<T>(q)); return FL_OK;
    case FL_NORMAL: normal(state, n, y, p, q); return FL_OK;
    case FL_NORMAL_SERIAL: normal_serial(state, n, y, p, q); return FL_OK;
    case FL_BERNOULLI_EACH: bernoulli_each(state, n, x, y); return FL_OK;
    default: return kNoOp;
  }
}

}  // namespace random_ops

FL_KERNEL int32_t random_seed(fl_address state, int64_t seed) {
  seed_state(*pointer<RandomState>(state), seed);
  return FL_OK;
}

FL_KERNEL int32_t random(int32_t kind, int32_t dtype, int64_t n, fl_address state, fl_address x, fl_address y,
                         int64_t p, int64_t q) {
  using namespace random_ops;
  RandomState& generator = *pointer<RandomState>(state);
  if (!is_in_range(generator)) return fail(FL_INTERNAL, "random: a generator at word %d of 624", generator.position);
  switch (kind) {
    case FL_PERMUTATION:
      if (dtype != FL_INT64) return unsupported("random", dtype);
      permutation(generator, n, pointer<int64_t>(y));
      return FL_OK;
    case FL_BERNOULLI:
      return visit<kComputed>("random", dtype, [&](auto tag) {
        bernoulli(generator, n, pointer<Signless<decltype(tag.value)>>(y), decode_scalar<double>(p));
        return FL_OK;
      });
    case FL_INTEGERS:
      return visit<kNumbers>("random", dtype, [&](auto tag) {
        using T = Signless<decltype(tag.value)>;
        integers(generator, n, pointer<T>(y), static_cast<uint64_t>(p), static_cast<uint64_t>(q));
        return FL_OK;
      });
    default:
      return visit<kFloats>("random", dtype, [&](auto tag) {
        using T = decltype(tag.value);
        return floats(kind, generator, n, pointer<const T>(x), pointer<T>(y), decode_scalar<double>(p),
                      decode_scalar<double>(q));
      });
  }
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
