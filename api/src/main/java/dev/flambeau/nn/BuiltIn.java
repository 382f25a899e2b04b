package dev.flambeau.nn;

/**
 * Marks this package's own modules. They store no tensor that their code makes on the way, so a
 * call may free all of those when it returns. Others say so by {@link Module#freesTemporaries}.
 */
interface BuiltIn {}
