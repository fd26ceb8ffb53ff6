/*
 * Signals.
 *
 * A program removes its temporary files and dies of the signal, as its parent expects: program_start() arranges that. A
 * program that trains asks to be told instead, looks between two batches, and ends in its own good time:
 *
 *     signals_catch();
 *     while (work_is_left) {
 *         do_a_batch();
 *         if (signals_stop())
 *             break;
 *         if (signals_snapshot())
 *             save_a_partial();
 *     }
 */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <stdbool.h>

/* From now on the signals that people, terminals, batch systems and limits end programs with remove the temporary files
   first; those that the parent set to be ignored stay so. XFSZ becomes the error EFBIG. */
void signals_end_cleanly(void);

/* From now on TERM, INT, HUP, USR1 and XCPU only ask to stop, and USR2 asks for a snapshot; that nobody reads messages
   any more (PIPE) is no reason to stop. A terminal or Slurm may tell a child twice: a second request within two seconds
   is the same one; a later one ends the program at once, temporary files removed, with 75. INT is heard also by a
   background child, for which a shell ignores it; HUP is not where the parent ignores it, as nohup(1) does. */
void signals_catch(void);

bool signals_stop(void);     /* has a stop been asked for? */
bool signals_snapshot(void); /* has a snapshot been asked for since the last call? */

#endif
