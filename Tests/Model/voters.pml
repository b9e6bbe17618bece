/* Who may vote, who was the primary: one choice for each timeline, and the right server fenced before it is promoted.

   P(0) is the primary of timeline 1, D(1) and R(2) follow it, all others are witnesses. Replacing timeline 1 asks for
   records on more than half of all nodes and witnesses but the primary that is replaced. An observer that starts after
   the failure may take another node for it, by what a standby names as its upstream (D in a cascade; the leftover
   primary_conninfo of a fenced P): then its voters are others, and two majorities need not have a voter in common.

   Observers don't appear: any number of them, each frozen, killed or restarted anywhere, is covered by letting every
   message that one of them could ever have sent arrive at any time, in any order, any number of times or never; what
   one was told is kept for ever and taken to be known to all. Locks and reading before writing are left out: safety
   doesn't rest on them. Two choices are enough: a voter with a third one counts for neither.
   Each record is created whole, then made durable; a crash of its host in between takes it away.

   Claims: no two choices are held by majorities; no node is promoted while P serves. P is down for good once fenced
   (succession.pml has the steps); only the choice is claimed with CHOICEONLY, and without any fencing by BEST_EFFORT.

   Rules that are needed, each shown to be by what is refuted without it (see run):
   1. Only a proof makes a node "the primary of timeline T": it answered once that it isn't in recovery and on T; or its
      data directory says so (control file, or the fence's own note); or the decision that began T names it. None of
      these can become untrue. That a standby names it as its upstream is no proof: in a cascade P(0) <- D <- R with P
      and D silent, D would be fenced and R promoted while P serves (UPSTREAM).
   2. Defence in depth: a node that was the primary of T takes no lock and no record for T, also as a fenced standby,
      whoever asks. Then all records of T lie on the same voters, and wrong beliefs can't give two choices.
   3. A voter has one record for a system identifier and a timeline, whatever name of an old primary is written in it.
   4. Who counts a record that was there already makes it durable (file and folder) before counting it.
   5. A record outlives the data directory: rebuilding a node must not take it away.
   Asking for a majority of all four instead, P too (FOUR), is safe without rules 1 and 2 as to the choice, but after
   the loss of the site of P and R the other two could do nothing.

   Result (spin 6.5.2, exhaustive): with 4 nodes below 1,000 states, with 6 below 5,000; each below a second. */

#ifndef NODES
#define NODES 4
#endif
#ifdef FOUR
#define MAJORITY (NODES / 2 + 1)
#define EXCLUDED(v, x) false
#else
#ifdef REACHABLE            /* mutant: more than half of those that one reaches, which may be one */
#define MAJORITY 1
#else
#define MAJORITY ((NODES - 1) / 2 + 1)
#endif
#define EXCLUDED(v, x) (v == x)
#endif
#ifdef KEYBYNAME            /* mutant: the record's key holds the name of the old primary too */
#define KEYS (3 * NODES)
#define KEY(x, v) (x * NODES + v)
#else
#define KEYS NODES
#define KEY(x, v) (v)
#endif

byte record[KEYS];          /* what the voter holds: 0, or 1 (D), or 2 (R) */
bool durable[KEYS];
bool told[2 * KEYS];        /* some observer was told that this voter holds this choice */
bool fenced[3];             /* some observer has seen this node fenced */
bool serves = true;         /* P is running as a primary, or may yet */
bool returned;              /* P is back as a standby of timeline 1: started in spite of the fence */
bool decided[3];             /* a majority holds this choice, as some observer was told */

inline majority(x, c, enough) {
  count = 0;
  for (w : 0 .. NODES - 1) {
    if :: !EXCLUDED(w, x) && told[(c - 1) * KEYS + KEY(x, w)] -> count++ :: else fi
  }
  w = 0; enough = count >= MAJORITY; count = 0
}

active proctype Everything() {
  byte x, v, c, k, w, count; bool enough;
end:
  do
  :: atomic {
       /* Any observer: x is whom it takes for the old primary, c its choice, v the voter that is asked. */
#ifdef ANYBELIEF
       select(x : 0 .. 2);
#else
#ifdef UPSTREAM             /* candidate rule, refuted: a standby names it as its upstream; R follows D here */
       select(x : 0 .. 1);
#else
       x = 0;
#endif
#endif
       select(c : 1 .. 2); select(v : 0 .. NODES - 1); k = KEY(x, v);
       if
       :: !EXCLUDED(v, x) && (v != 0
#ifdef OLDVOTES             /* mutant: P votes on its own timeline once it is back as a standby */
            || returned
#endif
#ifdef FOUR
            || true
#endif
          ) ->
            if
#ifdef OVERWRITE            /* mutant: records can be replaced */
            :: record[k] = c; durable[k] = false
#else
            :: record[k] == 0 -> record[k] = c
#endif
            :: record[k] == c -> durable[k] = true; told[(c - 1) * KEYS + k] = true
#ifdef UNSYNCED             /* mutant: who finds a record counts it as it is */
            :: record[k] == c -> told[(c - 1) * KEYS + k] = true
#endif
            :: else
            fi
       :: majority(x, c, enough);
            if
            :: enough -> decided[c] = true; assert(!(decided[1] && decided[2]));
                 fenced[x] = true; if :: x == 0 -> serves = false :: else fi
            :: (enough
#ifndef BEST_EFFORT         /* promoted without proof that the old primary is gone */
                 && fenced[x]
#endif
               ) -> /* Node c is promoted. */
#ifdef CAN
                 assert(false);
#endif
#ifdef CHOICEONLY
                 skip
#else
                 assert(!serves)
#endif
            :: else
            fi; enough = false
       :: else
       fi; x = 0; c = 0; v = 0; k = 0
     }
  :: atomic { fenced[0] -> returned = true }
  :: atomic { /* A host crashes. */
       select(k : 0 .. KEYS - 1);
       if
       :: !durable[k] -> record[k] = 0
#ifdef REBUILT              /* mutant: a rebuilt node starts with a data directory without its records */
       :: k < 3 -> record[k] = 0; durable[k] = false
#endif
       :: else
       fi; k = 0
     }
  od
}
