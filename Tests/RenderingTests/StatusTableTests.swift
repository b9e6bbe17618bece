import Replication
import Testing

@testable import pgdr

struct StatusTableTests {
    private let table = StatusTable(style: Style(hasColours: false))

    @Test func healthy() {
        expect(
            table.text([Scene.healthy.report()]),
            is: """
                shop  DR ready: nas-2 is 0 B, 0.0 s behind; losing the primary now would lose 0 B

                  NODE      KIND     ROLE     STATE          TL         LSN  SENT  WRITE  FLUSH  RECEIVE  REPLAY  SYNC
                  nas-1     primary  primary  in production   1  1/50000000
                  ├─ nas-2  dr       standby  streaming       1  1/50000000   0 B    0 B    0 B      0 B     0 B  async
                  └─ nas-3  replica  standby  streaming       1  1/50000000   0 B    0 B    0 B      0 B     0 B  async
                """)
    }

    @Test func lagging() {
        expect(
            table.text([Scene.lagging.report()]),
            is: """
                shop  DR NOT READY: standby "nas-2" is 512 MB behind; 1 warning below

                  NODE      KIND     ROLE     STATE          TL         LSN  SENT    WRITE    FLUSH  RECEIVE                REPLAY  SYNC   MEASURED BY
                  nas-1     primary  primary  in production   1  1/70000000
                  ├─ nas-2  dr       standby  streaming       1  1/6FF00000   0 B  1.00 MB  1.00 MB  1.00 MB  512 MB ≤ 12 min 34 s  async  replay_timestamp
                  └─ nas-3  replica  standby  streaming       1  1/70000000   0 B      0 B      0 B      0 B               4.00 kB  async

                  CRITICAL  standby "nas-2" is 512 MB behind
                            DETAIL: The limit is 256 MB.
                            HINT: pgdr status --sample 10s shows whether it catches up.
                   WARNING  standby "nas-2" is at most 12 min 34 s behind
                            DETAIL: The limit is 5 min 0 s; measured by replay_timestamp.
                            HINT: pgdr status --sample 10s shows whether it catches up.
                """)
    }

    @Test func whatIsOnlyWorthKnowingIsANote() {
        expect(
            table.text([Scene.paused.report()]).split(separator: "\n\n").last.map(String.init) ?? "",
            is: """
                  CRITICAL  standby "nas-2" is 512 MB behind
                            DETAIL: The limit is 256 MB.
                            HINT: pgdr status --sample 10s shows whether it catches up.
                   WARNING  standby "nas-2" is at most 12 min 34 s behind
                            DETAIL: The limit is 5 min 0 s; measured by replay_timestamp.
                            HINT: pgdr status --sample 10s shows whether it catches up.
                      note  replay is paused on standby "nas-2"
                            DETAIL: 512 MB wait to be replayed.
                            HINT: SELECT pg_wal_replay_resume() goes on.
                """)
    }

    @Test func lagOfAllStagesOverASlowNetwork() {
        expect(
            table.text([Scene.slowNetwork.report()]),
            is: """
                shop  DR ready: nas-2 is 9.06 MB, 12.3 s behind; losing the primary now would lose 9.00 MB

                  NODE      KIND     ROLE     STATE          TL         LSN     SENT           WRITE           FLUSH         RECEIVE          REPLAY  SYNC
                  nas-1     primary  primary  in production   1  1/70000000
                  └─ nas-2  dr       standby  streaming       1  1/6F700000  8.00 MB  9.00 MB 12.3 s  9.00 MB 12.3 s  9.00 MB 12.3 s  9.06 MB 12.3 s  async
                """)
    }

    @Test func cascadeOfThreeLevels() {
        expect(
            table.text([Scene.cascade.report()]),
            is: """
                shop  DR ready: nas-2 is 0 B, 0.0 s behind; losing the primary now would lose 0 B; 1 warning below

                  NODE         KIND     ROLE     STATE          TL         LSN  SENT    WRITE    FLUSH  RECEIVE            REPLAY  SYNC   MEASURED BY
                  nas-1        primary  primary  in production   1  1/50000000
                  ├─ nas-2     dr       standby  streaming       1  1/50000000   0 B      0 B      0 B      0 B               0 B  async
                  │  └─ nas-3  replica  standby  streaming       1  1/4FF00000   0 B  1.00 MB  1.00 MB  1.00 MB  1.00 MB ≤ 40.0 s  async  replay_timestamp
                  └─ nas-4     backup   standby  streaming       1  1/50000000   0 B      0 B      0 B      0 B               0 B  async

                   WARNING  standby "nas-3" is at most 40.0 s behind
                            DETAIL: The limit is 30.0 s; measured by replay_timestamp.
                            HINT: pgdr status --sample 10s shows whether it catches up.
                """)
    }

