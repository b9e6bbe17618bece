// Statements and command lines stand as they are shown.
// swift-format-ignore-file

/// The plans of the built-in runbooks as `--plan` shows them.
enum GoldenPlan {
    static let failover = #"""
        Fail over from nas-1 to nas-2

        Must hold before anything is done
          ✓ nas-1 can be kept from taking writes
              the fence command cuts it off before the promotion; the host of node "nas-1" could not be reached: no route to host
          ? nas-2: nothing forbids making the node the primary in place of one that is gone or given up (nas-1)
              not asked yet
          ? nas-2: no voter that can be asked has recorded that another node replaces that primary
              not asked yet
          ? nas-3: the node is a standby
              not asked yet
          ? nas-2: a replication login from the node's host to that node works (nas-3)
              not asked yet
          ? nas-2: the acting role may promote
              not asked yet

        Steps
          1. write down on 4 voters that nas-2 replaces nas-1  [decide]
               unless a voter has recorded another node than nas-2:
                 nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c read-decision.sh pgdr-read-decision /srv/pgdr_decisions 7412345678901234567-1
                 third$ sh -c read-decision.sh pgdr-read-decision .pgdr/decisions 7412345678901234567-1
                 fourth$ sh -c read-decision.sh pgdr-read-decision '/srv/it'\''s' 7412345678901234567-1
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c write-decision.sh pgdr-write-decision /srv/pgdr_decisions 7412345678901234567-1
               | {"automatic":true,"nominee":"nas-2","replaces":"nas-1","run":"20261125-031502-abcd","trigger":"alert \"it's\" $(7)"}
               third$ sh -c write-decision.sh pgdr-write-decision .pgdr/decisions 7412345678901234567-1
               | {"automatic":true,"nominee":"nas-2","replaces":"nas-1","run":"20261125-031502-abcd","trigger":"alert \"it's\" $(7)"}
               fourth$ sh -c write-decision.sh pgdr-write-decision '/srv/it'\''s' 7412345678901234567-1
               | {"automatic":true,"nominee":"nas-2","replaces":"nas-1","run":"20261125-031502-abcd","trigger":"alert \"it's\" $(7)"}
               nas-3 can't be told: the host of node "nas-3" could not be reached: no answer
               with who decides and when, and 3 of 4 hold it then
          2. cut nas-1 off by the fence command  [fence-command]
             relies on: nas-1 is no primary
               here$ '/opt/cut off' '--node=$(nas-1)'
               | {"cluster":"shop","event":"fence","host":"10.0.0.1","node":"nas-1","port":5432,"run":"20261125-031502-abcd","site":null,"trigger":"alert \"it's\" $(7)"}
             then: nas-1 is no primary
          3. Make the slot of nas-2 on nas-3  [fetch-slot]
             unless: nas-3> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'dr_s__two_____reboot__')
               nas-3> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'dr_s__two_____reboot__')
             taken back by:
                 nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          4. Have nas-2 fetch the WAL that only nas-3 has  [fetch]
               nas-2> ALTER SYSTEM SET primary_conninfo = 'user=repl passfile=''/home/p g/it\''s $(here)'' host=10.0.0.3 port=5432 application_name=''dr\''s "two"; $(reboot)\\'''
               nas-2> ALTER SYSTEM SET primary_slot_name = 'dr_s__two_____reboot__'
               nas-2> SELECT pg_reload_conf()
             then: nas-2 has all the WAL that nas-3 has
          5. Make the slot of nas-3 on nas-2  [slots[nas-3]]
             unless: nas-2> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'nas_3') is 't'
               nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'nas_3')
               nas-2> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'nas_3')
             taken back by:
                 nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_3')
          6. correct synchronous_standby_names on nas-2  [synchronous-names]
             unless: synchronous_standby_names is empty
          7. See that no other standby has more WAL than nas-2  [positions]
               wait until no standby has over 0 bytes more than nas-2
          8. Promote nas-2  [promote]
             no way back from here on
             relies on: no standby has over 0 bytes more than nas-2
             relies on: no voter has recorded another node than nas-2 as 7412345678901234567-1
             unless: nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
               nas-2> SELECT CASE WHEN $1::bigint IS NULL OR $1::bigint >= GREATEST( (SELECT received_tli FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL), (SELECT max(('x' || left(name, 8))::bit(32)::bigint) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')) THEN pg_promote(false)::text ELSE 'on a later timeline' END AS promoted  ($1 = '1')
               wait until nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't', every 20 ms: nas-2> SELECT pg_reload_conf()
             then: nas-2> SELECT pg_logical_emit_message(true, 'pgdr', $1) IS NOT NULL AS committed  ($1 = 'write check') is 't'
          9. Lead clients to nas-2  [routes]
               here$ /opt/lead '$(clients)'
               here$ '/opt/lead them'
               | {"at":null,"cluster":"shop","event":"primary_changed","former":{"host":"10.0.0.1","node":"nas-1","port":5432,"site":null},"primary":{"host":"10.0.0.2","node":"nas-2","port":5433,"site":"b"},"run":"20261125-031502-abcd","runbook":"failover","schema":1,"timeline":null,"trigger":"alert \"it's\" $(7)"}
               with when and on which timeline; each may take 10.0 s
          10. make nas-3 follow nas-2  [repoint[nas-3]]
             relies on: nas-3 has no WAL that the primary's history lacks
               nas-3> ALTER SYSTEM SET primary_conninfo = 'user=repl passfile=''/home/p g/it\''s $(here)'' host=10.0.0.2 port=5433 application_name=nas-3'
               nas-3> ALTER SYSTEM SET primary_slot_name = 'nas_3'
               nas-3> SELECT pg_reload_conf()
             then: nas-3 streams from nas-2
          11. Drop the slot on nas-3 that nas-2 fetched WAL through  [drop-fetch-slot]
             unless: nas-3> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'dr_s__two_____reboot__') is 't'
               wait until nas-3> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          12. keep in the cluster that nas-2 replaced nas-1  [record-failover]
               nas-2> INSERT INTO pgdr.failover (run, primary_node, old_primary, timeline, trigger_id, automatic, loss, observer) SELECT $1::text, $2::text, $3::text, $4::bigint, $5::text, $6::boolean, $7::jsonb, $8::text WHERE NOT EXISTS (SELECT FROM pgdr.failover WHERE primary_node = $2::text AND timeline = $4::bigint) ON CONFLICT (run) DO NOTHING  ($1 = '20261125-031502-abcd', $2 = 'nas-2', $3 = 'nas-1', $4 = '1', $5 = 'alert "it's" $(7)', $6 = 'true', $7 = '{"commits": 0}', $8 = 'here')
               or without it, where that is refused as 42P01, 3F000, 42501
          13. See that nas-2 is the only primary  [only-one-primary]
               say: nas-2 is the primary; bring nas-1 back with the runbook "rejoin"
             then: nas-2 is the only primary
          14. Tell people that nas-2 is the primary  [announce]
               here$ /opt/tell 'it'\''s'
               | {"at":null,"cluster":"shop","event":"failover_done","former":{"host":"10.0.0.1","node":"nas-1","port":5432,"site":null},"primary":{"host":"10.0.0.2","node":"nas-2","port":5433,"site":"b"},"run":"20261125-031502-abcd","runbook":"failover","schema":1,"timeline":null,"trigger":"alert \"it's\" $(7)"}
               with when and on which timeline; each may take 10.0 s

        It would be refused; nothing would be changed.
        """#

    static let switchover = #"""
        Switch the primary role from nas-1 to nas-2

        Must hold before anything is done
          ? nas-1: no other node of the cluster is a primary
              not asked yet
          ? every node of the cluster answers
              not asked yet
          ? nas-2: no voter that can be asked has recorded that another node replaces that primary
              not asked yet
          ? nas-2: the node is a standby
              not asked yet
          ? nas-2: nothing forbids making the node the primary; see pgdr check
              not asked yet
          ? nas-2: the acting role may promote
              not asked yet
          ? nas-2: the node has replayed all but that much of the other's WAL (nas-1)
              not asked yet
          ? nas-2: replay is not paused
              not asked yet
          ? nas-1: no base backup is being taken from the node
              not asked yet
          ? nas-1: SSH, the data directory and the service are there
              not asked yet
          ? nas-2: SSH, the data directory and the service are there
              not asked yet
          ? nas-1: a replication login from the node's host to that node works (nas-2)
              not asked yet
          ? nas-3: a replication login from the node's host to that node works (nas-2)
              not asked yet

        Steps
          1. Make the slot of nas-1 on nas-2  [slots[nas-1]]
             unless: nas-2> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'nas_1') is 't'
               nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'nas_1')
               nas-2> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'nas_1')
             taken back by:
                 nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_1')
          2. Make the slot of nas-3 on nas-2  [slots[nas-3]]
             unless: nas-2> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'nas_3') is 't'
               nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'nas_3')
               nas-2> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'nas_3')
             taken back by:
                 nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_3')
          3. set synchronous_standby_names to 'FIRST 1 ("nas-1", "nas-3")' on nas-2  [synchronous-names]
             unless: nas-2> SELECT current_setting($1) = $2 AS is_set  ($1 = 'synchronous_standby_names', $2 = 'FIRST 1 ("nas-1", "nas-3")') is 't'
               nas-2> ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 ("nas-1", "nas-3")'
               nas-2> SELECT pg_reload_conf()
             taken back by:
                 nas-2> ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 ("dr''s ""two""; $(reboot)\", "nas-3")'
                 nas-2> SELECT pg_reload_conf()
          4. write a checkpoint on nas-1  [checkpoint[nas-1]]
               nas-1> CHECKPOINT
          5. write a restartpoint on nas-2  [checkpoint[nas-2]]
               nas-2> CHECKPOINT
          6. leave a standby's mark on nas-1, so that it can only come back as one that follows nas-2  [mark-old-primary]
               nas-1$ sudo -n -u postgres -- sh -c mark-standby.sh pgdr-mark-standby /srv/one pgdr-20261125-031502-abcd
               | primary_conninfo = 'user=repl passfile=''/home/p g/it\\''s $(here)'' host=10.0.0.2 port=5433 application_name=nas-1'
               | primary_slot_name = 'nas_1'
             then: nas-1$ pgdr-is-marked says "marked"
             taken back by:
                 only if no node that answers is a primary but nas-1
                 nas-1$ sudo -n -u postgres -- sh -c unmark-standby.sh pgdr-unmark-standby /srv/one pgdr-20261125-031502-abcd
          7. Stop nas-1; clients are cut off from here on  [stop-old-primary]
             relies on: nas-2 is at most 16777216 bytes behind nas-1
             relies on: nas-2> SELECT pg_get_wal_replay_pause_state() AS replay is 'not paused'
               nas-1$ sudo -n -- systemctl stop postgresql@15-main
             then: nas-1$ pgdr-await-stopped says "gone"
             taken back by:
                 only if no node that answers is a primary but nas-1
                 nas-1$ sudo -n -u postgres -- sh -c unmark-standby.sh pgdr-unmark-standby /srv/one pgdr-20261125-031502-abcd
                 only if nas-1$ pgdr-would-be-standby says "standby", or no node that answers is a primary but nas-1, and nobody has decided to replace nas-1
                 wait until nas-1> SELECT true AS answers is 't', or nas-1$ pgdr-await-stopped says "gone"
                 unless nas-1> SELECT true AS answers is 't':
                   nas-1$ sudo -n -- systemctl start postgresql@15-main
                 wait until nas-1> SELECT true AS answers is 't'
                 wait up to 30 s until nas-1> SELECT true AS answers is 't', else
                 nas-1$ sudo -n -u postgres -- sh -c end-stopping.sh pgdr-end-stopping /srv/one pgdr-20261125-031502-abcd
                 wait until nas-1> SELECT true AS answers is 't', or nas-1$ pgdr-await-stopped says "gone"
                 unless nas-1> SELECT true AS answers is 't':
                   nas-1$ sudo -n -- systemctl start postgresql@15-main
                 wait until nas-1> SELECT true AS answers is 't'
                 wait up to 600 s until nas-1> SELECT true AS answers is 't', else
                 wait up to 600 s until nas-1> SELECT true AS answers is 't', else
                 give up
          8. Wait until nas-2 has replayed the last byte that nas-1 wrote  [last-wal]
               wait until nas-2 has replayed the shutdown checkpoint of nas-1
          9. Promote nas-2; clients can write again from here on  [promote]
             no way back from here on
             relies on: nas-2 has replayed the shutdown checkpoint of nas-1
             unless: nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
               nas-2> SELECT CASE WHEN $1::bigint IS NULL OR $1::bigint >= GREATEST( (SELECT received_tli FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL), (SELECT max(('x' || left(name, 8))::bit(32)::bigint) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')) THEN pg_promote(false)::text ELSE 'on a later timeline' END AS promoted  ($1 = '1')
               wait until nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't', every 20 ms: nas-2> SELECT pg_reload_conf()
             then: nas-2> SELECT pg_logical_emit_message(true, 'pgdr', $1) IS NOT NULL AS committed  ($1 = 'write check') is 't'
          10. make nas-3 follow nas-2  [repoint[nas-3]]
               nas-3> ALTER SYSTEM SET primary_conninfo = 'user=repl passfile=''/home/p g/it\''s $(here)'' host=10.0.0.2 port=5433 application_name=nas-3'
               nas-3> ALTER SYSTEM SET primary_slot_name = 'nas_3'
               nas-3> SELECT pg_reload_conf()
             then: nas-3 streams from nas-2
          11. Start nas-1 as a standby of nas-2  [start-old-primary]
             unless: nas-1> SELECT true AS answers is 't'
               wait until nas-1> SELECT true AS answers is 't', or nas-1$ pgdr-await-stopped says "gone"
               unless nas-1> SELECT true AS answers is 't':
                 nas-1$ sudo -n -- systemctl start postgresql@15-main
               wait until nas-1> SELECT true AS answers is 't'
             then: nas-1 streams from nas-2
          12. have nas-2 archive what nas-1 left unarchived  [fill-archive]
             unless: nas-2 archives nothing
          13. See that nas-2 is the only primary  [only-one-primary]
               say: nas-2 is the primary
             then: nas-2 is the only primary
          14. Drop the slot of nas-2 on nas-1, which nobody uses any more  [drop-stale-slots[nas-2]]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'dr_s__two_____reboot__') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          15. Drop the slot of nas-3 on nas-1, which nobody uses any more  [drop-stale-slots[nas-3]]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'nas_3') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'nas_3') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_3')
          16. remove what was kept for taking steps back on nas-1  [settle]
               nas-1$ sudo -n -u postgres -- sh -c settle.sh pgdr-settle /srv/one pgdr-20261125-031502-abcd

        It would be refused; nothing would be changed.
        """#

    static let promote = #"""
        Promote nas-3 in place of nas-1

        Must hold before anything is done
          ✓ nas-1 can be kept from taking writes
              its host takes commands: it is fenced before the promotion
          ? nas-3: nothing forbids making the node the primary in place of one that is gone or given up (nas-1)
              not asked yet
          ? nas-3: no standby that answers has more WAL, but for so much
              not asked yet
          ? nas-3: no voter that can be asked has recorded that another node replaces that primary
              not asked yet
          ? nas-3: the acting role may promote
              not asked yet
          ? nas-2: a replication login from the node's host to that node works (nas-3)
              not asked yet

        Steps
          1. fence nas-1: stop it and keep it from starting as a primary  [fence]
               nas-1$ sudo -n -u postgres -- sh -c leave-fence.sh pgdr-leave-fence /srv/one pgdr-20261125-031502-abcd ''
               nas-1$ sudo -n -- systemctl stop postgresql@15-main
               wait up to 30 s until nas-1$ pgdr-await-stopped says "gone", else
               if possible: nas-1$ sudo -n -- systemctl mask postgresql@15-main
               nas-1$ sudo -n -- systemctl kill -s QUIT --kill-who=main postgresql@15-main
               wait up to 10 s until nas-1$ pgdr-await-stopped says "gone", else
               nas-1$ sudo -n -u postgres -- sh -c kill.sh pgdr-kill /srv/one pgdr-20261125-031502-abcd
               wait up to 10 s until nas-1$ pgdr-await-stopped says "gone", else
               give up
               if possible: nas-1$ sudo -n -- systemctl mask postgresql@15-main
             then: nas-1$ pgdr-await-stopped says "gone", and nas-1$ pgdr-is-fenced says "fenced"
             taken back by:
                 only if nas-1$ pgdr-would-be-standby says "standby", or no node that answers is a primary but nas-1, and nobody has decided to replace nas-1
                 if possible: nas-1$ sudo -n -- systemctl unmask postgresql@15-main
                 nas-1$ sudo -n -u postgres -- sh -c remove-fence.sh pgdr-remove-fence /srv/one pgdr-20261125-031502-abcd
          2. Make the slot of nas-2 on nas-3  [slots[nas-2]]
             unless: nas-3> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'dr_s__two_____reboot__')
               nas-3> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'dr_s__two_____reboot__')
             taken back by:
                 nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          3. correct synchronous_standby_names on nas-3  [synchronous-names]
             unless: synchronous_standby_names is empty
          4. See that no other standby has more WAL than nas-3  [positions]
               wait until no standby has over 1024 bytes more than nas-3
          5. Promote nas-3  [promote]
             no way back from here on
             relies on: no standby has over 1024 bytes more than nas-3
             relies on: no voter has recorded another node than nas-3 as 7412345678901234567-1
             unless: nas-3> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
               nas-3> SELECT CASE WHEN $1::bigint IS NULL OR $1::bigint >= GREATEST( (SELECT received_tli FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL), (SELECT max(('x' || left(name, 8))::bit(32)::bigint) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')) THEN pg_promote(false)::text ELSE 'on a later timeline' END AS promoted  ($1 = '1')
               wait until nas-3> SELECT NOT pg_is_in_recovery() AS is_primary is 't', every 20 ms: nas-3> SELECT pg_reload_conf()
             then: nas-3> SELECT pg_logical_emit_message(true, 'pgdr', $1) IS NOT NULL AS committed  ($1 = 'write check') is 't'
          6. make nas-2 follow nas-3  [repoint[nas-2]]
             relies on: nas-2 has no WAL that the primary's history lacks
               nas-2> ALTER SYSTEM SET primary_conninfo = 'user=repl passfile=''/home/p g/it\''s $(here)'' host=10.0.0.3 port=5432 application_name=''dr\''s "two"; $(reboot)\\'''
               nas-2> ALTER SYSTEM SET primary_slot_name = 'dr_s__two_____reboot__'
               nas-2> SELECT pg_reload_conf()
             then: nas-2 streams from nas-3
          7. have nas-3 archive what nas-1 left unarchived  [fill-archive]
             unless: nas-3 archives nothing
          8. See that nas-3 is the only primary  [only-one-primary]
               say: nas-3 is the primary; bring nas-1 back with the runbook "rejoin"
             then: nas-3 is the only primary

        It would be refused; nothing would be changed.
        """#

    static let promoteUnfenced = #"""
        Promote nas-2 in place of nas-1

        Must hold before anything is done
          ✓ nas-1 can be kept from taking writes
              not proved, and accepted: the host of node "nas-1" could not be reached: no route to host
          ? nas-2: nothing forbids making the node the primary in place of one that is gone or given up (nas-1)
              not asked yet
          ? nas-2: no standby that answers has more WAL, but for so much
              not asked yet
          ? nas-2: no voter that can be asked has recorded that another node replaces that primary
              not asked yet
          ? nas-2: the acting role may promote
              not asked yet
          ? nas-3: a replication login from the node's host to that node works (nas-2)
              not asked yet

        Steps
          1. Make the slot of nas-3 on nas-2  [slots[nas-3]]
             unless: nas-2> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'nas_3') is 't'
               nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'nas_3')
               nas-2> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'nas_3')
             taken back by:
                 nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_3')
          2. correct synchronous_standby_names on nas-2  [synchronous-names]
             unless: synchronous_standby_names is empty
          3. See that no other standby has more WAL than nas-2  [positions]
               wait until no standby has over 0 bytes more than nas-2
          4. Promote nas-2  [promote]
             no way back from here on
             relies on: no standby has over 0 bytes more than nas-2
             relies on: no voter has recorded another node than nas-2 as 7412345678901234567-1
             unless: nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
               nas-2> SELECT CASE WHEN $1::bigint IS NULL OR $1::bigint >= GREATEST( (SELECT received_tli FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL), (SELECT max(('x' || left(name, 8))::bit(32)::bigint) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')) THEN pg_promote(false)::text ELSE 'on a later timeline' END AS promoted  ($1 = '1')
               wait until nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't', every 20 ms: nas-2> SELECT pg_reload_conf()
             then: nas-2> SELECT pg_logical_emit_message(true, 'pgdr', $1) IS NOT NULL AS committed  ($1 = 'write check') is 't'
          5. make nas-3 follow nas-2  [repoint[nas-3]]
             relies on: nas-3 has no WAL that the primary's history lacks
               nas-3> ALTER SYSTEM SET primary_conninfo = 'user=repl passfile=''/home/p g/it\''s $(here)'' host=10.0.0.2 port=5433 application_name=nas-3'
               nas-3> ALTER SYSTEM SET primary_slot_name = 'nas_3'
               nas-3> SELECT pg_reload_conf()
             then: nas-3 streams from nas-2
          6. See that nas-2 is the only primary  [only-one-primary]
               say: nas-2 is the primary; bring nas-1 back with the runbook "rejoin"
             then: nas-2 is the only primary

        It would be refused; nothing would be changed.
        """#

    static let rejoinFollow = #"""
        Bring nas-1 back as a standby of nas-2 (follow)

        Must hold before anything is done
          ✓ nas-1 can come back (follow)
              its WAL ends at 1/FFFFFF00, the primary left timeline 1 at 2/0
          ? nas-2: the node is a primary
              not asked yet
          ? nas-1: SSH, the data directory and the service are there
              not asked yet
          ? nas-1: a replication login from the node's host to that node works (nas-2)
              not asked yet
          ? nas-1: where the method is rewind: its role may read the source's files (nas-2)
              not asked yet
          ? nas-1: where the method is rebuild: the data directory can be replaced, and the disk has room (nas-2)
              not asked yet

        Steps
          1. make slot nas_1 on nas-2  [slot]
             unless: nas-2> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'nas_1') is 't'
               nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'nas_1')
               nas-2> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'nas_1')
             taken back by:
                 nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_1')
          2. stop nas-1 (fast)  [stop]
             relies on: nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
             unless: nas-1$ pgdr-await-stopped says "gone"
               nas-1$ sudo -n -- systemctl stop postgresql@15-main
             then: nas-1$ pgdr-await-stopped says "gone"
          3. leave a standby's mark on nas-1, so that it can only come back as one that follows nas-2  [mark]
             relies on: nas-1$ pgdr-await-stopped says "gone"
               nas-1$ sudo -n -u postgres -- sh -c mark-standby.sh pgdr-mark-standby /srv/one pgdr-20261125-031502-abcd
               | primary_conninfo = 'user=repl passfile=''/home/p g/it\\''s $(here)'' host=10.0.0.2 port=5433 application_name=nas-1'
               | primary_slot_name = 'nas_1'
             then: nas-1$ pgdr-is-marked says "marked"
             taken back by:
                 nas-1$ sudo -n -u postgres -- sh -c settle.sh pgdr-settle /srv/one pgdr-20261125-031502-abcd
          4. let nas-1 start by itself again  [autostart]
               nas-1$ sudo -n -u postgres -- sh -c forget-fence.sh pgdr-forget-fence /srv/one pgdr-20261125-031502-abcd
          5. Start nas-1 as a standby of nas-2  [start]
             unless: nas-1> SELECT true AS answers is 't'
               wait until nas-1> SELECT true AS answers is 't', or nas-1$ pgdr-await-stopped says "gone"
               unless nas-1> SELECT true AS answers is 't':
                 nas-1$ sudo -n -- systemctl start postgresql@15-main
               wait until nas-1> SELECT true AS answers is 't'
             then: nas-1 streams from nas-2
             taken back by:
                 only if nas-1$ pgdr-is-standby says "standby"
                 nas-1$ sudo -n -- systemctl stop postgresql@15-main
                 wait up to 600 s until nas-1$ pgdr-await-stopped says "gone", else
                 give up
          6. remove what was kept for taking steps back on nas-1  [settle]
               nas-1$ sudo -n -u postgres -- sh -c settle.sh pgdr-settle /srv/one pgdr-20261125-031502-abcd
          7. Drop the slot of nas-2 on nas-1, which nobody uses any more  [drop-stale-slots[nas-2]]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'dr_s__two_____reboot__') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          8. Drop the slot of nas-3 on nas-1, which nobody uses any more  [drop-stale-slots[nas-3]]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'nas_3') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'nas_3') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_3')
          9. Drop the slot on nas-3 that nas-1 streamed through  [drop-former-slots[nas-3]]
             unless: nas-3> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'nas_1') is 't'
               wait until nas-3> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'nas_1') is 't'
               nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_1')

        It would be refused; nothing would be changed.
        """#

    static let rejoinRewind = #"""
        Bring nas-1 back as a standby of nas-2 (rewind)

        Must hold before anything is done
          ✓ nas-1 can come back (rewind)
              its WAL ends at 2/1000000, beyond the fork at 2/0
          ? nas-2: the node is a primary
              not asked yet
          ? nas-1: SSH, the data directory and the service are there
              not asked yet
          ? nas-1: a replication login from the node's host to that node works (nas-2)
              not asked yet
          ? nas-1: where the method is rewind: its role may read the source's files (nas-2)
              not asked yet
          ? nas-1: where the method is rebuild: the data directory can be replaced, and the disk has room (nas-2)
              not asked yet

        Steps
          1. make slot nas_1 on nas-2  [slot]
             unless: nas-2> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'nas_1') is 't'
               nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'nas_1')
               nas-2> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'nas_1')
             taken back by:
                 nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_1')
          2. stop nas-1 (fast)  [stop]
             relies on: nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
             unless: nas-1$ pgdr-await-stopped says "gone"
               nas-1$ sudo -n -- systemctl stop postgresql@15-main
             then: nas-1$ pgdr-await-stopped says "gone"
          3. keep the WAL of nas-1 from 2/0 on, which would be thrown away  [save-wal]
               nas-1$ sudo -n -u postgres -- sh -c save-wal.sh pgdr-save-wal /srv/one pgdr-20261125-031502-abcd 000000010000000200000000 2/0 env LC_ALL=C /usr/lib/postgresql/15/bin/pg_waldump
             taken back by:
                 nas-1$ sudo -n -u postgres -- sh -c forget-wal.sh pgdr-forget-wal /srv/one pgdr-20261125-031502-abcd
          4. write a checkpoint on nas-2  [checkpoint]
               nas-2> CHECKPOINT
          5. keep nas-1 from starting by itself  [hold-autostart]
               if possible: nas-1$ sudo -n -- systemctl mask postgresql@15-main
             taken back by:
                 if possible: nas-1$ sudo -n -- systemctl unmask postgresql@15-main
          6. Try whether nas-1 can be rewound; if not, nothing is done, and "rebuild" makes a new copy  [try-rewind]
             relies on: nas-1$ pgdr-await-stopped says "gone"
               nas-1$ sudo -n -u postgres -- sh -c keep-own.sh pgdr-keep-own /srv/one pgdr-20261125-031502-abcd 'postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf conf.d server.crt server.key root.crt root.crl'
               nas-1$ sudo -n -u postgres -- env LC_ALL=C /usr/lib/postgresql/15/bin/pg_rewind -D /srv/one '--source-server=user=repl passfile='\''/home/p g/it\'\''s $(here)'\'' host=10.0.0.2 port=5433 dbname=postgres' --restore-target-wal --dry-run
             taken back by:
                 nas-1$ sudo -n -u postgres -- sh -c put-own-back.sh pgdr-put-own-back /srv/one pgdr-20261125-031502-abcd
          7. rewind nas-1 to where it left nas-2's history  [rewind]
             no way back from here on
             relies on: nas-1$ pgdr-await-stopped says "gone"
             relies on: nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
               nas-1$ sudo -n -u postgres -- sh -c keep-own.sh pgdr-keep-own /srv/one pgdr-20261125-031502-abcd 'postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf conf.d server.crt server.key root.crt root.crl'
               unless nas-1$ pgdr-is-rewound says "rewound", and nas-1's control file says "in archive recovery" and timeline 2:
                 nas-1$ sudo -n -u postgres -- sh -c rewind.sh pgdr-rewind /srv/one pgdr-20261125-031502-abcd env LC_ALL=C /usr/lib/postgresql/15/bin/pg_rewind -D /srv/one '--source-server=user=repl passfile='\''/home/p g/it\'\''s $(here)'\'' host=10.0.0.2 port=5433 dbname=postgres' --restore-target-wal --no-ensure-shutdown --progress
               nas-1$ sudo -n -u postgres -- sh -c put-own-back.sh pgdr-put-own-back /srv/one pgdr-20261125-031502-abcd
          8. leave a standby's mark on nas-1, so that it can only come back as one that follows nas-2  [mark]
             relies on: nas-1$ pgdr-await-stopped says "gone"
               nas-1$ sudo -n -u postgres -- sh -c mark-standby.sh pgdr-mark-standby /srv/one pgdr-20261125-031502-abcd
               | primary_conninfo = 'user=repl passfile=''/home/p g/it\\''s $(here)'' host=10.0.0.2 port=5433 application_name=nas-1'
               | primary_slot_name = 'nas_1'
             then: nas-1$ pgdr-is-marked says "marked"
          9. let nas-1 start by itself again  [autostart]
               nas-1$ sudo -n -u postgres -- sh -c forget-fence.sh pgdr-forget-fence /srv/one pgdr-20261125-031502-abcd
          10. let nas-1 start by itself as before  [release-autostart]
               if possible: nas-1$ sudo -n -- systemctl unmask postgresql@15-main
          11. Start nas-1 as a standby of nas-2  [start]
             unless: nas-1> SELECT true AS answers is 't'
               wait until nas-1> SELECT true AS answers is 't', or nas-1$ pgdr-await-stopped says "gone"
               unless nas-1> SELECT true AS answers is 't':
                 nas-1$ sudo -n -- systemctl start postgresql@15-main
               wait until nas-1> SELECT true AS answers is 't'
             then: nas-1 streams from nas-2
          12. make the slots of its standbys on nas-1  [restore-slots]
             unless: it has none
          13. remove what was kept for taking steps back on nas-1  [settle]
               nas-1$ sudo -n -u postgres -- sh -c settle.sh pgdr-settle /srv/one pgdr-20261125-031502-abcd
          14. Drop the slot of nas-2 on nas-1, which nobody uses any more  [drop-stale-slots[nas-2]]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'dr_s__two_____reboot__') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          15. Drop the slot of nas-3 on nas-1, which nobody uses any more  [drop-stale-slots[nas-3]]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'nas_3') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'nas_3') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_3')
          16. Drop the slot on nas-3 that nas-1 streamed through  [drop-former-slots[nas-3]]
             unless: nas-3> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'nas_1') is 't'
               wait until nas-3> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'nas_1') is 't'
               nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_1')

        It would be refused; nothing would be changed.
        """#

    static let rejoinRebuild = #"""
        Bring nas-1 back as a standby of nas-2 (rebuild)

        Must hold before anything is done
          ✓ nas-1 can come back (rebuild)
              its WAL ends at 2/1000000, beyond the fork at 2/0, and it has neither data checksums nor wal_log_hints
          ? nas-2: the node is a primary
              not asked yet
          ? nas-1: SSH, the data directory and the service are there
              not asked yet
          ? nas-1: a replication login from the node's host to that node works (nas-2)
              not asked yet
          ? nas-1: where the method is rewind: its role may read the source's files (nas-2)
              not asked yet
          ? nas-1: where the method is rebuild: the data directory can be replaced, and the disk has room (nas-2)
              not asked yet

        Steps
          1. make slot nas_1 on nas-2  [slot]
             unless: nas-2> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'nas_1') is 't'
               nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'nas_1')
               nas-2> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'nas_1')
             taken back by:
                 nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_1')
          2. stop nas-1 (fast)  [stop]
             relies on: nas-2> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
             unless: nas-1$ pgdr-await-stopped says "gone"
               nas-1$ sudo -n -- systemctl stop postgresql@15-main
             then: nas-1$ pgdr-await-stopped says "gone"
          3. keep the WAL of nas-1 from 2/0 on, which would be thrown away  [save-wal]
               nas-1$ sudo -n -u postgres -- sh -c save-wal.sh pgdr-save-wal /srv/one pgdr-20261125-031502-abcd 000000010000000200000000 2/0 env LC_ALL=C /usr/lib/postgresql/15/bin/pg_waldump
             taken back by:
                 nas-1$ sudo -n -u postgres -- sh -c forget-wal.sh pgdr-forget-wal /srv/one pgdr-20261125-031502-abcd
          4. keep the WAL of nas-2 from now on  [pin-wal]
             unless: nas-2> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'pgdr_20261125_031502_abcd') is 't'
               nas-2> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'pgdr_20261125_031502_abcd')
             taken back by:
                 nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'pgdr_20261125_031502_abcd')
          5. copy nas-2 into a fresh directory of nas-1  [copy]
               nas-1$ sudo -n -u postgres -- sh -c make-fresh.sh pgdr-make-fresh /srv/one pgdr-20261125-031502-abcd
               nas-1$ sudo -n -u postgres -- env LC_ALL=C /usr/lib/postgresql/15/bin/pg_basebackup -D /srv/one.pgdr-20261125-031502-abcd-new '--dbname=user=repl passfile='\''/home/p g/it\'\''s $(here)'\'' host=10.0.0.2 port=5433 application_name=pgdr' --checkpoint=fast --wal-method=stream --progress --no-password
               nas-1$ sudo -n -u postgres -- sh -c prepare-fresh.sh pgdr-prepare-fresh /srv/one pgdr-20261125-031502-abcd 'postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf conf.d server.crt server.key root.crt root.crl'
               | primary_conninfo = 'user=repl passfile=''/home/p g/it\\''s $(here)'' host=10.0.0.2 port=5433 application_name=nas-1'
               | primary_slot_name = 'nas_1'
             taken back by:
                 nas-1$ sudo -n -u postgres -- sh -c remove-fresh.sh pgdr-remove-fresh /srv/one pgdr-20261125-031502-abcd
          6. put the copy in place of nas-1's data directory, set aside  [swap-in]
               unless nas-1$ pgdr-is-aside says "aside":
                 only if nas-1$ pgdr-await-stopped says "gone"
               nas-1$ sudo -n -u postgres -- sh -c swap-in.sh pgdr-swap-in /srv/one pgdr-20261125-031502-abcd
             taken back by:
                 unless nas-1$ pgdr-is-aside says "aside":
                   only if nas-1$ pgdr-await-stopped says "gone"
                 nas-1$ sudo -n -u postgres -- sh -c swap-back.sh pgdr-swap-back /srv/one pgdr-20261125-031502-abcd
          7. let nas-1 start by itself again  [autostart]
               nas-1$ sudo -n -u postgres -- sh -c forget-fence.sh pgdr-forget-fence /srv/one pgdr-20261125-031502-abcd
          8. Start nas-1 as a standby of nas-2  [start]
             unless: nas-1> SELECT true AS answers is 't'
               wait until nas-1> SELECT true AS answers is 't', or nas-1$ pgdr-await-stopped says "gone"
               unless nas-1> SELECT true AS answers is 't':
                 nas-1$ sudo -n -- systemctl start postgresql@15-main
               wait until nas-1> SELECT true AS answers is 't'
             then: nas-1 streams from nas-2
             taken back by:
                 only if nas-1$ pgdr-is-standby says "standby"
                 nas-1$ sudo -n -- systemctl stop postgresql@15-main
                 wait up to 600 s until nas-1$ pgdr-await-stopped says "gone", else
                 give up
          9. make the slots of its standbys on nas-1  [restore-slots]
             unless: it has none
          10. let go of the WAL of nas-2  [unpin-wal]
             unless: nas-2> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'pgdr_20261125_031502_abcd') is 't'
               nas-2> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'pgdr_20261125_031502_abcd')
          11. Drop the slot of nas-2 on nas-1, which nobody uses any more  [drop-stale-slots[nas-2]]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'dr_s__two_____reboot__') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          12. Drop the slot of nas-3 on nas-1, which nobody uses any more  [drop-stale-slots[nas-3]]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'nas_3') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'nas_3') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_3')
          13. Drop the slot on nas-3 that nas-1 streamed through  [drop-former-slots[nas-3]]
             unless: nas-3> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'nas_1') is 't'
               wait until nas-3> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'nas_1') is 't'
               nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'nas_1')
          14. remove nas-1's old data directory  [drop-old-data]
             no way back from here on
               nas-1$ sudo -n -u postgres -- sh -c drop-aside.sh pgdr-drop-aside /srv/one pgdr-20261125-031502-abcd

        It would be refused; nothing would be changed.
        """#

    static let rebuild = #"""
        Rebuild nas-2 from nas-3

        Must hold before anything is done
          ? nas-2: the node is no primary, or does not answer
              not asked yet
          ? nas-2: SSH, the data directory and the service are there
              not asked yet
          ? nas-2: a replication login from the node's host to that node works (nas-3)
              not asked yet
          ? nas-2: a replication login from the node's host to that node works (nas-1)
              not asked yet
          ? nas-2: the data directory is of the same cluster as that node, or damaged (nas-3)
              not asked yet
          ? nas-2: the data directory can be renamed, so that another takes its place
              not asked yet
          ? nas-2: the disk has room for a copy of that node (nas-3)
              not asked yet

        Steps
          1. make slot dr_s__two_____reboot__ on nas-1  [slot]
             unless: nas-1> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'dr_s__two_____reboot__')
               nas-1> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'dr_s__two_____reboot__')
             taken back by:
                 nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          2. keep the WAL of nas-1 from now on  [pin-wal]
             unless: nas-1> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'pgdr_20261125_031502_abcd') is 't'
               nas-1> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'pgdr_20261125_031502_abcd')
             taken back by:
                 nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'pgdr_20261125_031502_abcd')
          3. Copy nas-3 into a fresh directory on the host of nas-2  [copy]
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c make-fresh.sh pgdr-make-fresh '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd '/srv/ts one=1.pgdr-20261125-031502-abcd' '/srv/it'\''s.pgdr-20261125-031502-abcd'
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql env LC_ALL=C '/opt/pg 15/bin/pg_basebackup' -D '/srv/it'\''s "two" $(reboot).pgdr-20261125-031502-abcd-new' '--dbname=user=repl passfile='\''/home/p g/it\'\''s $(here)'\'' host=10.0.0.3 port=5432 application_name=pgdr' --checkpoint=fast --wal-method=stream --progress --no-password '--tablespace-mapping=/srv/ts one\=1=/srv/ts one\=1.pgdr-20261125-031502-abcd' '--tablespace-mapping=/srv/it'\''s=/srv/it'\''s.pgdr-20261125-031502-abcd'
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c prepare-fresh.sh pgdr-prepare-fresh '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd 'postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf conf.d server.crt server.key root.crt root.crl'
               | primary_conninfo = 'user=repl passfile=''/home/p g/it\\''s $(here)'' host=10.0.0.1 port=5432 application_name=''dr\\''s "two"; $(reboot)\\\\'''
               | primary_slot_name = 'dr_s__two_____reboot__'
             taken back by:
                 nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c remove-fresh.sh pgdr-remove-fresh '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd '/srv/ts one=1.pgdr-20261125-031502-abcd' '/srv/it'\''s.pgdr-20261125-031502-abcd'
          4. stop nas-2 (fast)  [stop]
             relies on: nas-2 is no primary
             relies on: nas-1> SELECT NOT pg_is_in_recovery() AS is_primary is 't'
             unless: nas-2$ pgdr-await-stopped says "gone"
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c await-stopped.sh pgdr-await-stopped '/srv/it'\''s "two" $(reboot)' 3600 '/opt/pg 15/bin/pg_ctl' stop -D '/srv/it'\''s "two" $(reboot)' -s -W -m fast
             then: nas-2$ pgdr-await-stopped says "gone"
             taken back by:
                 only if nas-2$ pgdr-would-be-standby says "standby", or no node that answers is a primary but nas-2, and nobody has decided to replace nas-2
                 wait until nas-2> SELECT true AS answers is 't', or nas-2$ pgdr-await-stopped says "gone"
                 unless nas-2> SELECT true AS answers is 't':
                   nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql '/opt/pg 15/bin/pg_ctl' start -D '/srv/it'\''s "two" $(reboot)' -s -w -t 60 -l '/srv/it'\''s "two" $(reboot)/pgdr-start.log'
                 wait until nas-2> SELECT true AS answers is 't'
                 wait up to 30 s until nas-2> SELECT true AS answers is 't', else
                 nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c end-stopping.sh pgdr-end-stopping '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd
                 wait until nas-2> SELECT true AS answers is 't', or nas-2$ pgdr-await-stopped says "gone"
                 unless nas-2> SELECT true AS answers is 't':
                   nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql '/opt/pg 15/bin/pg_ctl' start -D '/srv/it'\''s "two" $(reboot)' -s -w -t 60 -l '/srv/it'\''s "two" $(reboot)/pgdr-start.log'
                 wait until nas-2> SELECT true AS answers is 't'
                 wait up to 600 s until nas-2> SELECT true AS answers is 't', else
                 wait up to 600 s until nas-2> SELECT true AS answers is 't', else
                 give up
          5. put the copy in place of nas-2's data directory, set aside  [swap-in]
               unless nas-2$ pgdr-is-aside says "aside":
                 only if nas-2$ pgdr-await-stopped says "gone"
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c swap-in.sh pgdr-swap-in '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd
             taken back by:
                 unless nas-2$ pgdr-is-aside says "aside":
                   only if nas-2$ pgdr-await-stopped says "gone"
                 nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c swap-back.sh pgdr-swap-back '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd
          6. Start nas-2 as a standby of nas-1  [start]
             unless: nas-2> SELECT true AS answers is 't'
               wait until nas-2> SELECT true AS answers is 't', or nas-2$ pgdr-await-stopped says "gone"
               unless nas-2> SELECT true AS answers is 't':
                 nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql '/opt/pg 15/bin/pg_ctl' start -D '/srv/it'\''s "two" $(reboot)' -s -w -t 60 -l '/srv/it'\''s "two" $(reboot)/pgdr-start.log'
               wait until nas-2> SELECT true AS answers is 't'
             then: nas-2 streams from nas-1
             taken back by:
                 only if nas-2$ pgdr-is-standby says "standby"
                 nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c await-stopped.sh pgdr-await-stopped '/srv/it'\''s "two" $(reboot)' 3600 '/opt/pg 15/bin/pg_ctl' stop -D '/srv/it'\''s "two" $(reboot)' -s -W -m fast
                 wait up to 600 s until nas-2$ pgdr-await-stopped says "gone", else
                 give up
          7. make the slots of its standbys on nas-2  [restore-slots]
             unless: it has none
          8. let go of the WAL of nas-1  [unpin-wal]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'pgdr_20261125_031502_abcd') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'pgdr_20261125_031502_abcd')
          9. remove nas-2's old data directory  [drop-old-data]
             no way back from here on
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c drop-aside.sh pgdr-drop-aside '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd

        It would be refused; nothing would be changed.
        """#

    static let repoint = #"""
        Make nas-2 follow nas-3

        Must hold before anything is done
          ? nas-2: the node is a standby
              not asked yet
          ? nas-3: the server takes connections
              not asked yet
          ? nas-2: both have the same system identifier (nas-3)
              not asked yet
          ? nas-2: the node has no WAL that the primary's history lacks
              not asked yet
          ? nas-2: the upstream does not get its WAL from the node (nas-3)
              not asked yet
          ? nas-2: a replication login from the node's host to that node works (nas-3)
              not asked yet

        Steps
          1. make slot dr_s__two_____reboot__ on nas-3  [slot]
             unless: nas-3> SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'  ($1 = 'dr_s__two_____reboot__')
               nas-3> SELECT pg_create_physical_replication_slot($1, true)  ($1 = 'dr_s__two_____reboot__')
             taken back by:
                 nas-3> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')
          2. make nas-2 follow nas-3  [repoint]
               nas-2> ALTER SYSTEM SET primary_conninfo = 'user=repl passfile=''/home/p g/it\''s $(here)'' host=10.0.0.3 port=5432 application_name=''dr\''s "two"; $(reboot)\\'''
               nas-2> ALTER SYSTEM SET primary_slot_name = 'dr_s__two_____reboot__'
               nas-2> SELECT pg_reload_conf()
             then: nas-2 streams from nas-3
             taken back by:
                 nas-2> ALTER SYSTEM SET primary_conninfo = 'user=repl passfile=''/home/p g/it\''s $(here)'' host=10.0.0.1 port=5432 application_name=''dr\''s "two"; $(reboot)\\'''
                 nas-2> ALTER SYSTEM SET primary_slot_name = 'dr_s__two_____reboot__'
                 nas-2> SELECT pg_reload_conf()
          3. drop slot dr_s__two_____reboot__ on nas-1  [drop-stale-slot]
             unless: nas-1> SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1  ($1 = 'dr_s__two_____reboot__') is 't'
               wait until nas-1> SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active  ($1 = 'dr_s__two_____reboot__') is 't'
               nas-1> SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active  ($1 = 'dr_s__two_____reboot__')

        It would be refused; nothing would be changed.
        """#

    static let fence = #"""
        Fence nas-2

        Must hold before anything is done
          ? nas-2: SSH, the data directory and the service are there
              not asked yet

        Steps
          1. fence nas-2: stop it and keep it from starting as a primary  [fence]
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c leave-fence.sh pgdr-leave-fence '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd ''
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql '/opt/pg 15/bin/pg_ctl' stop -D '/srv/it'\''s "two" $(reboot)' -s -W -m fast
               wait up to 30 s until nas-2$ pgdr-await-stopped says "gone", else
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql '/opt/pg 15/bin/pg_ctl' stop -D '/srv/it'\''s "two" $(reboot)' -s -W -m immediate
               wait up to 10 s until nas-2$ pgdr-await-stopped says "gone", else
               nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c kill.sh pgdr-kill '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd
               wait up to 10 s until nas-2$ pgdr-await-stopped says "gone", else
               give up
             then: nas-2$ pgdr-await-stopped says "gone", and nas-2$ pgdr-is-fenced says "fenced"
             taken back by:
                 only if nas-2$ pgdr-would-be-standby says "standby", or no node that answers is a primary but nas-2, and nobody has decided to replace nas-2
                 nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c remove-fence.sh pgdr-remove-fence '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd
                 only if nas-2$ pgdr-would-be-standby says "standby", or no node that answers is a primary but nas-2, and nobody has decided to replace nas-2
                 wait until nas-2> SELECT true AS answers is 't', or nas-2$ pgdr-await-stopped says "gone"
                 unless nas-2> SELECT true AS answers is 't':
                   nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql '/opt/pg 15/bin/pg_ctl' start -D '/srv/it'\''s "two" $(reboot)' -s -w -t 60 -l '/srv/it'\''s "two" $(reboot)/pgdr-start.log'
                 wait until nas-2> SELECT true AS answers is 't'
                 wait up to 30 s until nas-2> SELECT true AS answers is 't', else
                 nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql sh -c end-stopping.sh pgdr-end-stopping '/srv/it'\''s "two" $(reboot)' pgdr-20261125-031502-abcd
                 wait until nas-2> SELECT true AS answers is 't', or nas-2$ pgdr-await-stopped says "gone"
                 unless nas-2> SELECT true AS answers is 't':
                   nas-2$ /usr/bin/setpriv --reuid postgres --regid 104 --init-groups -- env HOME=/var/lib/postgresql '/opt/pg 15/bin/pg_ctl' start -D '/srv/it'\''s "two" $(reboot)' -s -w -t 60 -l '/srv/it'\''s "two" $(reboot)/pgdr-start.log'
                 wait until nas-2> SELECT true AS answers is 't'
                 wait up to 600 s until nas-2> SELECT true AS answers is 't', else
                 wait up to 600 s until nas-2> SELECT true AS answers is 't', else
                 give up

        It would be refused; nothing would be changed.
        """#

    static let unfence = #"""
        Unfence nas-3

        Must hold before anything is done
          ? nas-3: SSH, the data directory and the service are there
              not asked yet
          ? nas-3: no voter has a decision that another node replaces this one, which is down, as a primary
              not asked yet
          ? no node of the cluster that answers is a primary, that one aside
              not asked yet

        Steps
          1. let nas-3 start by itself again, as what it was  [unfence]
               nas-3$ sh -c allow-start.sh pgdr-allow-start /etc/postgresql/15/main
               nas-3$ sh -c remove-fence.sh pgdr-remove-fence /srv/three pgdr-20261125-031502-abcd
          2. start nas-3  [start]
             unless: nas-3> SELECT true AS answers is 't'
               wait until nas-3> SELECT true AS answers is 't', or nas-3$ pgdr-await-stopped says "gone"
               unless nas-3> SELECT true AS answers is 't':
                 nas-3$ pg_ctlcluster --skip-systemctl-redirect 15 main start -- -t 60
               wait until nas-3> SELECT true AS answers is 't'

        It would be refused; nothing would be changed.
        """#
}
