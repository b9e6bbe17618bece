/* Synchronous replication, ANY 1 (D,R): no commit that a client was told of is lost, whoever is promoted.

   P writes up to WAL commits; the standbys D(0) and R(1) receive each when they like, their replies reach P when they
   like, also after they were detached; P tells the client once one of them has it. Observers (any number, killed,
   frozen or late at any step, as in voters.pml) may detach a standby and, when they give up, attach it again; they
   elect the most advanced one, write the record on voters (D, R and the witness), and some other one, much later, may
   find it and complete it. P may serve all that time: it was cut off, slow, or taken for dead wrongly. One choice only
   is ever recorded by a majority: voters.pml.

   best_effort: D and R are detached, then the choice is promoted without proof that P is gone.
   REQUIRED: P is fenced first (succession.pml), and nobody needs to be detached.

   Rules that are needed, each shown to be by what is refuted without it (see run):
   1. Whoever completes a decision compares the positions again, after detaching or fencing: what was the most advanced
      standby when it was elected needn't be any more. If the choice is behind, it first fetches the missing WAL.
   2. A standby that holds a record for its timeline follows nobody on that timeline any more: attaching again, undoing
      a detachment and repointing look for a record on the node itself first, and refuse. Only a standby that has a
      record and was seen detached after it counts as detached.
   3. Nobody changes synchronous_standby_names of a primary that is being replaced; an observer on its side of a cut
      that sees commits wait must not set them free.
   What doesn't hold (refuted as well): with one standby out of reach (ONE_SILENT), commits that it alone confirmed are
   lost, under both policies, and under best_effort P goes on acknowledging through it. And P may acknowledge a commit
   after both were detached (LITERAL): a reply was on its way. The one promoted has that commit.

   Result (spin 6.5.2, exhaustive, 3 commits): 37,520 states, with REQUIRED 52,220; each below a second. */

#ifndef WAL
#define WAL 3
#endif

bool serves = true; bool fenced;        /* fenced: some observer has seen that P is stopped for good */
byte written, acknowledged;
bool attached[2] = true; byte position[2]; byte reply[2];
bool record[3];                         /* of D, R and the witness: the choice is recorded */
byte choice = 2;
bool sealed[2];                         /* some observer has seen it detached, after it took the record */
bool level;                             /* some observer has seen the choice to have what the other one has */
bool promoted;

#define DECIDED (record[0] + record[1] + record[2] >= 2)
#define OTHER (1 - choice)
#ifdef REQUIRED
#define STILL(s) fenced
#else
#define STILL(s) sealed[s]
#endif
#ifdef ONE_SILENT
#define BOTH_STILL (choice != 2 && STILL(choice))
#else
#define BOTH_STILL (STILL(0) && STILL(1))
#endif

active proctype Primary() {
  byte s;
end:
  do
  :: atomic { serves && written < WAL -> written++ }
  :: atomic { serves -> select(s : 0 .. 1); reply[s] = position[s]; s = 0 }
  :: atomic {
#ifdef CORRECTS             /* mutant: an observer on P's side sets waiting commits free */
       serves && acknowledged < written ->
#else
       serves && (acknowledged < reply[0] || acknowledged < reply[1]) ->
#endif
         acknowledged++;
#ifdef LITERAL
         assert(!(sealed[0] && sealed[1]));
#endif
         if :: promoted -> assert(acknowledged <= position[choice]) :: else fi
     }
  od
}

active proctype Standbys() {
  byte s;
end:
  do
  :: atomic {
       select(s : 0 .. 1);
       if :: attached[s] && position[s] < written && !(promoted && s == choice) -> position[s]++ :: else fi; s = 0
     }
  od
}

active proctype Observers() {
  byte s;
end:
  do
  :: atomic {
       select(s : 0 .. 1);
       if
       :: attached[s] = false
#ifdef REATTACH             /* mutant: giving up attaches a standby again, whatever was decided meanwhile */
       :: attached[s] = true
#else
       :: !record[s] -> attached[s] = true
#endif
#ifdef SEALED_ELSEWHERE     /* mutant: detached counts without a record of its own */
       :: DECIDED && !attached[s] -> sealed[s] = true
#else
       :: record[s] && !attached[s] -> sealed[s] = true
#endif
       :: choice == 2 && position[s] >= position[1 - s] -> choice = s       /* elected */
       :: else
       fi; s = 0
     }
  :: atomic { choice != 2 -> select(s : 0 .. 2); record[s] = true; s = 0 }
#ifdef REQUIRED
  :: atomic { DECIDED -> serves = false; fenced = true }
#endif
  :: atomic { !promoted && DECIDED && BOTH_STILL && position[choice] >= position[OTHER] -> level = true }
  :: atomic { !promoted && DECIDED && BOTH_STILL && position[choice] < position[OTHER] -> position[choice]++ }
  :: atomic { (!promoted && DECIDED && BOTH_STILL
#if !defined(TRUSTS) && !defined(ONE_SILENT)    /* mutant: the election isn't looked at again */
                && level
#endif
              ) -> promoted = true; level = true;
#ifdef CAN
         assert(acknowledged < 2);
#endif
         assert(acknowledged <= position[choice])
     }
  od
}
