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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *at;
    size_t length, room;
};

void text_add(struct text *text, const void *bytes, size_t size);
void text_string(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_clear(struct text *text);
void text_free(struct text *text);

/* The length in bytes of the UTF-8 character (RFC 3629) at `at`, in a string that ends with a NUL, and which it is; 0
   where there is none. */
size_t text_decode(const char *at, uint32_t *character);

/* Does the character do more to a terminal than to be seen? Then people are shown an escape instead. Those are the
   control characters C0, DEL and C1, and of Unicode what ends a line or turns the direction of writing. */
bool text_is_control(uint32_t character);

/* How people are shown what stands at `at`: a character as it is, a control character or a byte that is no UTF-8 as
   \xHH, byte for byte. Puts that into `to` and returns how many bytes of `at` it stands for. */
enum { TEXT_SHOWN = 4 * 4 + 1 };
size_t text_show(const char *at, char to[TEXT_SHOWN]);

/* Of `words` (n of them), the one nearest to `word` in edit distance, case aside, or NULL if none is near: for "did you
   mean". */
const char *text_nearest(const char *word, const char *const *words, size_t n);

#endif
