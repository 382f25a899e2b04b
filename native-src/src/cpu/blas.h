/* OpenBLAS, found at run time: no link-time dependency. */
#ifndef FLAMBEAU_CPU_BLAS_H
#define FLAMBEAU_CPU_BLAS_H
#include <stdint.h>

namespace flambeau {

/** CBLAS codes: row-major, and the two forms of an operand. */
enum : int { kRowMajor = 101, kNoTrans = 111, kTrans = 112 };

/** The functions taken from a BLAS, set to run on one thread each. */
struct Blas {
  void (*sgemm)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda,
                const float* b, int ldb, float beta, float* c, int ldc);
  void (*dgemm)(int order, int trans_a, int trans_b, int m, int n, int k, double alpha, const double* a, int lda,
                const double* b, int ldb, double beta, double* c, int ldc);
};

/** The opened BLAS, or null: then a kernel that needs it returns FL_NEED_BLAS before it writes anything. */
const Blas* blas() noexcept;

/** True once it is known that no BLAS is to be had: then kernels do without. */
bool blas_refused() noexcept;

/** Takes cblas_* from the library already loaded from this path; "" says that there is none. Returns a status. */
int32_t blas_open(const char* path);

/** Where the BLAS came from, for people. */
const char* blas_origin();

}  // namespace flambeau
#endif
