/*
 * The model card for people: Markdown, as CommonMark with tables has it.
 */
#ifndef RELEASE_CARD_MARKDOWN_H
#define RELEASE_CARD_MARKDOWN_H

#include "release/card.h"

/* Add the text of a finished card. */
void card_markdown(const struct card *card, struct text *to);

#endif
