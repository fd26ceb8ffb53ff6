/*
 * Which command mends what is off in a run.
 */
#ifndef DOCTOR_REMEDY_H
#define DOCTOR_REMEDY_H

#include "base/text.h"
#include "doctor/examine.h"

/* A line for sh(1) that mends what was found, allocated; NULL where nothing is wrong, or where none does: what cannot
   be read is not for rote to change. */
char *remedy_of(const struct examination *run, const struct finding *finding);

/* Add a word so that sh(1) takes it as it is, and so that the line shows no control characters. One that ends in a
   line break, which can only be a directory, gets a slash behind it. */
void remedy_word(struct text *text, const char *word);

#endif
