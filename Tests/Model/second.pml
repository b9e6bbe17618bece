/* A decision is recorded and the node that was chosen doesn't come back: how another may be chosen safely.

   Without more the failover waits for that node for ever (observers.pml, LEFT=1): the record can't be replaced. A
   second record, under a key of its own (system identifier, timeline, second choice), may be written once the first
   choice is barred: a note is left in its data directory with which it refuses to be promoted out of that timeline, it
   is stopped, then seen noted, after that seen stopped, and after that its control file is seen to be on that timeline
   still. Where that can't be had a person has to say that the node is gone for good.

   D(0) and R(1) are standbys of timeline 1, whose primary is fenced. Each key has one choice at most (voters.pml). The
   nodes crash and start again; every message, from any number of observers, may come at any time later or never.
   Claim: never two nodes promoted out of the timeline.

   What is needed, and refuted without it (see run): the node itself looks for the note when it is told to promote, in
   the session that promotes (UNLOOKED; a session ends with the stop, so that looking first is enough); being seen down
   isn't enough without the note (UNNOTED); noted, then stopped, is seen in that order (STOPFIRST), and the control file
   last: it may have been promoted just before the note and have crashed (UNREAD).

   Result (spin 6.5.2, exhaustive): 116 states, below a second. */

#define NONE 2
#define DOWN 0
#define STANDBY 1
#define PRIMARY 2

byte role[2] = STANDBY; bool promoted[2]; bool barred[2];
bool session[2];                        /* a session on it has looked for the note, and may tell it to promote */
byte first = NONE, second = NONE;       /* what a majority holds under either key */
bool noted, stopped, spent;             /* seen, of the first choice, by some observer, one after the other */

#define CHOSEN(c) (first == c || second == c)

active proctype Everything() {
  byte c;
end:
  do
  :: atomic { first == NONE -> select(c : 0 .. 1); first = c; c = 0 }
  :: atomic { spent && second == NONE -> select(c : 0 .. 1); second = c; c = 0 }
  :: atomic {
       first != NONE -> c = first;
       if
       :: !promoted[c] -> barred[c] = true
       :: !promoted[c] && role[c] == STANDBY -> role[c] = DOWN; session[c] = false
#ifdef UNNOTED
       :: role[c] == DOWN -> stopped = true
#endif
#ifdef STOPFIRST
       :: role[c] == DOWN -> noted = true
       :: noted && barred[c] -> stopped = true
#else
       :: barred[c] -> noted = true
       :: noted && role[c] == DOWN -> stopped = true
#endif
#ifdef UNREAD
       :: stopped -> spent = true
#else
       :: stopped && !promoted[c] -> spent = true
#endif
       :: else
       fi; c = 0
     }
  :: atomic {
       select(c : 0 .. 1);
       if
       :: (CHOSEN(c) && role[c] == STANDBY
#ifndef UNLOOKED
            && !barred[c]
#endif
          ) -> session[c] = true
       :: session[c] && !promoted[c] -> session[c] = false; promoted[c] = true; role[c] = PRIMARY;
#ifdef CAN
            assert(c != second);
#endif
            assert(!(promoted[0] && promoted[1]))
       :: role[c] != DOWN -> role[c] = DOWN; session[c] = false
       :: role[c] == DOWN -> role[c] = (promoted[c] -> PRIMARY : STANDBY)
       :: else
       fi; c = 0
     }
  od
}
