/* One failover after another: never two primaries, never two nodes promoted out of one timeline, however late a message
   comes.

   Nodes P(0), D(1), R(2) and the witness W(3). P begins as the primary of timeline 1; LAST timelines are replaced, one
   after the other, by whoever is chosen; old primaries come back as standbys, vote again and may be promoted again.
   Voters for timeline T: the three without the primary of T. Fencing is required: the node is marked (whatever starts
   it starts a standby), stopped, and seen marked and then seen not to serve; or it is shot (STONITH). Any node may
   crash and be started by its supervisor at any step.

   Observers don't appear: any number of them, frozen, killed, cut off, wrong about the primary being dead, is covered
   by letting every message that one could ever have sent arrive at any time later, any number of times or never. What
   stays true once it was (a majority holds a choice) stands for the observers' knowledge of it; what doesn't (a node
   was seen fenced) is remembered as seen. A node's own look and act are one step: one statement, or one script. That
   choices are unique and the right server is fenced although observers may take another one for the primary:
   voters.pml. WAL: commits.pml.

   Rules that are needed, each shown to be by what is refuted without it (see run):
   1. A promotion names the timeline that it replaces, and the node itself refuses when it isn't a standby on that one,
      in the same statement that promotes. Else a late one promotes a node that meanwhile follows the next primary. It
      also must not be promoted from an older timeline: who was never repointed is no candidate.
   2. A fence names the timeline too; one that comes late must not stop the primary of a later timeline.
   3. First the mark, then the stop, then looking, in that order: else the supervisor starts a primary in between.
   4. Whoever was shot stays off until it is brought back as a standby: a reset, or a host that boots, is no fence.
   5. A fenced primary never goes on with its timeline. It may become the primary again only by being promoted under a
      decision like any other node (P is among the choices here). An observer that saw it fenced may promote another one
      much later.
   6. That a node was seen as the primary holds for the timeline that it was seen on. An observer that was cut off while
      P was replaced by D must not take P for the primary of timeline 2: it would fence P and promote R while D serves.
   7. Every promotion, also the planned one of a switchover and the one that a person orders, needs the record.

   BEST_EFFORT: promoted without proof that the old primary is gone, which is fenced whenever it is met; the claim is
   then only that each timeline has one successor.

   Result (spin 6.5.2, exhaustive, LAST=2): 750,393 states in 5 to 8 s; BEST_EFFORT 1,250,313 states in 8 to 13 s. */

#ifndef LAST
#define LAST 2
#endif
#define NOBODY 3
#define DOWN 0
#define STANDBY 1
#define PRIMARY 2

byte role[3]; byte timeline[3] = 1; bool mark[3]; bool off[3];
byte primary[LAST + 3] = NOBODY;        /* the one node that timeline T was begun by */
byte record[4 * (LAST + 1)] = NOBODY;   /* of each voter, for each timeline */
bool seen_marked[LAST + 1]; bool fenced[LAST + 1];  /* seen by some observer */
byte successors[LAST + 3];

#define RECORD(t, v) record[4 * (t) + (v)]
#define HOLDS(t, v, c) (primary[t] != v && RECORD(t, v) == c)
#ifdef REACHABLE            /* mutant: a majority of those that one reaches */
#define DECIDED(t, c) (HOLDS(t, 0, c) || HOLDS(t, 1, c) || HOLDS(t, 2, c) || HOLDS(t, 3, c))
#else
#define DECIDED(t, c) (HOLDS(t, 0, c) + HOLDS(t, 1, c) + HOLDS(t, 2, c) + HOLDS(t, 3, c) >= 2)
#endif
#define ANY_DECIDED(t) (DECIDED(t, 0) || DECIDED(t, 1) || DECIDED(t, 2))
#ifdef BEST_EFFORT          /* promoted without proof: old primaries may serve until they are fenced */
#define ONE_PRIMARY true
#else
#define ONE_PRIMARY ((role[0] == PRIMARY) + (role[1] == PRIMARY) + (role[2] == PRIMARY) == 1)
#endif

