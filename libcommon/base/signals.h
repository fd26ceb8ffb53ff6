/*
 * Signals.
 *
 * A program that writes only removes its temporary files and dies of the signal, as its parent expects: output_open()
 * arranges that. A program that trains asks to be told instead, looks between two batches, and ends in its own good
 * time:
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

/* From now on INT, TERM, HUP and QUIT remove the temporary files before they end the program; XFSZ becomes the error
   EFBIG. Called by output_open(). Signals that the parent set to be ignored stay ignored. */
void signals_end_cleanly(void);

/* From now on TERM, INT and USR1 only ask to stop, and USR2 asks for a snapshot. A terminal or Slurm may tell a child
   twice: a second request within two seconds is the same one; a later one ends the program at once, temporary files
   removed, with 75. */
void signals_catch(void);

bool signals_stop(void);     /* has a stop been asked for? */
bool signals_snapshot(void); /* has a snapshot been asked for since the last call? */

#endif
