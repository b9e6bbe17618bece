import Drills
import Essentials
import Glibc
import Lab
import Replication
import RunbookEngine
import Synchronization
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RealServers {
    /// Standbys and copies that are opened, and what is left of it.
    @Suite(.timeLimit(.minutes(5)))
    struct DrillTests {
        private let upstreams = ["dr": "primary", "replica": "primary"]

        private func file(_ text: String, _ stage: Stage) throws -> String {
            let path = "\(stage.lab.directory)/check it's.sql"
            try Data(text.utf8).write(to: URL(filePath: path))
            return path
        }

        /// The directories of sockets that runs have left.
        private func sockets(_ stage: Stage) throws -> [String] {
            try stage.desk.runs().map { "/tmp/pgdr-\($0.id)" }.filter(FileManager.default.fileExists)
        }

        /// Production commits on while dr takes writes that nobody else gets: no archive, no client, no observer.
        ///
        /// Then all of that is gone, and dr is what it was, with settings of its own.
        @Test(arguments: [fewInstallations.first, fewInstallations.last].map { $0 ?? nil })
        func aStandbyIsOpenedAndComesBack(postgresBin: String?) async throws {
            try await Stage.with(postgresBin: postgresBin) { stage in
                let dr = try stage.lab.node("dr")
                try await stage.markNodes()
                try await stage.write(rows: 5000)
                let archive = "\(dr.directory)/archive"
                try await stage.asServer("mkdir", [archive])
                try await dr.stop()
                try dr.appendDataFile(
                    "postgresql.conf",
                    """
                    archive_mode = on
                    archive_command = 'cp "%p" "\(archive)/%f"'
                    recovery_end_command = 'touch "\(archive)/promoted"'

                    """)
                try await dr.start()
                let check = try file(
                    """
                    CREATE TABLE only_here AS SELECT 1 AS one;
                    UPDATE filler SET text = 'of the drill' WHERE id % 7 = 0;
                    ALTER SYSTEM SET work_mem = '1MB';
                    SELECT pg_switch_wal() IS NULL;
                    SELECT 'open: ' || (NOT pg_is_in_recovery())::text || ', at ''' || current_setting('listen_addresses') || '''';
                    """, stage)
                let program = "\(stage.lab.directory)/check it's.sh"
                try Data(
                    """
                    #!/bin/sh
                    exec psql -X -A -t -h "$1" -p "$2" -c "SELECT count(*) || ' in ' || current_database() FROM only_here"
                    """.utf8
                ).write(to: URL(filePath: program))
                chmod(program, 0o755)
                let seen = Mutex<[String: String]>([:])
                let look = holding {
                    let report = try await stage.look()
                    let entered = try? await dr.psql("SELECT 1")
                    seen.withLock {
                        $0["silence"] = report.node("dr")?.silence?.reason
                        $0["primary"] = report.primary
                        $0["entered"] = entered
                        // Whoever starts it by its service meanwhile starts it as before.
                        $0["options"] =
                            (try? dr.dataFile("postmaster.opts"))?.contains("listen_addresses") ?? true
                            ? "those of the drill" : nil
                    }
                }
                let (ending, record) = try await stage.underLoad {
                    try await stage.run(
                        "drill-snapshot",
                        ["node_to_open": "dr", "verify_sql": check, "verify_command": program],
                        onStart: ["verify-sql": look, "close": look])
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.notes.contains { $0.contains("open: true, at ''") }, "\(ending.notes)")
                #expect(ending.notes.contains { $0 == "1 in postgres" }, "\(ending.notes)")
                #expect(ending.notes.contains { $0.contains("which primary had written") }, "\(ending.notes)")
                #expect(seen.withLock { $0 } == ["silence": "refused", "primary": "primary"])

                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)
                try await stage.expectMarks()
                #expect(record.commits.count > 20)
                #expect(record.longestGap?.length ?? .zero < .seconds(2))
                for name in ["primary", "dr"] { #expect(try await stage.lost(record, on: name) == []) }
                #expect(try await dr.psql("SELECT to_regclass('only_here') IS NULL") == "t")
                // By which it would be taken for one that was promoted.
                let later = "SELECT count(*) FROM pg_ls_waldir() WHERE name > '00000001G'"
                #expect(try await dr.psql(later) == "0")
                let filler = "SELECT md5(string_agg(text, ',' ORDER BY id)) FROM filler"
                #expect(try await dr.psql(filler) == stage.lab.primary.psql(filler))
                #expect(try FileManager.default.contentsOfDirectory(atPath: archive) == [])
                #expect(try sockets(stage) == [])
            }
        }

        /// What is to be shown fails, or the server dies as with its host: dr comes back all the same.
        ///
        /// Where production would suffer, nothing is begun.
        @Test func whateverFailsItComesBackAndNothingIsRisked() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let primary = stage.lab.primary
                try await stage.write(rows: 3000)
                let given = ["node_to_open": "dr"]
                let check = try file("CREATE TABLE only_here ();\nSELECT 1 / 0;\n", stage)
                let failed = try await stage.run("drill-snapshot", given.merging(["verify_sql": check]) { $1 })
                #expect(failed.undoneFor?.detail?.contains("division by zero") == true, "\(failed.outcome)")
                #expect(failed.notes.contains { $0.hasPrefix("verify-sql failed") }, "\(failed.notes)")
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)

                // Killed after it was promoted, before anything on its new timeline was on the disk but WAL.
                let kill = holding { try await dr.kill() }
                let killed = try await stage.run(
                    "drill-snapshot", given.merging(["verify_sql": check]) { $1 }, onStart: ["verify-sql": kill])
                #expect(killed.undoneFor?.code == .command, "\(killed.outcome) \(killed.notes)")
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)
                #expect(try await dr.psql("SELECT to_regclass('only_here') IS NULL") == "t")
                #expect(try sockets(stage) == [])

                // What pg_rewind would go back to is gone from the node: only a new copy is left, and it is said how.
                let lose = holding {
                    try await stage.asServer("sh", ["-c", "rm \"$1\"/pg_wal/0000000[12]*", "sh", dr.dataDirectory])
                }
                let stuck = try await stage.run("drill-snapshot", given, onStart: ["rewind": lose])
                guard case .partWay(let failure) = stuck.outcome else {
                    Issue.record("\(stuck.outcome) \(stuck.notes)")
                    return
                }
                let run = try #require(try stage.desk.runs().last?.id)
                let way = "pgdr abort \(run) --leave, then pgdr run rejoin dr --set rebuild=true --set give_up=true"
                #expect(failure.message == "pgdr-rewind failed" && failure.hint?.contains(way) == true, "\(failure)")
                #expect(!dr.isRunning)
                try stage.desk.leave(run)
                for place in try sockets(stage) { try FileManager.default.removeItem(atPath: place) }
                let copied = try await stage.run(
                    "rejoin", ["node_to_rejoin": "dr", "rebuild": "true", "give_up": "true"])
                #expect(copied.outcome == .done(failed: []), "\(copied.notes)")
                try await stage.expectStreaming(primary: "primary", timeline: 1, upstreams: upstreams)

                try await primary.setParameter("max_slot_wal_keep_size", "48MB")
                let kept = try await stage.refusal("drill-snapshot", given)
                #expect(kept.contains("max_slot_wal_keep_size allows 48 MB"), "\(kept)")
                try await primary.setParameter("max_slot_wal_keep_size", nil)
                try await primary.setParameter("synchronous_standby_names", "FIRST 2 (*)")
                let synchronous = try await stage.refusal("drill-snapshot", given)
                #expect(synchronous.contains("commits would wait"), "\(synchronous)")
                try await primary.setParameter("synchronous_standby_names", nil)
                let below = try await stage.run("repoint", ["node_to_repoint": "replica", "upstream": "dr"])
                #expect(below.outcome == .done(failed: []), "\(below.notes)")
                let cascade = try await stage.refusal("drill-snapshot", given)
                #expect(cascade.contains("replica gets its WAL from dr"), "\(cascade)")
                #expect(cascade.contains("accept_uncovered=true"), "\(cascade)")
            }
        }

        /// Production is lost while dr is open: that is over at once, and dr is left closed for a rejoin.
        ///
        /// Whoever was promoted meanwhile is left alone.
        @Test func whoIsNoPrimaryAnyMoreIsNotRewoundFrom() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let replica = try stage.lab.node("replica")
                let promote = holding {
                    try await stage.lab.primary.stop()
                    try await replica.promote()
                }
                let slow = try file("SELECT pg_sleep(500)", stage)
                let began = ContinuousClock.now
                let ending = try await stage.run(
                    "drill-snapshot", ["node_to_open": "dr", "verify_sql": slow], onStart: ["verify-sql": promote])
                #expect(began.duration(to: .now) < .seconds(60))
                guard case .partWay(let failure) = ending.outcome else {
                    Issue.record("\(ending.outcome) \(ending.notes)")
                    return
                }
                let run = try #require(try stage.desk.runs().last?.id)
                #expect(failure.hint?.contains("pgdr abort \(run) --leave") == true, "\(failure)")
                #expect(!dr.isRunning)
                #expect(try dr.dataFile("standby.signal") == "")
                try stage.desk.leave(run)
                for place in try sockets(stage) { try FileManager.default.removeItem(atPath: place) }
                let back = try await stage.run("rejoin", ["node_to_rejoin": "dr", "rebuild": "true"])
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                try await stage.expectStreaming(primary: "replica", timeline: 2, upstreams: ["dr": "replica"])

                // Somebody promotes dr before it is stopped: it is left as the primary that it is.
                let late = try await stage.run(
                    "drill-snapshot", ["node_to_open": "dr", "accept_uncovered": "true"],
                    onStart: ["stop": holding { try await dr.promote() }])
                guard case .partWay(let refusal) = late.outcome else {
                    Issue.record("\(late.outcome) \(late.notes)")
                    return
                }
                #expect(refusal.detail == "dr is a primary", "\(refusal)")
                #expect(try await dr.psql("SELECT pg_is_in_recovery()") == "f")
                #expect((try? dr.dataFile("standby.signal")) == nil)
            }
        }

        /// The copy is looked at in whole, and gone afterwards, also when it is damaged; dr streams on as if nothing were.
        @Test func aCopyIsCheckedAndRemoved() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                try await stage.write(rows: 5000)
                try await stage.lab.primary.psql("CREATE INDEX ON filler (id)")
                try await stage.lab.primary.psql("CREATE DATABASE \"other=one\"")
                // Nothing of it is replayed when the copy starts.
                try await stage.lab.primary.psql("CHECKPOINT")
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                let traits = "SELECT pg_postmaster_start_time(), pid FROM pg_stat_wal_receiver"
                let before = try await dr.psql(traits)
                let given = ["node_to_copy": "dr"]
                let check = try file("DELETE FROM filler;\nSELECT 'left: ' || count(*) FROM filler;\n", stage)
                let (ending, record) = try await stage.underLoad {
                    try await stage.run("drill-clone", given.merging(["verify_sql": check]) { $1 })
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.notes.contains { $0.contains("public.filler 5000") }, "\(ending.notes)")
                #expect(ending.notes.contains { $0 == "other=one: no tables" }, "\(ending.notes)")
                #expect(ending.notes.contains { $0.hasPrefix("checked by amcheck") }, "\(ending.notes)")
                #expect(ending.notes.contains { $0 == "left: 0" }, "\(ending.notes)")
                #expect(try await dr.psql("SELECT count(*) FROM filler") == "5000")
                #expect(try await stage.lost(record, on: "dr") == [])

                // A page of the copy is lost.
                let place = try await dr.psql("SELECT pg_relation_filepath('filler')")
                let damage = holding {
                    let copy = try #require(try dr.beside(ending: "-new"))
                    try await stage.asServer(
                        "dd", ["if=/dev/urandom", "of=\(copy)/\(place)", "bs=8192", "count=1", "conv=notrunc"])
                }
                let damaged = try await stage.run("drill-clone", given, onStart: ["start-apart": damage])
                #expect(damaged.notes.contains { $0.hasPrefix("inspect failed") }, "\(damaged.notes)")
                #expect(damaged.undoneFor?.code == .command, "\(damaged.outcome)")

                #expect(try await dr.psql(traits) == before)
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)
                #expect(try sockets(stage) == [])
            }
        }
    }
}
