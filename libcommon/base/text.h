/*
 * A string that grows.
 *
 *     struct text text = { 0 };
 *     text_format(&text, "epoch %zu", epoch);
 *     puts(text.at);
 *     text_free(&text);
 *
 * `at` is NULL while nothing was added, else ends with a NUL that `length` does not count. Ends the program with 71
 * without memory.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

struct text {
    char *at;
    size_t length, room;
};

void text_add(struct text *text, const void *bytes, size_t size);
void text_string(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_clear(struct text *text);
void text_free(struct text *text);

/* Of `words` (n of them), the one nearest to `word` in edit distance, case aside, or NULL if none is near: for "did you
   mean". */
const char *text_nearest(const char *word, const char *const *words, size_t n);

#endif
