/*
 * Numbers in text: strict to read, exact to print. No sign where none is meant, no blanks, no trailing characters, no
 * overflow; always the C locale's point.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_SIZE = 40 }; /* room for any printed number and its NUL */

/* Decimal digits only; false, and *value untouched, for anything else or a number that does not fit. */
bool number_u64(const char *string, uint64_t *value);
bool number_size(const char *string, size_t *value);

/* A decimal floating number as strtod(3) reads it, correctly rounded; "inf" and "nan" are refused. */
bool number_double(const char *string, double *value);

/* Like number_double, but accepts what number_print writes of any double: "nan", "inf" and "-inf" too. */
bool number_any_double(const char *string, double *value);

/* The shortest decimal text that number_any_double reads back as exactly `value`. Returns `to`. */
const char *number_print(double value, char to[NUMBER_SIZE]);

#endif
