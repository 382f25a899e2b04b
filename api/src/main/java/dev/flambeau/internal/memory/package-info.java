/**
 * Native memory: frees the blocks of tensors that were closed or have become unreachable, and keeps
 * small ones for reuse.
 *
 * <p>To read it: {@link Reclaimer}, one for each device, allocates, frees, and asks for a garbage
 * collection when too much is live; a block is freed through its {@link Reclaimer.Token}. {@link
 * ThreadBlocks} is what each thread has of it, {@link SmallBlocks} a thread's free lists for one
 * device. {@link NativeCalls} says how memory is freed while other threads compute, and {@link
 * DeferredFrees} keeps what must wait for them.
 *
 * <p>Here belongs what deals with blocks by address and size. What a block is for is unknown here:
 * that is {@code internal.tensor}'s.
 */
package dev.flambeau.internal.memory;
