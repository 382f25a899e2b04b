/* A full memory fence in every thread of the process, made by one of them. */
#ifndef FLAMBEAU_CPU_PROCESS_BARRIER_H
#define FLAMBEAU_CPU_PROCESS_BARRIER_H

namespace flambeau {

/** Whether the system can do it. */
bool has_barrier();

/** Makes it; false: it could not. */
bool pass_barrier();

}  // namespace flambeau
#endif