    @Test func primaryLostWithItsLastPositionKnown() {
        expect(
            table.text([Scene.primaryLost.report(clock: Scene.lastSeen)]),
            is: """
                shop  NO PRIMARY: primary "nas-1" gives no answer (connect_timeout); "nas-2" has most WAL of the standbys that answered

                  NODE   KIND     ROLE     STATE            TL         LSN  SENT  WRITE  FLUSH        RECEIVE         REPLAY  MEASURED BY
                  nas-1  primary  ?        connect_timeout                     ?      ?      ?              ?              ?
                  nas-2  dr       standby  not streaming     1  1/50000000     ?      ?      ?  4.00 kB 4.0 s  4.00 kB 4.0 s  last_known_primary
                  nas-3  replica  standby  not streaming     1  1/4FFF0000     ?      ?      ?  68.0 kB 4.7 s  68.0 kB 4.7 s  last_known_primary

                  CRITICAL  primary "nas-1" gives no answer (connect_timeout)
                            DETAIL: no connection to nas-1, port 5432 within 3 s.
                            HINT: Either packets are dropped, or the server accepts and hangs: try psql from its own host. Promote another node only when it is proven to be stopped.
                """)
    }

    @Test func primaryNeverSeen() {
        expect(
            table.text([Scene.primaryLost.report()]),
            is: """
                shop  NO PRIMARY: primary "nas-1" gives no answer (connect_timeout); "nas-2" has most WAL of the standbys that answered

                  NODE   KIND     ROLE     STATE            TL         LSN  SENT  WRITE  FLUSH  RECEIVE       REPLAY  MEASURED BY
                  nas-1  primary  ?        connect_timeout                     ?      ?      ?        ?            ?
                  nas-2  dr       standby  not streaming     1  1/50000000     ?      ?      ?      0 B          0 B  most_advanced_standby
                  nas-3  replica  standby  not streaming     1  1/4FFF0000     ?      ?      ?  64.0 kB  64.0 kB ? s  most_advanced_standby

                  CRITICAL  primary "nas-1" gives no answer (connect_timeout)
                            DETAIL: no connection to nas-1, port 5432 within 3 s.
                            HINT: Either packets are dropped, or the server accepts and hangs: try psql from its own host. Promote another node only when it is proven to be stopped.
                """)
    }

    @Test func twoPrimaries() {
        expect(
            table.text([Scene.twoPrimaries.report()]),
            is: """
                shop  TWO PRIMARIES: nas-1 and nas-2 both take writes; 1 critical, 1 warning below

                  NODE      KIND     ROLE     STATE          TL         LSN  SENT  WRITE  FLUSH  RECEIVE  REPLAY  SYNC
                  nas-1     primary  primary  in production   1  1/50000000
                  └─ nas-3  replica  standby  streaming       1  1/50000000     ?      ?      ?        ?       ?  async
                  nas-2     dr       primary  in production   2  1/50002000

                  CRITICAL  2 nodes are primary: nas-1, nas-2
                            DETAIL: Each takes writes that the others don't have.
                            HINT: Stop the one that applications must not use, now; later bring it back as a standby (pg_rewind or a new base backup).
                  CRITICAL  standby "nas-3" receives from "nas-1" instead of "nas-2"
                            HINT: Correct primary_conninfo on the standby, or "upstream" in the configuration.
                   WARNING  whether node "nas-3" is behind or has diverged could not be told
                            DETAIL: The history of timeline 2 could not be read.
                            HINT: Run sql/monitoring_role.sql on the primary, so that pgdr can read the timeline history.
                      note  node "nas-2" is primary, which is not what it is configured for
                            HINT: After a planned role change adapt "kind" in the configuration, or switch back.
                """)
    }

    @Test func findingsComeWithDetailAndHint() {
        expect(
            table.text([Scene.warned.report()]),
            is: """
                shop  DR ready: nas-2 is 0 B, 0.0 s behind; losing the primary now would lose 0 B; 1 warning below

                  NODE      KIND     ROLE     STATE          TL         LSN  SENT  WRITE  FLUSH  RECEIVE  REPLAY  SYNC
                  nas-1     primary  primary  in production   1  1/50000000
                  ├─ nas-2  dr       standby  streaming       1  1/50000000   0 B    0 B    0 B      0 B     0 B  async
                  └─ nas-3  replica  standby  streaming       1  1/50000000   0 B    0 B    0 B      0 B     0 B  async

                   WARNING  nobody uses replication slot "old_standby" on "nas-1"
                            DETAIL: It keeps 256 MB of WAL.
                            HINT: Bring its standby back, or drop the slot if it is gone for good.
                """)
    }