/* Node c is promoted, which begins the timeline after its own. */
inline promote(c) {
  u = timeline[c];
  successors[u]++; assert(successors[u] == 1);
#ifndef BEST_EFFORT
  n = primary[u]; assert(role[n] != PRIMARY && (mark[n] || off[n]));
#endif
  role[c] = PRIMARY; mark[c] = false; timeline[c] = u + 1; primary[u + 1] = c;
  assert(ONE_PRIMARY);
#ifdef CAN
  assert(u < LAST);
#endif
}

active proctype Everything() {
  byte t, c, v, n, u;
  d_step {
    role[0] = PRIMARY; role[1] = STANDBY; role[2] = STANDBY; mark[1] = true; mark[2] = true; primary[1] = 0
  }
end:
  do
  :: atomic { /* Observers, about timeline t. */
       select(t : 1 .. LAST);
       if :: primary[t] == NOBODY -> goto done :: else fi;
       n = primary[t];
       if
       :: select(v : 0 .. 3); select(c : 0 .. 2); /* A record is written. */
            if
#ifdef OVERWRITE            /* mutant: records can be replaced */
            :: v != n -> RECORD(t, v) = c
#else
            :: v != n && RECORD(t, v) == NOBODY -> RECORD(t, v) = c
#endif
            :: else
            fi
       :: (ANY_DECIDED(t)
#ifndef LATEFENCE           /* mutant: a fence stops whatever it finds */
            && timeline[n] == t
#endif
          ) -> /* A fence arrives. */
            if
            :: mark[n] = true
            :: role[n] == PRIMARY -> assert(timeline[n] == t); role[n] = DOWN
            :: else
            fi
#ifdef STOPFIRST            /* mutant: it is seen stopped, then marked */
       :: role[n] != PRIMARY -> seen_marked[t] = true
       :: seen_marked[t] && timeline[n] == t && mark[n] -> fenced[t] = true
#else
       :: timeline[n] == t && mark[n] -> seen_marked[t] = true
       :: seen_marked[t] && role[n] != PRIMARY -> fenced[t] = true
#endif
       :: ANY_DECIDED(t) -> role[n] = DOWN; off[n] = true; fenced[t] = true /* It is shot, however late. */
       :: select(c : 0 .. 2); /* A promotion arrives. */
            if
            :: (role[c] == STANDBY && !off[c]
#ifndef RECORDLATE          /* mutant: promoted first, recorded after */
                 && DECIDED(t, c)
#endif
#if !defined(FENCELATE) && !defined(BEST_EFFORT)  /* mutant: promoted first, fenced after */
                 && (fenced[t]
#ifdef STALE                /* mutant: whom one remembers as the primary, of whatever timeline, is fenced */
                     || t > 1 && fenced[t - 1]
#endif
                    )
#endif
#ifndef LATEPROMOTE         /* mutant: whatever timeline it follows */
                 && timeline[c] == t
#endif
               ) -> promote(c)
            :: else
            fi
       fi;
done:  t = 0; c = 0; v = 0; n = 0; u = 0
     }
  :: atomic { /* Nodes, by themselves. */
       select(n : 0 .. 2);
       if
       :: role[n] != DOWN -> role[n] = DOWN
       :: (role[n] == DOWN
#ifndef REBOOT              /* mutant: shot means reset */
            && !off[n]
#endif
          ) -> if :: mark[n] -> role[n] = STANDBY :: else -> role[n] = PRIMARY; assert(ONE_PRIMARY) fi
       :: role[n] != PRIMARY -> /* It is repointed, rejoined or rebuilt: follows the primary that there is. */
            select(c : 0 .. 2);
            if
            :: role[c] == PRIMARY && timeline[c] > timeline[n] ->
                 timeline[n] = timeline[c]; mark[n] = true; off[n] = false
            :: else
            fi
#ifdef UNFENCE              /* mutant: a person lets the fenced primary of the newest timeline go on */
       :: primary[timeline[n]] == n && primary[timeline[n] + 1] == NOBODY -> mark[n] = false
#endif
#ifdef UNRECORDED           /* mutant: a switchover stops the primary and promotes without the record */
       :: role[n] == STANDBY && timeline[n] <= LAST && primary[timeline[n]] != n ->
            u = timeline[n]; t = primary[u]; c = n;
            if :: timeline[t] == u && role[t] != PRIMARY && mark[t] -> promote(c) :: else fi
#endif
       :: else
       fi; n = 0; c = 0; t = 0; u = 0
     }
  od
}
