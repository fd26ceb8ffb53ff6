#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool number_u64(const char *string, uint64_t *value)
{
    uint64_t sum = 0;

    if (!*string)
        return false;
    for (const char *p = string; *p; p++)
        if (*p < '0' || *p > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(*p - '0'), &sum))
            return false;
    *value = sum;
    return true;
}

bool number_size(const char *string, size_t *value)
{
    uint64_t wide;

    if (!number_u64(string, &wide) || wide > SIZE_MAX)
        return false;
    *value = (size_t)wide;
    return true;
}

bool number_any_double(const char *string, double *value)
{
    char *end;
    double number;

    if (!*string || isspace((unsigned char)*string) || strpbrk(string, "xX(")) /* hexadecimal; a NaN's payload */
        return false;
    errno = 0;
    number = strtod(string, &end);
    if (*end || end == string || (errno == ERANGE && isinf(number)))
        return false;
    *value = number;
    return true;
}

bool number_double(const char *string, double *value)
{
    double number;

    if (!number_any_double(string, &number) || !isfinite(number))
        return false;
    *value = number;
    return true;
}

const char *number_print(double value, char to[NUMBER_SIZE])
{
    if (isnan(value))
        return strcpy(to, "nan");
    if (fabs(value) < 1e15 && value == rint(value) && value != 0) { /* 60000, not 6e+04 */
        snprintf(to, NUMBER_SIZE, "%.0f", value);
        return to;
    }
    /* A decimal of so many digits is what a normal double near it prints as, with zeros behind that %g leaves out: if
       there is one, the fewest digits are among these. */
    for (int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG; digits <= 17; digits++) {
        snprintf(to, NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(to, NULL) == value)
            break;
    }
    return to;
}
