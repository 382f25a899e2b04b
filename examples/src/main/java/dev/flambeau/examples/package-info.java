/** The command line {@code flambeau}, and programs to read: the course notes, Fashion-MNIST. */
package dev.flambeau.examples;
