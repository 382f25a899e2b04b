/* How libraries beside the emulated runtime queue work on its streams: they are handed a stream, and nothing else. */
#ifndef FLAMBEAU_TESTS_QUEUE_H
#define FLAMBEAU_TESTS_QUEUE_H
#include <functional>

/** What every emulated stream begins with. */
struct EmulatedQueue {
  /** Takes work that touches memory of the stream's device. Not 0: the stream is another device's, or all has failed. */
  int (*take)(EmulatedQueue* stream, const char* op, std::function<void()> work);
};
#endif
