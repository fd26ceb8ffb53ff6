/*
 * A heap: of what was put in, the least comes out first, in O(log n).
 *
 *     struct heap heap = { 0 };
 *     heap_put(&heap, (struct heap_entry){ .key = 0.25, .number = trial });
 *     ... heap.at[0] is the least of heap.n entries ...
 *     entry = heap_take(&heap);
 *     heap_free(&heap);
 *
 * Of equal keys that with the smaller number is less, so that no two entries of different numbers are equal.
 */
#ifndef POLICY_HEAP_H
#define POLICY_HEAP_H

#include <stdbool.h>
#include <stddef.h>

struct heap_entry {
    double key; /* never NaN */
    size_t number;
};

struct heap {
    struct heap_entry *at;
    size_t n;
};

bool heap_entry_less(const struct heap_entry *a, const struct heap_entry *b);

void heap_put(struct heap *heap, struct heap_entry entry);

/* Take the least out; there must be one. */
struct heap_entry heap_take(struct heap *heap);

void heap_free(struct heap *heap);

#endif
