/*
 * How a released checkpoint is made again: the chain that it is the end of, as far as records tell, and the command
 * line. For card.c alone.
 */
#ifndef RELEASE_AGAIN_H
#define RELEASE_AGAIN_H

#include "release/card.h"

/* Add the card's ancestors: the parent, and those before it that `records` (ckpt-info's, as *.eval files have them)
   name by digest. */
void again_add_ancestors(struct card *card, const struct records *records);

/* (Allocated) the command line, for net.model and DATA, which the reader of the card has to supply; NULL where no
   single one does it, as the epochs were trained in steps of several lengths. */
char *again_command(const struct card *card);

#endif
