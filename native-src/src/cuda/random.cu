/*
 * Random numbers: element 4 i + j of a fill is made from word j of Philox's counter (offset, i) (doubles: element 2 i + j
 * from words 2 j and 2 j + 1), whichever thread makes it. A fill takes one offset.
 */
#include "../shared/functors.h"
#include "../shared/philox.h"
#include "../shared/rounding.h"
#include "kernels.h"
#include "pointwise.h"
#include "scratch.h"
#include "sort.h"

namespace flambeau {
namespace device {
namespace {

/** Elements that one counter gives. */
template <class T> constexpr int kEach = sizeof(T) == 8 ? 2 : 4;

/** A number of [0, 1) that T holds exactly, and so stays below 1. */
template <class T> __device__ Compute<T> unit(uint32_t word) {
  if constexpr (IsSame<T, Half>::value) {
    return static_cast<float>(word >> 21) * 4.8828125e-4f;
  } else if constexpr (IsSame<T, BFloat16>::value) {
    return static_cast<float>(word >> 24) * 3.90625e-3f;
  } else {
    return unit_float(word);
  }
}

/* What becomes of a counter's words. make(words, what x holds there, elements of T); kReads: there is an x. */
/** Of [from, end): what rounding brings up to the end begins again, as with PyTorch on CUDA. */
template <class T> struct Uniform {
  static constexpr bool kReads = false;
  Compute<T> from, span, end;
  __device__ T place(Compute<T> u) const {
    const T y = from_compute<T>(plus_product(from, span, u));
    return to_compute(y) < end ? y : from_compute<T>(from);
  }
  __device__ void make(const Philox4& r, const T*, T (&out)[kEach<T>]) const {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      if constexpr (IsSame<T, double>::value) {
        out[j] = place(unit_double(r.word[2 * j], r.word[2 * j + 1]));
      } else {
        out[j] = place(unit<T>(r.word[j]));
      }
    }
  }
};
template <class T> struct Normal {
  static constexpr bool kReads = false;
  Compute<T> mean, deviation;
  __device__ void make(const Philox4& r, const T*, T (&out)[kEach<T>]) const {
    using C = Compute<T>;
#pragma unroll
    for (int j = 0; j < kEach<T>; j += 2) {
      C a, b;
      if constexpr (IsSame<T, double>::value) {
        normal_pair(unit_double(r.word[0], r.word[1]), unit_double(r.word[2], r.word[3]), a, b);
      } else {
        normal_pair(unit_float(r.word[j]), unit_float(r.word[j + 1]), a, b);
      }
      out[j] = from_compute<T>(plus_product(mean, deviation, a));
      out[j + 1] = from_compute<T>(plus_product(mean, deviation, b));
    }
  }
};
template <class T> __device__ T zero_or_one(bool one) { return from_compute<T>(static_cast<Compute<T>>(one ? 1 : 0)); }
/** 1 where a word is one of the lowest so many. */
template <class T> struct Bernoulli {
  static constexpr bool kReads = false;
  uint64_t below;
  __device__ void make(const Philox4& r, const T*, T (&out)[kEach<T>]) const {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) out[j] = zero_or_one<T>(r.word[j] < below);
  }
};
/** The same with a probability for each element. */
template <class T> struct BernoulliEach {
  static constexpr bool kReads = true;
  Reporter reporter;
  __device__ void make(const Philox4& r, const T* p, T (&out)[kEach<T>]) const {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      const Compute<T> limit = to_compute(p[j]);
      if (!(limit >= 0 && limit <= 1)) reporter.report(FL_UNSUPPORTED, 0, 0);
      out[j] = zero_or_one<T>(r.word[j] < words_below(limit));
    }
  }
};
/** from + u % range, u of 64 bits where the range needs them; a range of 0 stands for 2^64. */
template <class T> struct Integers {
  static constexpr bool kReads = false;
  uint64_t from, range;
  __device__ void make(const Philox4& r, const T*, T (&out)[kEach<T>]) const {
    const bool narrow = range != 0 && range <= 0xffffffffu;
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      uint64_t u;
      if (narrow) {
        u = r.word[j] % static_cast<uint32_t>(range);
      } else {
        // Where there are two words an element both are its own, else the other one is a neighbour's, multiplied.
        const uint32_t other = kEach<T> == 2 ? r.word[j + 2] : r.word[(j + 2) % 4] * 0x9E3779B9u;
        u = static_cast<uint64_t>(other) << 32 | r.word[j];
        if (range != 0) u %= range;
      }
      out[j] = from_compute<T>(static_cast<Compute<T>>(static_cast<int64_t>(from + u)));
    }
  }
};
/** x / (1 - p), or 0 where a word is one of the lowest so many. */
template <class T> struct Dropped {
  static constexpr bool kReads = true;
  uint64_t below;
  Compute<T> scale;
  __device__ void make(const Philox4& r, const T* x, T (&out)[4]) const {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      out[j] = from_compute<T>(r.word[j] >= below ? to_compute(x[j]) * scale : Compute<T>(0));
    }
  }
};

