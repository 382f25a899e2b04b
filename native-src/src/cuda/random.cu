/*
 * Random numbers: element 4 i + j of a fill is made from word j of Philox's counter (offset, i) (doubles: element 2 i + j
 * from words 2 j and 2 j + 1), whichever thread makes it. A fill takes one offset.
 */
#include "../shared/functors.h"
#include "../shared/philox.h"
#include "kernels.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

/** Elements that one counter gives. */
template <class T> constexpr int kEach = IsSame<T, double>::value || IsSame<T, int64_t>::value ? 2 : 4;

/* What becomes of a counter's words. make(words, first element, elements of T). */
template <class T> struct Uniform {
  Compute<T> from, span;
  __device__ void make(const Philox4& r, int64_t, T (&out)[kEach<T>]) const {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      if constexpr (IsSame<T, double>::value) {
        out[j] = from + span * unit_double(r.word[2 * j], r.word[2 * j + 1]);
      } else {
        out[j] = from_compute<T>(from + span * unit_float(r.word[j]));
      }
    }
  }
};
template <class T> struct Normal {
  Compute<T> mean, deviation;
  __device__ void make(const Philox4& r, int64_t, T (&out)[kEach<T>]) const {
    using C = Compute<T>;
#pragma unroll
    for (int j = 0; j < kEach<T>; j += 2) {
      C a, b;
      if constexpr (IsSame<T, double>::value) {
        normal_pair(unit_double(r.word[0], r.word[1]), unit_double(r.word[2], r.word[3]), a, b);
      } else {
        normal_pair(unit_float(r.word[j]), unit_float(r.word[j + 1]), a, b);
      }
      out[j] = from_compute<T>(mean + deviation * a);
      out[j + 1] = from_compute<T>(mean + deviation * b);
    }
  }
};
/** 1 where a number of [0, 1) is below p. */
template <class T> struct Bernoulli {
  double p;
  __device__ void make(const Philox4& r, int64_t, T (&out)[kEach<T>]) const {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      const double u = static_cast<double>(r.word[j]) * 2.3283064365386963e-10;
      if constexpr (IsSame<T, Bool>::value) {
        out[j] = u < p ? Bool::yes : Bool::no;
      } else {
        out[j] = from_compute<T>(Compute<T>(u < p));
      }
    }
  }
};
/** The same with a probability for each element. */
template <class T> struct BernoulliEach {
  const T* p;
  int64_t n;
  __device__ void make(const Philox4& r, int64_t first, T (&out)[kEach<T>]) const {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      const double u = static_cast<double>(r.word[j]) * 2.3283064365386963e-10;
      out[j] = from_compute<T>(Compute<T>(first + j < n && u < static_cast<double>(to_compute(p[first + j]))));
    }
  }
};
/** from + u % range, u of 64 bits where the range needs them. */
template <class T> struct Integers {
  uint64_t from, range;
  __device__ void make(const Philox4& r, int64_t, T (&out)[kEach<T>]) const {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      // Words of wide ranges are joined with a neighbour's, turned round.
      const uint32_t other = r.word[(j + 2) % 4];
      const uint64_t u = kEach<T> == 2         ? static_cast<uint64_t>(r.word[2 * j]) << 32 | r.word[2 * j + 1]
                         : range > 0xffffffffu ? static_cast<uint64_t>(other * 0x9E3779B9u) << 32 | r.word[j]
                                               : static_cast<uint64_t>(r.word[j]);
      out[j] = from_compute<T>(static_cast<Compute<T>>(static_cast<int64_t>(from + u % range)));
    }
  }
};
/** x / (1 - p), or 0 with probability p. */
template <class T> struct Dropped {
  const T* x;
  int64_t n;
  double p;
  Compute<T> scale;
  __device__ void make(const Philox4& r, int64_t first, T (&out)[4]) const {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const double u = static_cast<double>(r.word[j]) * 2.3283064365386963e-10;
      const bool keeps = first + j < n && u >= p;
      out[j] = from_compute<T>(keeps ? to_compute(x[first + j]) * scale : Compute<T>(0));
    }
  }
};

