#include "base/text.h"

#include "base/error.h"
#include "base/size.h"

#include <ctype.h>
#include <stdarg.h>
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
    size_t left;
    int length;

    text_reserve(text, 0);
    left = text->room - text->length;
    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(text->at + text->length, left, format, arguments);
    va_end(arguments);
    if (length < 0)
        die(STATUS_BUG, "text_format: a format that cannot be printed: %s", format);
    if ((size_t)length >= left) {
        text_reserve(text, (size_t)length);
        vsnprintf(text->at + text->length, (size_t)length + 1, format, again);
    }
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

size_t text_decode(const char *at, uint32_t *character)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *byte = (const unsigned char *)at;
    size_t length = *byte < 0x80 ? 1 : *byte < 0xc0 ? 0 : *byte < 0xe0 ? 2 : *byte < 0xf0 ? 3 : *byte < 0xf8 ? 4 : 0;

    if (length < 2) {
        *character = *byte;
        return length;
    }
    *character = *byte & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (byte[i] & 0x3f);
    }
    if (*character < least[length] || *character > 0x10ffff || (*character >= 0xd800 && *character <= 0xdfff))
        return 0;
    return length;
}

bool text_is_control(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = { { 0, 0x1f },        { 0x7f, 0x9f },     { 0x61c, 0x61c },
                   { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 } };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

size_t text_show(const char *at, char to[TEXT_SHOWN])
{
    uint32_t character;
    size_t length = text_decode(at, &character);

    if (length && !text_is_control(character)) {
        memcpy(to, at, length);
        to[length] = '\0';
        return length;
    }
    length = length ? length : 1;
    for (size_t i = 0; i < length; i++)
        sprintf(to + 4 * i, "\\x%02x", (unsigned char)at[i]);
    return length;
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
            row[j] = size_smaller(size_smaller(above, row[j - 1]) + 1, diagonal + differs);
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
