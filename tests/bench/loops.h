/* The loops that are not products: see loops.c. */
#ifndef LOOPS_H
#define LOOPS_H

/* Measure them, and print a table in Markdown. */
void loops_print(void);

#endif
