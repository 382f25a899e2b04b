/* What every kernel file may use: threads, scratch memory, errors. */
#ifndef FLAMBEAU_KERNELS_SUPPORT_H
#define FLAMBEAU_KERNELS_SUPPORT_H
#include "../../shared/dtype.h"
#include "../../shared/scalar_math.h"
#include "../../shared/strided.h"

#if defined(__clang__)
#define FL_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define FL_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace flambeau {
namespace FL_ISA {

/** Elements a thread takes at a time: 4 to 32 KB, and a whole number of vectors of every type. */
constexpr int64_t kBlock = 4096;

FL_HD int64_t min_of(int64_t a, int64_t b) { return a < b ? a : b; }
FL_HD int64_t max_of(int64_t a, int64_t b) { return a > b ? a : b; }

/** f(i, count) for n elements, a register of Ts at a time: count elements from i on, all but the last time a full one.
 */
template <class T, class F> FL_HD void each_register(int64_t n, const F& f) {
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) f(i, int64_t{kLanes<T>});
  if (i < n) f(i, n - i);
}
/** For each_register: count elements; lanes past them hold fill. */
template <class T> FL_HD Vec<T> take(const T* p, int64_t count, T fill) {
  return count == kLanes<T> ? load<Vec<T>>(p) : load_some<Vec<T>>(p, count, fill);
}
template <class T> FL_HD void put(T* p, Vec<T> v, int64_t count) {
  if (count == kLanes<T>) {
    store(p, v);
  } else {
    store_some(p, v, count);
  }
}

/**
 * Results of this size are evicted from the caches before they are read again, so they are written by non-temporal
 * stores: no line is read only to be overwritten. Half of a common L3 cache; smaller results are still cached when they
 * are read.
 */
constexpr int64_t kStreamBytes = 16 << 20;
#if FL_X86
constexpr bool kCanStream = true;
#else
constexpr bool kCanStream = false;
#endif
/** Are so many bytes of results worth non-temporal stores? Not where they replace an operand: its lines are cached. */
FL_HD bool should_stream(int64_t bytes, const void* y, const void* a, const void* b = nullptr) {
  return kCanStream && bytes >= kStreamBytes && y != a && y != b;
}

/**
 * f(i, count, to) for pieces of n results, each into a cached buffer that non-temporal stores then copy to y + i; the
 * caller calls stream_fence() after the last. Pieces are small, so that the processor reads for the next one while it
 * still writes this one. Not inlined: small results need no stack for the buffer.
 */
template <class T, class F> __attribute__((noinline)) void write_streaming(T* y, int64_t n, const F& f) {
  constexpr int64_t kPiece = 1024 / static_cast<int64_t>(sizeof(T));
  alignas(64) T buffer[kPiece];
  const int64_t off = static_cast<int64_t>(reinterpret_cast<uintptr_t>(y) % 64 / sizeof(T));
  int64_t piece = kPiece - off;  // all pieces but the first begin with a cache line
  for (int64_t i = 0; i < n;) {
    const int64_t count = min_of(piece, n - i);
    f(i, count, buffer);
    int64_t j = 0;
    for (; j < count && reinterpret_cast<uintptr_t>(y + i + j) % 64 != 0; ++j) y[i + j] = buffer[j];
    for (; j + kLanes<T> <= count; j += kLanes<T>) store_streaming(y + i + j, load<Vec<T>>(buffer + j));
    for (; j < count; ++j) y[i + j] = buffer[j];
    i += count;
    piece = kPiece;
  }
}

/** f(i, count, to) for pieces of n results, `to` being y + i, or a buffer when y is streamed to. */
template <class T, class F> FL_HD void write_range(bool streams, T* y, int64_t n, const F& f) {
  if (streams) {
    write_streaming(y, n, f);
  } else {
    f(int64_t{0}, n, y);
  }
}

