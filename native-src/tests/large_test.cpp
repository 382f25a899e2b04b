/* Results large enough for non-temporal stores: the same bits as piece by piece, at any alignment, nothing else. */
#include "testing.h"

using namespace testing;

namespace {

constexpr int64_t kPieces = 5, kRows = 1024, kColumns = 1024, kPiece = kRows * kColumns, kAll = kPieces * kPiece;
constexpr float kUntouched = -77;

/** f(pieces' first element, elements, y): once for everything, and piece by piece. */
template <class F> void compare(const char* what, int64_t offset, const F& f) {
  std::vector<float> whole(static_cast<size_t>(kAll + 64), kUntouched), pieces = whole;
  CHECK_OK(f(int64_t{0}, kAll, address(whole.data() + offset)));
  for (int64_t at = 0; at < kAll; at += kPiece) CHECK_OK(f(at, kPiece, address(pieces.data() + offset + at)));
  CHECK(memcmp(whole.data(), pieces.data(), whole.size() * sizeof(float)) == 0, "%s at offset %d", what,
        static_cast<int>(offset));
  CHECK(whole[static_cast<size_t>(offset + kAll)] == kUntouched, "%s at offset %d", what, static_cast<int>(offset));
}

}  // namespace

int main() {
  std::vector<float> x(static_cast<size_t>(kAll)), other(x.size());
  for (float& v : x) v = static_cast<float>(uniform(-3, 3));
  for (size_t i = 0; i < other.size(); ++i) other[i] = x[x.size() - 1 - i];
  const fl_address a = address(x.data()), b = address(other.data());
  for (int64_t offset : {0, 1, 3, 15, 16}) {
    compare("relu", offset,
            [&](int64_t at, int64_t n, fl_address y) { return fl_unary(FL_RELU, FL_FLOAT32, n, a + 4 * at, y, 0, 0); });
    compare("exp", offset,
            [&](int64_t at, int64_t n, fl_address y) { return fl_unary(FL_EXP, FL_FLOAT32, n, a + 4 * at, y, 0, 0); });
    compare("add", offset, [&](int64_t at, int64_t n, fl_address y) {
      return fl_binary(FL_ADD, FL_FLOAT32, n, a + 4 * at, b + 4 * at, y);
    });
    compare("row added", offset, [&](int64_t at, int64_t n, fl_address y) {
      const int64_t geometry[] = {2, n / kColumns, kColumns, kColumns, 1, kColumns, 1, 0, 1};
      return fl_binary_strided(FL_ADD, FL_FLOAT32, address(geometry), a + 4 * at, b, y);
    });
    for (int32_t log : {0, 1}) {
      compare("softmax", offset, [&](int64_t at, int64_t n, fl_address y) {
        return fl_softmax(log, FL_FLOAT32, n / kColumns, kColumns, 1, a + 4 * at, y);
      });
    }
    compare("layer norm", offset, [&](int64_t at, int64_t n, fl_address y) {
      std::vector<float> mean(kPieces * kRows), rstd(kPieces * kRows);
      return fl_layer_norm(FL_FLOAT32, n / kColumns, kColumns, a + 4 * at, b, b, y, address(mean.data()),
                           address(rstd.data()), 1e-5);
    });
    compare("transposed", offset, [&](int64_t at, int64_t n, fl_address y) {
      const int64_t pieces = n / kPiece;
      const int64_t geometry[] = {3, pieces, kColumns, kRows, kPiece, kRows, 1, kPiece, 1, kColumns};
      return fl_copy(FL_FLOAT32, FL_FLOAT32, address(geometry), a + 4 * at, y);
    });
  }
  return finish();
}