/** N elements a counter. packed: x and y may be read and written N at a time. */
template <class T, int N, class Maker>
__global__ void draw_kernel(Maker maker, uint64_t seed, uint64_t offset, int64_t n, const T* x, T* y, bool packed) {
  for (int64_t i = first_item(); i * N < n; i += item_step()) {
    const int64_t left = n - i * N;
    Pack<T, N> in = {}, out;
    if constexpr (Maker::kReads) {
      if (packed && left >= N) {
        in = reinterpret_cast<const Pack<T, N>*>(x)[i];
      } else {
#pragma unroll
        for (int j = 0; j < N; ++j) {
          if (j < left) in.at[j] = x[i * N + j];
        }
      }
    }
    maker.make(philox(seed, static_cast<uint64_t>(i), offset), in.at, out.at);
    if (packed && left >= N) {
      reinterpret_cast<Pack<T, N>*>(y)[i] = out;
    } else {
#pragma unroll
      for (int j = 0; j < N; ++j) {
        if (j < left) y[i * N + j] = out.at[j];
      }
    }
  }
}

template <int N, class T, class Maker>
int32_t draw(Device& d, const char* op, const Maker& maker, uint64_t seed, uint64_t offset, int64_t n, const T* x,
             T* y) {
  const bool packed = aligned<N>(x) && aligned<N>(y);
  return launch(d, op, draw_kernel<T, N, Maker>, grid_for(d, ceil_div(n, N)), maker, seed, offset, n, x, y, packed);
}

/* ------------------------------------------------------------------------------------------------ permutations */
/** Fisher and Yates' shuffle, on the host, of a few. */
int32_t shuffle(const PhiloxState& s, uint64_t offset, int64_t n, fl_address y) {
  int64_t* order = new int64_t[static_cast<size_t>(n)];
  for (int64_t i = 0; i < n; ++i) order[i] = i;
  for (int64_t i = n - 1; i > 0; --i) {
    const Philox4 r = philox(s.seed, static_cast<uint64_t>(i), offset);
    const uint64_t u = static_cast<uint64_t>(r.word[0]) << 32 | r.word[1];
    const int64_t j = static_cast<int64_t>(u % static_cast<uint64_t>(i + 1)), other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
  const int32_t status = fl_upload(y, order, n * 8);
  delete[] order;
  return status;
}

/** The given word of each number's counter; the first time the numbers are 0, 1, 2... */
__global__ void key_kernel(uint64_t seed, uint64_t offset, int word, int64_t n, Keyed keyed) {
  for (int64_t i = first_item(); i < n; i += item_step()) {
    if (word == 0) keyed.number[i] = static_cast<uint32_t>(i);
    const Philox4 r = philox(seed, keyed.number[i], offset);
    keyed.key[i] = word == 0 ? r.word[0] : r.word[1];
  }
}
__global__ void number_kernel(int64_t n, const uint32_t* number, int64_t* y) {
  for (int64_t i = first_item(); i < n; i += item_step()) y[i] = number[i];
}

/** 0 to n - 1 in the order of 64 random bits each, which are as good as never the same. */
int32_t permute(Device& d, const PhiloxState& s, uint64_t offset, int64_t n, fl_address y) {
  constexpr int64_t kFew = 1024, kMost = int64_t{1} << 31;
  if (n < kFew || n >= kMost) return shuffle(s, offset, n, y);
  const Scratch<uint32_t> words(d, keyed_words(n));
  if (!words) return out_of_memory("randperm");
  Keyed keyed = keyed_at(words.get(), n);
  const Grid grid = grid_for(d, n);
  int32_t status = FL_OK;
  for (int word = 0; word < 2 && status == FL_OK; ++word) {  // the second sort keeps the first one's order
    status = launch(d, "randperm", key_kernel, grid, s.seed, offset, word, n, keyed);
    if (status == FL_OK) status = sort(d, "randperm", n, 32, keyed);
  }
  if (status != FL_OK) return status;
  return launch(d, "randperm", number_kernel, grid, n, keyed.number, pointer<int64_t>(y));
}

}  // namespace

