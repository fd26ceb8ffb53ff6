#include "engine/frame/nodes.h"

#include "base/divide.h"
#include "base/size.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"

#include <stdbool.h>

struct span share_of(size_t n, size_t unit, size_t rank, size_t ranks)
{
    const size_t units = divide_up(n, unit);
    const size_t first = size_smaller(n, units * rank / ranks * unit);
    const size_t end = size_smaller(n, units * (rank + 1) / ranks * unit);

    return (struct span){ first, end - first };
}

static size_t largest_share(size_t n, size_t unit, size_t ranks)
{
    return divide_up(divide_up(n, unit), ranks) * unit;
}

static size_t choose_unit(size_t n, size_t ranks)
{
    size_t unit = 1;

    while (unit < n && largest_share(n, 2 * unit, ranks) <= divide_up(n, ranks))
        unit *= 2;
    return unit;
}

/* How many chunks the largest node has that begins at chunk `first` of a share. */
static size_t node_size(size_t n, struct span share, size_t first)
{
    const size_t most = share.first + share.count - first;
    size_t begin = 0, size = n, split;

    while (begin < first || size > most) {
        split = tree_split(size);
        if (first < begin + split) {
            size = split;
        } else {
            begin += split;
            size -= split;
        }
    }
    return size;
}

static size_t count_nodes(size_t n, struct span share)
{
    size_t count = 0;

    for (size_t done = 0; done < share.count; count++)
        done += node_size(n, share, share.first + done);
    return count;
}

void share_chunks(size_t n, size_t ranks, struct part *parts)
{
    const size_t unit = choose_unit(n, ranks);
    size_t nodes = 0;

    for (size_t rank = 0; rank < ranks; rank++) {
        parts[rank].chunks = share_of(n, unit, rank, ranks);
        parts[rank].nodes_before = nodes;
        parts[rank].nodes = count_nodes(n, parts[rank].chunks);
        nodes += parts[rank].nodes;
    }
}

struct span find_node(size_t n, const struct part *part, size_t number)
{
    struct span node = { part->chunks.first, 0 };

    for (size_t i = 0; i <= number; i++) {
        node.first += node.count;
        node.count = node_size(n, part->chunks, node.first);
    }
    return node;
}

/* Does one rank have the node of n chunks from `first` on? */
static bool is_of_one(const struct part *parts, size_t first, size_t n)
{
    while (parts->chunks.first + parts->chunks.count <= first)
        parts++;
    return first + n <= parts->chunks.first + parts->chunks.count;
}

/* The node of n chunks from `first` on; returns of how many nodes of ranks it is made. */
static size_t add_node(const struct part *parts, size_t first, size_t n, size_t stride, size_t count, float *sums)
{
    size_t split, left, right;

    if (is_of_one(parts, first, n))
        return 1;
    split = tree_split(n);
    left = add_node(parts, first, split, stride, count, sums);
    right = add_node(parts, first + split, n - split, stride, count, sums + left * stride);
    frame_add(count, sums + left * stride, sums);
    return left + right;
}

void add_nodes(size_t n, const struct part *parts, size_t stride, size_t count, float *sums)
{
    add_node(parts, 0, n, stride, count, sums);
}
