/*
 * The arithmetic that the CUDA kernels share: division by constants, offsets of items, halves, conversions, Philox, launch
 * sizes, how reductions are shared out and brought together, who holds a row.
 */
#include <cmath>
#include <initializer_list>
#include <random>
#include <set>

#include "cuda/pointwise.h"
#include "cuda/reduce_by.h"
#include "cuda/row_teams.h"
#include "shared/conversion.h"
#include "shared/philox.h"

/* testing.h's functions of the library are not linked here: this counts for itself. */
#include <stdio.h>

namespace flambeau {
const char* const half_refusal = "";  // a library's own text, and no library is linked here
}

using namespace flambeau::device;

namespace {

int failures = 0;
long checks = 0;
void check(bool right, const char* what, long long a, long long b) {
  ++checks;
  if (!right && ++failures <= 20) printf("%s: %lld, %lld\n", what, a, b);
}

void division() {
  std::mt19937 random(1);
  const uint32_t largest = 0x7fffffff;
  for (uint32_t by : {1u, 2u, 3u, 5u, 7u, 10u, 31u, 32u, 33u, 1000u, 65535u, 65536u, 65537u, 1u << 30, (1u << 30) + 1,
                      largest - 1, largest}) {
    const Divider divider = Divider::of(by);
    for (uint32_t n : {0u, 1u, by - 1, by, by + 1, 2 * by - 1, largest - 1, largest}) {
      if (n <= largest) check(divider.divide(n) == n / by, "divide", n, by);
    }
    for (int i = 0; i < 20000; ++i) {
      const uint32_t n = random() & largest;
      check(divider.divide(n) == n / by, "divide", n, by);
    }
  }
  for (int i = 0; i < 200000; ++i) {
    const uint32_t by = (random() % largest + 1) >> random() % 31, n = random() & largest;
    if (by > 0) check(Divider::of(by).divide(n) == n / by, "divide", n, by);
  }
}

/** Elements that two operands meet at, in any order. */
using Pairs = std::set<std::pair<int64_t, int64_t>>;

Geometry<2> geometry(std::initializer_list<int64_t> sizes, std::initializer_list<int64_t> strides) {
  int64_t table[1 + 6 * 3] = {static_cast<int64_t>(sizes.size())};
  int64_t* at = table + 1;
  for (int64_t size : sizes) *at++ = size;
  for (int64_t stride : strides) *at++ = stride;
  return Geometry<2>(table);
}

/** Every item of a geometry lies where counting says; arranged, and cut into pieces, it has the same ones. */
void offsets(std::initializer_list<int64_t> sizes, std::initializer_list<int64_t> strides) {
  const Geometry<2> g = geometry(sizes, strides);
  const Indexer<2> indexer(g);
  Pairs all;
  int64_t counter[6] = {};
  for (uint32_t item = 0; item < indexer.items; ++item) {
    int64_t expected[2] = {0, 0}, got[2];
    for (int d = 0; d < g.rank; ++d) {
      for (int k = 0; k < 2; ++k) expected[k] += counter[d] * g.stride[k][d];
    }
    indexer.offsets(item, got);
    for (int k = 0; k < 2; ++k) check(got[k] == expected[k], "offset", item, got[k]);
    all.insert({got[0], got[1]});
    for (int d = g.rank - 1; d >= 0 && ++counter[d] == g.size[d]; --d) counter[d] = 0;
  }
  for (int64_t most : {int64_t{1}, int64_t{2}, int64_t{5}, int64_t{17}, kMostItems}) {
    Pairs pieces;
    int64_t count = 0;
    const Geometry<2> whole = arranged(g);
    for (int d = 1; d < whole.rank; ++d) {
      check(std::abs(whole.stride[0][d - 1]) >= std::abs(whole.stride[0][d]), "order", whole.stride[0][d - 1], d);
    }
    for_pieces(
        whole,
        [&](const Geometry<2>& piece, const int64_t(&begin)[2]) {
          const Indexer<2> part(piece);
          check(part.items <= most, "size of a piece", part.items, most);
          count += part.items;
          for (uint32_t item = 0; item < part.items; ++item) {
            int64_t got[2];
            part.offsets(item, got);
            pieces.insert({begin[0] + got[0], begin[1] + got[1]});
          }
          return 0;
        },
        most);
    check(count == indexer.items && pieces == all, "pieces", count, most);
  }
}

/** Dims that follow each other in every operand become one, in whatever order they come. */
void arrangement() {
  const Geometry<2> merged = arranged(geometry({3, 4, 5}, {1, 15, 3, 1, 15, 3}));
  check(merged.rank == 1 && merged.size[0] == 60 && merged.stride[0][0] == 1, "one dim", merged.rank, merged.size[0]);
  const Geometry<2> row = arranged(geometry({7, 1, 8}, {8, 3, 1, 0, 9, 1}));
  check(row.rank == 2 && row.size[1] == 8 && row.stride[1][0] == 0, "row", row.rank, row.size[1]);
  const Geometry<2> one = arranged(geometry({1, 1}, {5, 7, 0, 0}));
  check(one.rank == 1 && one.size[0] == 1, "one item", one.rank, one.size[0]);
}

/** Which operands go in packs, and which are repeated. */
void packing() {
  alignas(16) static float memory[64];
  float *y = memory, *x = memory + 32;
  const auto ask = [](const Geometry<2>& g, float* to, const float* from) {
    return repeated_in_packs<4>(std::index_sequence<0>(), g, to, from);
  };
  check(ask(geometry({3, 8}, {8, 1, 8, 1}), y, x) == 0, "packs", 0, 0);
  check(ask(geometry({3, 8}, {8, 1, 0, 1}), y, x) == 0, "a row for all", 0, 0);
  check(ask(geometry({3, 8}, {8, 1, 1, 0}), y, x + 1) == 2, "a column for all", 2, 0);
  check(ask(geometry({3, 6}, {6, 1, 6, 1}), y, x) == -1, "a row's end", -1, 0);
  check(ask(geometry({3, 8}, {8, 1, 9, 1}), y, x) == -1, "lines of 9", -1, 0);
  check(ask(geometry({3, 8}, {8, 1, 8, 1}), y, x + 1) == -1, "begins anywhere", -1, 0);
  check(ask(geometry({3, 8}, {16, 2, 8, 1}), y, x) == -1, "gaps in y", -1, 0);
  check(ask(geometry({3, 8}, {8, 1, 8, -1}), y, x + 7) == -1, "backwards", -1, 0);
}

void halves() {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Half half = {static_cast<uint16_t>(bits)};
    const BFloat16 brain = {static_cast<uint16_t>(bits)};
    Half half_back;
    BFloat16 brain_back;
    narrow(widen(half), half_back);
    narrow(widen(brain), brain_back);
    const bool half_nan = (bits & 0x7fff) > 0x7c00, brain_nan = (bits & 0x7fff) > 0x7f80;
    check(half_nan ? (half_back.bits & 0x7fff) > 0x7c00 : half_back.bits == bits, "half", bits, half_back.bits);
    check(brain_nan ? (brain_back.bits & 0x7fff) > 0x7f80 : brain_back.bits == bits, "bfloat16", bits, brain_back.bits);
  }
  Half h;
  for (const auto& pair : {std::pair<float, int>{65519.0f, 0x7bff},
                           {65520.0f, 0x7c00},
                           {1e-8f, 0},
                           {-1e-8f, 0x8000},
                           {2.98023224e-8f, 0},
                           {2.9802326e-8f, 1},
                           {1.00048828125f, 0x3c00},
                           {1.0014648f, 0x3c02}}) {
    narrow(pair.first, h);
    check(h.bits == pair.second, "rounding to half", pair.second, h.bits);
  }
}

