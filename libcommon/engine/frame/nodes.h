/*
 * How ranks share out what is added in a tree.
 *
 * The tree over n chunks splits n at the largest power of two below it (tree_split() of engine/ref/layers.h). A rank
 * has some chunks behind one another. What it can add by itself are the nodes of the tree that lie in its share: the
 * largest of them are its sums, from left to right, and are sent; all that is above them follows from those of all
 * ranks.
 *
 *     16 chunks, 3 ranks: | 0 1 2 3 | 4 5 6 7 : 8 9 | 10 11 : 12 13 14 15 |
 *                            node       node   node    node       node
 */
#ifndef ENGINE_FRAME_NODES_H
#define ENGINE_FRAME_NODES_H

#include <stddef.h>

/* Things behind one another: samples, chunks, parameters. */
struct span {
    size_t first, count;
};

/* The share of a rank in n things, which are given out in units of so many. */
struct span share_of(size_t n, size_t unit, size_t rank, size_t ranks);

/* What a rank has of a batch. */
struct part {
    struct span chunks, samples;
    size_t nodes_before, nodes; /* of the ranks before it; of its chunks */
};

/* Give out n chunks, in units that are the largest power of two by which no rank has more to do than it must. Of
   `parts`, (ranks), all but samples is filled in. */
void share_chunks(size_t n, size_t ranks, struct part *parts);

/* Node `number` of a part, of n chunks in all. */
struct span find_node(size_t n, const struct part *part, size_t number);

/* Of the sums of all nodes, of `count` floats each, `stride` apart, the first becomes that of all n chunks. */
void add_nodes(size_t n, const struct part *parts, size_t stride, size_t count, float *sums);

#endif
