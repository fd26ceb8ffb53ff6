#include "policy/heap.h"

#include "base/memory.h"

#include <stdlib.h>

bool heap_entry_less(const struct heap_entry *a, const struct heap_entry *b)
{
    return a->key != b->key ? a->key < b->key : a->number < b->number;
}

void heap_put(struct heap *heap, struct heap_entry entry)
{
    size_t hole = heap->n;

    heap->at = memory_grow(heap->at, heap->n, sizeof *heap->at);
    for (heap->n++; hole && heap_entry_less(&entry, &heap->at[(hole - 1) / 2]); hole = (hole - 1) / 2)
        heap->at[hole] = heap->at[(hole - 1) / 2];
    heap->at[hole] = entry;
}

struct heap_entry heap_take(struct heap *heap)
{
    struct heap_entry least = heap->at[0], last = heap->at[--heap->n];
    size_t hole = 0;

    for (size_t child; (child = 2 * hole + 1) < heap->n; hole = child) {
        if (child + 1 < heap->n && heap_entry_less(&heap->at[child + 1], &heap->at[child]))
            child++;
        if (!heap_entry_less(&heap->at[child], &last))
            break;
        heap->at[hole] = heap->at[child];
    }
    heap->at[hole] = last;
    return least;
}

void heap_free(struct heap *heap)
{
    free(heap->at);
    *heap = (struct heap){ 0 };
}