template <class T, int N, class Maker>
__global__ void draw_kernel(Maker maker, uint64_t seed, uint64_t offset, int64_t n, T* y, bool packed) {
  for (int64_t i = first_item(); i * N < n; i += item_step()) {
    T out[N];
    maker.make(philox(seed, static_cast<uint64_t>(i), offset), i * N, out);
    if (packed && i * N + N <= n) {
      Pack<T, N> all;
#pragma unroll
      for (int j = 0; j < N; ++j) all.at[j] = out[j];
      reinterpret_cast<Pack<T, N>*>(y)[i] = all;
    } else {
      for (int j = 0; j < N && i * N + j < n; ++j) y[i * N + j] = out[j];
    }
  }
}

template <int N, class T, class Maker>
int32_t draw(Device& d, const char* op, const Maker& maker, uint64_t seed, uint64_t offset, int64_t n, T* y) {
  const bool packed = reinterpret_cast<uintptr_t>(y) % (N * sizeof(T)) == 0;
  return launch(d, op, draw_kernel<T, N, Maker>, grid_for(d, ceil_div(n, N)), maker, seed, offset, n, y, packed);
}

/** Fisher and Yates' shuffle, on the host: a permutation is drawn once, not in a loop. */
int32_t permute(Device& d, const PhiloxState& s, uint64_t offset, int64_t n, fl_address y) {
  int64_t* order = new int64_t[static_cast<size_t>(n)];
  for (int64_t i = 0; i < n; ++i) order[i] = i;
  for (int64_t i = n - 1; i > 0; --i) {
    const Philox4 r = philox(s.seed, static_cast<uint64_t>(i), offset);
    const uint64_t u = static_cast<uint64_t>(r.word[0]) << 32 | r.word[1];
    const int64_t j = static_cast<int64_t>(u % static_cast<uint64_t>(i + 1)), other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
  (void)d;
  const int32_t status = fl_upload(y, order, n * 8);
  delete[] order;
  return status;
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
      return visit_every("bernoulli", dtype, [&](auto tag) -> int32_t {
        using T = decltype(tag.value);
        return draw<kEach<T>>(d, "bernoulli", Bernoulli<T>{decode_scalar<double>(p)}, seed, offset, n, pointer<T>(y));
      });
    case FL_INTEGERS:
      return visit_numbers("random", dtype, [&](auto tag) -> int32_t {
        using T = decltype(tag.value);
        return draw<kEach<T>>(d, "random", Integers<T>{static_cast<uint64_t>(p), static_cast<uint64_t>(q)}, seed,
                              offset, n, pointer<T>(y));
      });
    default: break;
  }
  return visit_float("random", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    T* to = pointer<T>(y);
    const double a = decode_scalar<double>(p), b = decode_scalar<double>(q);
    switch (kind) {
      case FL_UNIFORM:
        return draw<kEach<T>>(d, "uniform", Uniform<T>{static_cast<C>(a), static_cast<C>(b - a)}, seed, offset, n, to);
      case FL_NORMAL:
      case FL_NORMAL_SERIAL:
        return draw<kEach<T>>(d, "normal", Normal<T>{static_cast<C>(a), static_cast<C>(b)}, seed, offset, n, to);
      case FL_BERNOULLI_EACH:
        return draw<kEach<T>>(d, "bernoulli", BernoulliEach<T>{pointer<const T>(x), n}, seed, offset, n, to);
      default: return fail(FL_UNSUPPORTED, "random: there is no kind %d", kind);
    }
  });
}

int32_t dropout(Device& d, int32_t dtype, int64_t n, int64_t seed, int64_t offset, fl_address x, fl_address y,
                double p) {
  return visit_float("dropout", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const Compute<T> scale = static_cast<Compute<T>>(p < 1 ? 1 / (1 - p) : 0);
    return draw<4>(d, "dropout", Dropped<T>{pointer<const T>(x), n, p, scale}, static_cast<uint64_t>(seed),
                   static_cast<uint64_t>(offset), n, pointer<T>(y));
  });
}

}  // namespace device
}  // namespace flambeau
