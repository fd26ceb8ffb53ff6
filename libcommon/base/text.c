#include "base/text.h"

#include "base/error.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_reserve(struct text *text, size_t more)
{
    size_t needed, room = text->room ? text->room : 64;

    if (__builtin_add_overflow(text->length, more, &needed) || __builtin_add_overflow(needed, 1, &needed))
        die(STATUS_RESOURCE, "out of memory");
    if (needed <= text->room)
        return;
    while (room < needed && !__builtin_mul_overflow(room, 2, &room))
        ;
    text->at = realloc(text->at, room);
    if (!text->at)
        die(STATUS_RESOURCE, "out of memory");
    text->room = room;
}

void text_add(struct text *text, const void *bytes, size_t size)
{
    text_reserve(text, size);
    if (size)
        memcpy(text->at + text->length, bytes, size);
    text->length += size;
    text->at[text->length] = '\0';
}

void text_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        die(STATUS_BUG, "text_format: a format that cannot be printed: %s", format);
    text_reserve(text, (size_t)length);
    vsnprintf(text->at + text->length, (size_t)length + 1, format, again);
    va_end(again);
    text->length += (size_t)length;
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->at)
        text->at[0] = '\0';
}

void text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){ 0 };
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, case aside; words of 32 bytes or more are never near. */
static size_t edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 32 };
    size_t row[LONGEST + 1], n = strlen(b);

    if (strlen(a) >= LONGEST || n >= LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            bool differs = tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]);
            row[j] = smaller(smaller(above, row[j - 1]) + 1, diagonal + differs);
            diagonal = above;
        }
    }
    return row[n];
}

const char *text_nearest(const char *word, const char *const *words, size_t n)
{
    const char *nearest = NULL;
    size_t least = strlen(word) / 2 + 1;

    for (size_t i = 0; i < n; i++) {
        size_t distance = edit_distance(word, words[i]);
        if (distance < least) {
            least = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
