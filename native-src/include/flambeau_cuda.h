/*
 * What the CUDA library offers beside flambeau.h: devices, waiting, staging, libraries, switches, and kernels that
 * other devices lack (for them Kernels has methods that answer UNSUPPORTED).
 *
 * Kernels are queued on one stream per device and run when their turn comes. A call returns once its work is queued;
 * fl_read_*, fl_download, fl_fetch and fl_synchronize wait. What goes wrong on the device (an index out of range, a
 * zero divisor) is answered by the next call that waits, or by any later call that notices, with the op's name; with
 * the switch FL_CUDA_SYNC by the call itself, which then writes nothing.
 */
#ifndef FLAMBEAU_CUDA_H
#define FLAMBEAU_CUDA_H
#include "flambeau.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How many devices there are. -1: none can be used, and fl_last_error says what is missing. */
FL_API int32_t fl_devices(void);
/** The device that this thread's next fl_allocate, fl_memory, fl_trim and fl_describe are about; 0 at first. */
FL_API int32_t fl_select(int32_t device);
/** fl_allocate on a device, whatever is selected. 0: no memory (FL_OUT_OF_MEMORY), or the device cannot be used. */
FL_API fl_address fl_allocate_on(int32_t device, int64_t bytes);
/** Bytes of memory that a device has; 0: it cannot be used. */
FL_API int64_t fl_device_bytes(int32_t device);
/** Waits until everything queued on the selected device is done; answers with what went wrong on it. */
FL_API int32_t fl_synchronize(void);

/** The most bytes that one copy may stage. */
#define FL_STAGING_BYTES 2097152
/** Pinned host memory for one copy of at most FL_STAGING_BYTES. Waits until there is some. 0: none can be had. */
FL_API fl_address fl_stage(int64_t bytes);
/** Queues the copy of staged bytes to the selected device; the staging memory is released afterwards. */
FL_API int32_t fl_send(fl_address target, fl_address staged, int64_t bytes);
/** Copies from the selected device into staging memory, and waits; fl_unstage gives it back. */
FL_API int32_t fl_fetch(fl_address staged, fl_address source, int64_t bytes);
FL_API void fl_unstage(fl_address staged);

/**
 * fl_upload on a stream of its own, beside kernels queued from now on; fl_join lets later kernels wait for it. Large
 * copies, also fl_upload's and fl_download's, are shared by up to fl_threads threads.
 */
FL_API int32_t fl_upload_beside(fl_address target, const void* source, int64_t bytes);
FL_API int32_t fl_join(void);

/** On the host: bytes from an offset of an array to or from staging memory. */
FL_API void fl_copy_in(fl_address staged, const void* array, int64_t offset, int64_t bytes);
FL_API void fl_copy_out(void* array, int64_t offset, fl_address staged, int64_t bytes);

/**
 * The status of this thread's last call that returns a value instead: fl_read_*, fl_allocate*, fl_device_bytes,
 * fl_memory, fl_trim, fl_stage. When it failed it returned 0.
 */
FL_API int32_t fl_value_status(void);

/**
 * Takes cuBLAS (and cuBLASLt) from shared libraries, for good. FL_UNSUPPORTED: it cannot be had from there, and
 * fl_describe says why; "" chooses our own kernels. Until then products answer FL_NEED_BLAS.
 */
FL_API int32_t fl_cublas_open(const char* cublas, const char* cublas_lt);

/** Switches of the library. */
enum fl_cuda_switch {
  FL_CUDA_SYNC = 0,         /* wait after every kernel */
  FL_CUDA_TF32 = 1,         /* float32 products may use TF32 tensor cores */
  FL_CUDA_FAST_SCATTER = 2, /* sums at repeated indices by atomics: faster, not the same bits every time */
  FL_CUDA_OWN_PRODUCTS = 3, /* no product is cuBLAS's */
  FL_CUDA_OWN_RELU = 4      /* cuBLASLt applies no ReLU, for the sake of NaN */
};
FL_API int32_t fl_cuda_switch(int32_t which, int32_t on);
/** Calls of cudaMalloc so far: none are made once a program is warm. */
FL_API int64_t fl_device_allocations(void);

/* ------------------------------------------------------------------------------------------------ on GPUs alone */
/**
 * y = x / (1 - p) where a draw from seed and offset keeps an element, which it does with probability 1 - p, else 0. The
 * same draw gives the same mask. Only where the generator is counter-based.
 */
FL_OP int32_t fl_dropout(int32_t dtype, int64_t n, fl_address x, fl_out y, int64_t seed, int64_t offset, double p);

#ifdef __cplusplus
}
#endif
#endif
