/* Two observers step by step: voter locks, records, fence, promotion; safety, and that a failover ends.

   Both believe that P is dead, whether it is or not. Voters for replacing timeline 1: D(0), R(1), both promotable, and
   the witness W(2). An observer takes the locks in this order, without waiting, passing over whom it can't reach, and
   lets go of all at the first refusal; it needs two. It reads the records of the voters it holds, adopts a choice or
   elects, writes the record on them, goes on if two took the same choice, fences P (mark, stop, look), promotes, lets
   go.

   Without PROGRESS: safety. At every step an observer may fail to reach whom it asks, crash and start again; a lock may
   vanish (its holder's session broke, the voter started again) while its holder goes on; the locks of a crashed
   observer stay until their sessions are found to be broken; a record or a promotion may be left on its way and arrive
   at any time later; P is started by its supervisor whenever it isn't marked. All of this any number of times. A lock
   that may vanish before the next one asks excludes nobody, so that here none is ever found taken.
   Claims: never two nodes promoted, and none while P serves or could come back as a primary. ORDER: while no lock
   vanishes only one observer is past the locks ("already in progress"); with locks vanishing it doesn't hold, which is
   why there are records.

   With PROGRESS: no more faults; A and B reach for good the voters in the masks A and B (1 = D, 2 = R, 4 = W; without
   them any majority each), P can be fenced, and the records are those that earlier crashes left (LEFT: 0 none, 1 at
   most one, 2 any). CRASH: A may crash once more, anywhere (its locks vanish; FROZEN: it keeps them). Claim under weak
   fairness: some node is promoted in the end.
   It holds while both reach a majority, each another one if need be: who holds the highest lock is never refused. Rules
   that are needed, each shown to be by what is refuted without it (see run):
   1. An observer connects to all voters first and takes no lock before it has reached a majority. Else one that reaches
      a minority only takes and leaves the first lock for ever and the other one is refused each time (EAGER).
   2. Contradicting records needn't stop for a person. Safety rests on the majority, not on whom one reads: a choice may
      be completed that has, or can still get, a majority; adopt the one that most voters hold. If instead all
      contradiction stops (STRICT), two observers that crash between their first record and their second leave a cluster
      for a person though nothing was decided.
   What doesn't hold: a choice whose node is out of reach blocks as soon as one voter that is needed holds it
   (second.pml has a way on); so do contradicting records while the third voter is out of reach, and an observer that is
   frozen with its locks: they should end by themselves (idle_session_timeout, a witness that wants to be fed).

   Result (spin 6.5.2, exhaustive): 2,625,311 states in 6 s; ORDER 32,209; PROGRESS 2,794; below a second. */

#define FREE 2
#define NONE 3
byte lock[3] = FREE; byte record[3] = NONE;
bool serves = true; bool mark; bool promoted[2];
byte past;                              /* how many observers are past the locks */

#ifdef PROGRESS
byte reach[2];
#define REACHES(v) (reach[o] & (1 << (v)))
#else
#define REACHES(v) true
bool chosen[2];                         /* records of this choice may be on their way, to any voter */
bool ordered[2];                        /* promotions of this node too */
#endif
#if defined(PROGRESS) && !defined(CRASH) && !defined(FROZEN) || defined(ORDER)
#define MAY_CRASH false
#elif defined(PROGRESS)
#define MAY_CRASH (o == 0)
#else
#define MAY_CRASH true
#endif
#if defined(PROGRESS) || defined(ORDER)
#define LOCK(v) lock[v] = o
#else
#define LOCK(v) skip                    /* it has vanished when the next one asks */
#endif
#define SHARE(n, v) (((n) >> (v)) & 1)
#define COUNT(n) (SHARE(n, 0) + SHARE(n, 1) + SHARE(n, 2))
#ifdef REACHABLE                        /* mutant: a majority of those that one reaches */
#define ENOUGH 1
#else
#define ENOUGH 2
#endif

/* Whoever promotes c, now or late. */
inline promote(c) {
#ifdef CAN
  assert(false);
#endif
  promoted[c] = true;
  assert(!serves && mark);
  assert(!(promoted[0] && promoted[1]))
}

inline let_go(o) {
  atomic {
    if :: (held & 1) && lock[0] == o -> lock[0] = FREE :: else fi;
    if :: (held & 2) && lock[1] == o -> lock[1] = FREE :: else fi;
    if :: (held & 4) && lock[2] == o -> lock[2] = FREE :: else fi;
    held = 0; choice = NONE; same = 0; v = 0
  }
}

/* The choice to complete, or NONE to elect; CONTRADICTION to stop for a person. */
#define CONTRADICTION 4
#define VOTES(c) ((record[0] == c) + (record[1] == c) + (record[2] == c))
inline read_records() {
  d_step {
    v = 0;
    do
    :: v < 3 ->
         if
         :: SHARE(held, v) && record[v] != NONE ->
              if
              :: choice == NONE -> choice = record[v]
              :: choice != NONE && choice != record[v] -> choice = CONTRADICTION
              :: else
              fi
         :: else
         fi; v++
    :: else -> break
    od; v = 0;
#ifndef STRICT
    /* Who holds all three can complete what most of them hold; at one each the third decides. */
    if
    :: choice == CONTRADICTION && held == 7 -> choice = (VOTES(0) >= VOTES(1) -> 0 : 1)
    :: else
    fi
#endif
  }
}

