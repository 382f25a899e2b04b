/**
 * Measures Flambeau beside other libraries: the same work, in a process for each of them.
 *
 * <p>To read it: {@link Engine} is a library behind one interface, {@link FlambeauEngine} and
 * {@link PlainJava} are two of them, others lie below {@code bench/peers}. {@code Work} is a line
 * of the table, made of an {@link Op} or a {@link Net}. {@link Bench} is the program: it starts a
 * {@code Worker} for each {@code Peer}, asks it through {@code Remote}, compares what comes back
 * with {@code Reference}, and keeps it in {@code Results}, from which {@code Report} and {@code
 * Chart} are made; {@code Targets} says what is aimed at. {@code First}, {@code Costs} and {@code
 * Neighbour} measure starts, memory, and a machine that others use too.
 *
 * <p>Here belongs what measures; what is measured is the library's or a peer's.
 */
package dev.flambeau.bench;
