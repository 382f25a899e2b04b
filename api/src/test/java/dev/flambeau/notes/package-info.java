/**
 * The programs of the course notes, and what PyTorch prints for them. Start with {@link
 * dev.flambeau.notes.NotesTest}, the suite; {@link dev.flambeau.notes.TensorsNotes} and its like
 * are the programs, {@link dev.flambeau.notes.Golden} compares what they print.
 */
package dev.flambeau.notes;