/** The known answers that its authors publish for Philox 4x32-10 (Random123, kat_vectors). */
void numbers() {
  const Philox4 zero = philox(0, 0, 0), ones = philox(~0ull, ~0ull, ~0ull);
  const Philox4 pi = philox(0x299f31d0a4093822ull, 0x85a308d3243f6a88ull, 0x0370734413198a2eull);
  const uint32_t expected[3][4] = {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                   {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                   {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
  for (int i = 0; i < 4; ++i) {
    check(zero.word[i] == expected[0][i], "philox 0", i, zero.word[i]);
    check(ones.word[i] == expected[1][i], "philox of ones", i, ones.word[i]);
    check(pi.word[i] == expected[2][i], "philox of pi", i, pi.word[i]);
  }
  check(unit_float(0xffffffff) < 1 && unit_double(0xffffffff, 0xffffffff) < 1, "below 1", 0, 0);
}

/** Points of the circle to the float's last places, and thresholds that take exactly the words below a probability. */
void draws() {
  for (uint32_t word = 0; word < 1u << 24; word += 641) {
    const float turn = unit_float(word << 8);
    float cosine, sine;
    circle(turn, cosine, sine);
    const double angle = 6.283185307179586476925 * turn;
    check(std::abs(cosine - std::cos(angle)) < 2e-7 && std::abs(sine - std::sin(angle)) < 2e-7, "circle", word, 0);
  }
  for (double p : {0.0, 1e-12, 0.1, 0.25, 0.5, 1 - 1e-12, 1.0, 2.0, -1.0}) {
    for (uint32_t word : {0u, 1u, 429496729u, 429496730u, 1u << 30, (1u << 30) - 1, 1u << 31, 0xffffffffu}) {
      const double u = word * 2.3283064365386963e-10;
      check((word < words_below(p)) == (u < p), "below", word, static_cast<long long>(p * 1000));
      const float narrow = static_cast<float>(p);
      check((word < words_below(narrow)) == (u < narrow), "below a float", word, static_cast<long long>(p * 1000));
    }
  }
  check(words_below(__builtin_nan("")) == 0, "below NaN", 0, 0);
}

/** Enough blocks for all items, none without, never more than a GPU runs at its best. */
void launches() {
  Device d = {};
  d.processors = 132;
  for (int64_t n : {int64_t{1}, int64_t{255}, int64_t{256}, int64_t{257}, int64_t{1} << 20, int64_t{1} << 40}) {
    const Grid grid = grid_for(d, n);
    const int64_t blocks = grid.blocks.x;
    check(blocks >= 1 && blocks <= 132 * 32 && (blocks - 1) * kThreads < n, "blocks", n, blocks);
    check(blocks == 132 * 32 || blocks * kThreads >= n, "blocks suffice", n, blocks);
  }
}

/** Every element of every output is some block's, each block has something, and the tickets suffice. */
void reductions() {
  const int64_t sizes[] = {1, 2, 3, 10, 32, 33, 100, 128, 1000, 1025, 4096, 100003, int64_t{1} << 20, int64_t{1} << 26};
  for (int64_t processors : {14, 40, 132}) {
    for (int64_t outer : sizes) {
      for (int64_t len : sizes) {
        for (int64_t inner : sizes) {
          if (outer * len > int64_t{1} << 33 || outer * len * inner > int64_t{1} << 33) continue;
          const ReducePlan plan = plan_reduce(processors, outer, len, inner);
          check(plan.shares * plan.share_len >= len && (plan.shares - 1) * plan.share_len < len, "shares", len,
                plan.shares);
          check(plan.shares == 1 || plan.tasks <= kTickets, "tickets", plan.tasks, plan.shares);
          check(plan.shares == 1 || plan.share_len % 16 == 0, "shares begin where packs do", len, plan.share_len);
          check(plan.shares == 1 || plan.tasks * plan.shares < processors * 32, "not too many", plan.tasks,
                plan.shares);
          const int64_t outputs = outer * inner, wide = plan.way == ReducePlan::columns ? plan.width : 1;
          check(plan.way == ReducePlan::columns ? plan.tasks * wide >= outputs : plan.tasks == outputs, "tasks",
                outputs, plan.tasks);
          check(inner == 1 || (plan.way != ReducePlan::groups && plan.way != ReducePlan::blocks), "lines apart", inner,
                plan.way);
        }
      }
    }
  }
  for (int64_t inner : {1, 2, 3, 7, 1000}) {
    const Lines lines(9, 5, inner);
    Lines wide = lines;
    wide.columns.narrow = false;
    for (int64_t output = 0; output < lines.outputs(); ++output) {
      const int64_t expected = output / inner * 5 * inner + output % inner;
      check(lines.start(output) == expected && wide.start(output) == expected, "start of an output", output, inner);
    }
  }
}

/** A team's registers hold its row, and a block the threads that it says. */
template <int words> void teams() {
  for (int64_t len :
       {1, 4, 16, 17, 32, 33, 128, 129, 256, 257, 1024, 1025, 4096, 4097, 8192, 8193, 16384, 16385, 32768, 32769}) {
    const auto held = [&](auto team) -> int32_t {
      using Holders = decltype(team);
      check(Holders::width * Holders::each >= len, "registers for a row", len, Holders::width);
      check(Holders::each * words <= kHeld, "registers of a thread", Holders::each, words);
      check(Holders::blocks * Holders::threads == 1024, "threads", Holders::threads, Holders::blocks);
      return 1;
    };
    const int32_t how = with_team<words>(len, held, [] { return 2; });
    check(how == (len <= 1024 * kHeld / words ? 1 : 2), "held at all", len, words);
  }
}

/** A merge whose order shows. */
struct InOrder {
  static uint64_t lane() { return 1; }
  static uint64_t widen(uint64_t lane) { return lane; }
  static uint64_t merge(uint64_t a, uint64_t b) { return a * 31 + b; }
};

void parts() {
  uint64_t part[5 * 300];
  for (int i = 0; i < 5 * 300; ++i) part[i] = static_cast<uint64_t>(i) + 3;
  for (int64_t end : {0, 1, 7, 8, 9, 63, 64, 65, 300}) {
    for (int step : {1, 3, 8, 256}) {
      for (int64_t stride : {1, 5}) {
        for (int64_t from = 0; from < step; ++from) {
          uint64_t expected = 1;
          for (int64_t k = from; k < end; k += step) expected = InOrder::merge(expected, part[k * stride]);
          check(merge_parts<InOrder>(part, stride, from, step, end) == expected, "parts", end, step);
        }
      }
    }
  }
}

/** As x86 converts, and so PyTorch on it: what an integer cannot hold is the least one. */
template <class T> void whole_numbers(T x) {
  const T wide = T(9223372036854775808.0), narrow = T(2147483648.0);
  const int64_t as64 = x >= -wide && x < wide ? static_cast<int64_t>(x) : INT64_MIN;
  const int64_t as32 = x >= -wide && x < wide && as64 >= INT32_MIN && x < narrow ? as64 : INT32_MIN;
  check(convert_one<T, int64_t>(x) == as64, "to int64", as64, convert_one<T, int64_t>(x));
  check(convert_one<T, int32_t>(x) == as32, "to int32", as32, convert_one<T, int32_t>(x));
  check(convert_one<T, uint8_t>(x) == static_cast<uint8_t>(as64), "to uint8", as64, convert_one<T, uint8_t>(x));
  check((convert_one<T, Bool>(x) == Bool::yes) == (x != 0), "to bool", as64, 0);
}

void conversions() {
  std::mt19937_64 random(3);
  for (int i = 0; i < 200000; ++i) {
    const double size =
        std::ldexp(1.0 + static_cast<double>(random() >> 12) / 4503599627370496.0, static_cast<int>(random() % 75) - 4);
    whole_numbers(i % 2 == 0 ? size : -size);
    whole_numbers(static_cast<float>(i % 2 == 0 ? size : -size));
  }
  const double infinity = __builtin_inf();
  for (double x : {0.0, -0.0, infinity, -infinity, __builtin_nan(""), 2147483647.5, 2147483648.0, -2147483648.5,
                   -2147483649.0, 9223372036854775807.0, -9223372036854775808.0, 1e19, 1e300}) {
    whole_numbers(x);
    whole_numbers(static_cast<float>(x));
  }
}

}  // namespace

int main() {
  division();
  offsets({7}, {1, 3});
  offsets({3, 5}, {5, 1, 1, 3});
  offsets({2, 3, 4, 5, 6, 7}, {2520, 840, 210, 42, 7, 1, 0, -1, 0, 100, 0, 1});
  offsets({4, 1, 9}, {9, 9, 1, 1, 0, -4});
  offsets({4, 5, 3}, {1, 12, 4, 0, 3, 1});
  arrangement();
  packing();
  halves();
  numbers();
  conversions();
  draws();
  launches();
  reductions();
  parts();
  teams<1>();
  teams<2>();
  teams<4>();
  teams<8>();
  printf("%ld checks, %d failures\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
