/**
 * Reads a CSV file into a table of texts; what becomes of it is left to others.
 *
 * <p>To read it: {@link dev.flambeau.cli.table.TextTable} is the result, {@link
 * dev.flambeau.cli.table.CsvReader} makes it, {@link dev.flambeau.cli.table.Cells} tells what one
 * cell means. {@link dev.flambeau.cli.table.TableException} is what is thrown here and by the
 * preparation, and {@link dev.flambeau.cli.table.SettingNames} how its message names a setting.
 */
package dev.flambeau.cli.table;