proctype Observer(byte o) {
  byte held, choice = NONE, same, v;
#ifdef ORDER
  bool inside;
#endif
again:
  v = 0;
#if defined(PROGRESS) && !defined(EAGER)
end:
  COUNT(reach[o]) >= 2;
#endif
  do
  :: atomic { v < 3 && lock[v] == FREE && REACHES(v) -> LOCK(v); held = held | (1 << v); v++ }
  :: atomic { v < 3 && lock[v] != FREE && REACHES(v) -> goto give_up }
#ifdef PROGRESS
  :: atomic { v < 3 && !REACHES(v) -> v++ }
#else
  :: atomic { v < 3 -> v++ }
#endif
  :: atomic { v == 3 -> v = 0; break }
  :: MAY_CRASH && held != 0 -> goto crash
  od;
  if :: COUNT(held) >= ENOUGH -> skip :: else -> goto give_up fi;
#ifdef ORDER
  atomic { past++; inside = true; assert(past == 1) }
#endif
  atomic {
    read_records();
    if
    :: choice == CONTRADICTION -> goto give_up
    :: choice == NONE && REACHES(0) -> choice = 0
    :: choice == NONE && REACHES(1) -> choice = 1
    :: choice < 2
    fi;
#ifndef PROGRESS
    chosen[choice] = true
#endif
  }
  do
  :: atomic { v < 3 && !SHARE(held, v) -> v++ }
  :: atomic {
       v < 3 && SHARE(held, v) ->
#ifdef OVERWRITE                        /* mutant: records can be replaced */
         record[v] = choice;
#else
         if :: record[v] == NONE -> record[v] = choice :: else fi;
#endif
         if :: record[v] == choice -> same++ :: else fi; v++
     }
#if !defined(PROGRESS) && !defined(ORDER)
  :: atomic { v < 3 && SHARE(held, v) -> v++ }
#endif
  :: atomic { v == 3 -> v = 0; break }
  :: MAY_CRASH -> goto crash
  od;
#ifndef RECORDLATE                      /* mutant: promotes whatever the records are */
  if :: same >= ENOUGH :: else -> goto give_up fi;
#endif
#ifdef ACTS
  assert(false);
#endif
#ifndef FENCELATE                       /* mutant: promotes, then fences */
  if :: mark = true :: MAY_CRASH -> goto crash fi;
  if :: serves = false :: MAY_CRASH -> goto crash fi;
#ifndef PROGRESS
  if :: mark && !serves :: goto give_up fi;
#endif
#endif
  if
#ifdef PROGRESS
  :: atomic { REACHES(choice) -> promote(choice) }
  :: !REACHES(choice)
#else
  :: ordered[choice] = true
#endif
  :: MAY_CRASH -> goto crash
  fi;
give_up:
#ifdef ORDER
  atomic { if :: inside -> past--; inside = false :: else fi; let_go(o) }
#else
  let_go(o);
#endif
  goto again;
crash:
#ifdef FROZEN
  skip
#elif defined(PROGRESS)
  let_go(o) /* its sessions are found to be broken */
#else
  atomic { held = 0; choice = NONE; same = 0; v = 0 }
  goto again
#endif
}

#ifndef PROGRESS
proctype Faults() {
  byte v, c;
end:
  do
#ifdef VANISH
  :: atomic { select(v : 0 .. 2); lock[v] = FREE; v = 0 }
#endif
  :: atomic {
       select(v : 0 .. 2); select(c : 0 .. 1);
       if
#ifdef OVERWRITE
       :: chosen[c] -> record[v] = c
#else
       :: chosen[c] && record[v] == NONE -> record[v] = c
#endif
       :: ordered[c] -> promote(c)
       :: else
       fi; v = 0; c = 0
     }
  :: atomic { !serves && !mark -> serves = true }
  od
}
#endif

#if defined(PROGRESS) && !defined(ACTS)
ltl ends { <> (promoted[0] || promoted[1]) }
#endif

#ifdef PROGRESS
#ifndef LEFT
#define LEFT 0
#endif
inline leave_records() {
  do
  :: v < 3 ->
       if
       :: LEFT == 2 || LEFT == 1 && record[0] == NONE && record[1] == NONE -> select(c : 0 .. 1); record[v] = c
       :: true
       fi; v++
  :: else -> break
  od
}
#endif

init {
  byte v, c;
  atomic {
#ifdef PROGRESS
#ifdef A
    reach[0] = A; reach[1] = B;
#else
    if :: reach[0] = 3 :: reach[0] = 5 :: reach[0] = 6 :: reach[0] = 7 fi;
    if :: reach[1] = 3 :: reach[1] = 5 :: reach[1] = 6 :: reach[1] = 7 fi;
#endif
    leave_records();
#else
    run Faults();
#endif
    run Observer(0); run Observer(1)
  }
}