/** Are lines of results worth non-temporal stores of whole registers? */
template <class T> FL_HD bool should_stream_lines(int64_t lines, int64_t len, const T* x, const T* y) {
  const int64_t bytes = len * static_cast<int64_t>(sizeof(T));
  return bytes % 64 == 0 && reinterpret_cast<uintptr_t>(y) % 64 == 0 && should_stream(lines * bytes, y, x);
}
/** A non-temporal store of a whole register, or put. */
template <class T> FL_HD void put_or_stream(bool streams, T* p, Vec<T> v, int64_t count) {
  if (streams) {
    store_streaming(p, v);
  } else {
    put(p, v, count);
  }
}

/** Calls f: the one place where a body is compiled, for the caller and for the pool alike. */
template <class F> __attribute__((noinline)) void run_range(void* f, int64_t begin, int64_t end) noexcept {
  (*static_cast<const F*>(f))(begin, end);
}

/** f(begin, end) over [0, total), on the pool when the work is worth it. ns: what one item costs, roughly. */
template <class F> FL_HD void parallel_for(int64_t total, double ns, const F& f) {
  void* const body = const_cast<void*>(static_cast<const void*>(&f));
  if (static_cast<double>(total) * ns < kSerialNanoseconds) {
    run_range<F>(body, 0, total);
  } else {
    parallel_run(total, ns, run_range<F>, body);
  }
}

/** f(begin, end) over n elements, cut at multiples of kBlock only. */
template <class F> FL_HD void parallel_blocks(int64_t n, double ns, const F& f) {
  parallel_for((n + kBlock - 1) / kBlock, ns * static_cast<double>(min_of(n, kBlock)),
               [&](int64_t begin, int64_t end) { f(begin * kBlock, min_of(n, end * kBlock)); });
}

/**
 * f(offsets, n) for pieces of rows: offsets of the piece's first element in each operand, n elements along the last
 * dim. Rows longer than kBlock are cut, so that a few long rows feed all threads too.
 */
template <int K, class F> FL_HD void for_row_pieces(const Geometry<K>& g, double ns, const F& f, bool streams = false) {
  const int64_t length = g.row_length(), rows = g.rows();
  const int64_t pieces = (length + kBlock - 1) / kBlock;
  const int64_t piece = pieces == 1 ? length : kBlock;
  const double cost = ns * static_cast<double>(piece) + 3;
  parallel_for(rows * pieces, cost, [&](int64_t begin, int64_t end) {
    RowWalk<K> walk(g, begin / pieces);
    int64_t part = begin % pieces;
    for (int64_t i = begin; i < end; ++i) {
      int64_t offsets[K];
      for (int k = 0; k < K; ++k) offsets[k] = walk.offset[k] + part * piece * g.row_stride(k);
      f(offsets, min_of(piece, length - part * piece));
      if (++part == pieces) {
        part = 0;
        walk.next();
      }
    }
    if (streams) stream_fence();
  });
}

/** Memory for the length of a call: on the stack when small. */
template <class T> class Scratch {
 public:
  explicit Scratch(int64_t count) : bytes_(count * static_cast<int64_t>(sizeof(T))) {
    data_ = bytes_ <= static_cast<int64_t>(sizeof local_) ? reinterpret_cast<T*>(local_) : pointer<T>(allocate(bytes_));
  }
  ~Scratch() {
    if (data_ != nullptr && data_ != reinterpret_cast<T*>(local_)) {
      release(static_cast<fl_address>(reinterpret_cast<intptr_t>(data_)), bytes_);
    }
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* get() const { return data_; }
  T& operator[](int64_t i) const { return data_[i]; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  alignas(64) unsigned char local_[2048];
  int64_t bytes_;
  T* data_;
};

inline int32_t out_of_memory(const char* op) { return fail(FL_OUT_OF_MEMORY, "%s: no memory for scratch space", op); }

}  // namespace FL_ISA
}  // namespace flambeau
#endif