    @Test func ratesFollowTheTree() {
        let later = Scene.lagging.changing("nas-1") { $0.currentLSN = LSN(rawValue: 0x1_7100_0000) }
            .changing("nas-2") { $0.receiveLSN = LSN(rawValue: 0x1_7100_0000) }
            .changing("nas-3") {
                $0.receiveLSN = LSN(rawValue: 0x1_7100_0000)
                $0.replayLSN = LSN(rawValue: 0x1_70FF_F000)
            }
            .delayed(by: 10)
        expect(
            table.text([assess(later.snapshot(later: 10), after: Scene.lagging.snapshot())]),
            is: """
                shop  DR NOT READY: standby "nas-2" is 528 MB behind; 1 warning below

                  NODE      KIND     ROLE     STATE          TL         LSN     SENT    WRITE    FLUSH  RECEIVE                REPLAY  SYNC   MEASURED BY
                  nas-1     primary  primary  in production   1  1/71000000
                  ├─ nas-2  dr       standby  streaming       1  1/71000000  16.0 MB  17.0 MB  17.0 MB      0 B  528 MB ≤ 12 min 34 s  async  replay_timestamp
                  └─ nas-3  replica  standby  streaming       1  1/71000000  16.0 MB  16.0 MB  16.0 MB      0 B               4.00 kB  async

                  NODE    WAL RATE  REPLAY RATE     CATCHES UP IN
                  nas-1  1.60 MB/s
                  nas-2  1.70 MB/s        0 B/s  not at this rate
                  nas-3  1.60 MB/s    1.60 MB/s        keeps pace

                  CRITICAL  standby "nas-2" is 528 MB behind
                            DETAIL: The limit is 256 MB.
                            HINT: pgdr status --sample 10s shows whether it catches up.
                   WARNING  standby "nas-2" is at most 12 min 34 s behind
                            DETAIL: The limit is 5 min 0 s; measured by replay_timestamp.
                            HINT: pgdr status --sample 10s shows whether it catches up.
                """)
    }

    @Test func severalClustersStandOneAfterTheOther() {
        expect(
            table.text([Scene.alone.report(), Scene.healthy.report()]),
            is: """
                till  primary "till-1" has no standby

                  NODE    KIND     ROLE     STATE          TL    LSN
                  till-1  primary  primary  in production   1  2A/28

                shop  DR ready: nas-2 is 0 B, 0.0 s behind; losing the primary now would lose 0 B

                  NODE      KIND     ROLE     STATE          TL         LSN  SENT  WRITE  FLUSH  RECEIVE  REPLAY  SYNC
                  nas-1     primary  primary  in production   1  1/50000000
                  ├─ nas-2  dr       standby  streaming       1  1/50000000   0 B    0 B    0 B      0 B     0 B  async
                  └─ nas-3  replica  standby  streaming       1  1/50000000   0 B    0 B    0 B      0 B     0 B  async
                """)
    }

    @Test func standbysInACircleAreShownAllTheSame() {
        expect(
            table.text([Scene.circle.report()]),
            is: """
                shop  DR NOT READY: standbys receive from each other in a circle: nas-2 → nas-3 → nas-2

                  NODE      KIND     ROLE     STATE          TL         LSN  SENT  WRITE  FLUSH  RECEIVE  REPLAY  SYNC
                  nas-1     primary  primary  in production   1  1/50000000
                  nas-2     dr       standby  streaming       1  1/50000000   0 B    0 B    0 B      0 B     0 B  async
                  └─ nas-3  replica  standby  streaming       1  1/50000000   0 B    0 B    0 B      0 B     0 B  async

                  CRITICAL  standbys receive from each other in a circle: nas-2 → nas-3 → nas-2
                            HINT: Point one of them at the primary.
                """)
    }

    @Test func coloursFollowSeverity() {
        let coloured = StatusTable(style: Style(hasColours: true))
        func firstLine(_ scene: Scene) -> String {
            String(coloured.text([scene.report()]).prefix { $0 != "\n" }).replacing("\u{1B}", with: "ESC")
        }
        #expect(firstLine(.healthy).hasPrefix("ESC[1mshopESC[0m  ESC[32mDR ready: "))
        #expect(firstLine(.warned).hasPrefix("ESC[1mshopESC[0m  ESC[33mDR ready: "))
        #expect(firstLine(.lagging).hasPrefix("ESC[1mshopESC[0m  ESC[1;31mDR NOT READY: "))
        let text = coloured.text([Scene.lagging.report()])
        #expect(text.contains("\u{1B}[2m  NODE "))
        #expect(text.contains("\u{1B}[1;31mCRITICAL\u{1B}[0m  standby"))
        #expect(coloured.text([Scene.paused.report()]).contains("\u{1B}[32mnote\u{1B}[0m  replay is paused"))
    }

    @Test(arguments: Scene.all) func coloursAreAllThatDiffers(name: String, scene: Scene) {
        let coloured = StatusTable(style: Style(hasColours: true)).text([scene.report()])
        let plain = ["0", "1", "1;31", "2", "32", "33"].reduce(coloured) { $0.replacing("\u{1B}[\($1)m", with: "") }
        #expect(plain == table.text([scene.report()]))
    }

    @Test(arguments: Scene.all) func theTreeFitsATerminal(name: String, scene: Scene) {
        let blocks = table.text([scene.report()]).split(separator: "\n\n")
        let widths = blocks.filter { $0.hasPrefix("  NODE") }.flatMap { $0.split(separator: "\n") }.map(\.count)
        #expect(widths.max() ?? 0 <= 140, "\(widths)")
    }
}