int32_t random_seed(fl_address state, int64_t seed) {
  *pointer<PhiloxState>(state) = {static_cast<uint64_t>(seed), 0};
  return FL_OK;
}

int32_t random(Device& d, int32_t kind, int32_t dtype, int64_t n, fl_address state, fl_address x, fl_address y,
               int64_t p, int64_t q) {
  PhiloxState& s = *pointer<PhiloxState>(state);
  const uint64_t seed = s.seed, offset = s.offset++;
  switch (kind) {
    case FL_PERMUTATION: return dtype == FL_INT64 ? permute(d, s, offset, n, y) : unsupported("randperm", dtype);
    case FL_BERNOULLI:
      return visit<kComputed>("bernoulli", dtype, [&](auto tag) -> int32_t {
        using T = Signless<decltype(tag.value)>;
        return draw<kEach<T>, T>(d, "bernoulli", Bernoulli<T>{words_below(decode_scalar<double>(p))}, seed, offset, n,
                                 nullptr, pointer<T>(y));
      });
    case FL_INTEGERS:
      return visit<kNumbers>("random", dtype, [&](auto tag) -> int32_t {
        using T = Signless<decltype(tag.value)>;
        return draw<kEach<T>, T>(d, "random", Integers<T>{static_cast<uint64_t>(p), static_cast<uint64_t>(q)}, seed,
                                 offset, n, nullptr, pointer<T>(y));
      });
    default: break;
  }
  return visit<kFloats>("random", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    T* to = pointer<T>(y);
    const double a = decode_scalar<double>(p), b = decode_scalar<double>(q);
    switch (kind) {
      case FL_UNIFORM:
        return draw<kEach<T>, T>(
            d, "uniform",
            Uniform<T>{static_cast<C>(a), static_cast<C>(b - a), to_compute(from_compute<T>(static_cast<C>(b)))}, seed,
            offset, n, nullptr, to);
      case FL_NORMAL:
      case FL_NORMAL_SERIAL:
        return draw<kEach<T>, T>(d, "normal", Normal<T>{static_cast<C>(a), static_cast<C>(b)}, seed, offset, n, nullptr,
                                 to);
      case FL_BERNOULLI_EACH:
        return draw<kEach<T>, T>(d, "bernoulli", BernoulliEach<T>{d.reporter("bernoulli")}, seed, offset, n,
                                 pointer<const T>(x), to);
      default: return fail(FL_UNSUPPORTED, "random: there is no kind %d", kind);
    }
  });
}

int32_t dropout(Device& d, int32_t dtype, int64_t n, fl_address x, fl_address y, int64_t seed, int64_t offset,
                double p) {
  return visit<kFloats>("dropout", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const Compute<T> scale = static_cast<Compute<T>>(p < 1 ? 1 / (1 - p) : 0);
    return draw<4, T>(d, "dropout", Dropped<T>{words_below(p), scale}, static_cast<uint64_t>(seed),
                      static_cast<uint64_t>(offset), n, pointer<const T>(x), pointer<T>(y));
  });
}

}  // namespace device
}  // namespace flambeau
