import Configuration
import Drills
import Essentials
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
    @Suite(.timeLimit(.minutes(5)))
    struct RebuildTests {
        private let upstreams = ["dr": "primary", "replica": "primary"]

        /// Commits flow on meanwhile, and the old server answers until the copy takes its place.
        @Test(arguments: [fewInstallations.first, fewInstallations.last].map { $0 ?? nil })
        func aStandbyIsMadeAnew(postgresBin: String?) async throws {
            try await Stage.with(postgresBin: postgresBin) { stage in
                let dr = try stage.lab.node("dr")
                try await stage.markNodes()
                try await stage.write(rows: 5000)
                let alive = Mutex(false)
                let look: StepHook = { alive.withLock { $0 = dr.isRunning } }
                let (ending, record) = try await stage.underLoad {
                    try await stage.run("rebuild", ["node_to_rebuild": "dr"], onStart: ["stop": look])
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(alive.withLock { $0 })
                #expect(record.longestGap?.length ?? .zero < .seconds(2))
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)
                try await stage.expectMarks()

                #expect(try await stage.lost(record, on: "dr") == [])
            }
        }

        /// Copied from the other standby; with a standby behind it; and of what can't even be started any more.
        @Test func aStandbyIsMadeAnewWhateverItsPlace() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                try await stage.markNodes()
                let spared = try await stage.run("rebuild", ["node_to_rebuild": "dr", "from": "replica"])
                #expect(spared.outcome == .done(failed: []), "\(spared.notes)")
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)

                try await dr.kill()
                try await stage.asServer("rm", ["-r", "\(dr.dataDirectory)/base"])
                let broken = try await stage.run("rebuild", ["node_to_rebuild": "dr"])
                #expect(broken.outcome == .done(failed: []), "\(broken.notes)")
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)
                try await stage.expectMarks()

                // What follows it finds its slot again.
                let below = try await stage.run("repoint", ["node_to_repoint": "replica", "upstream": "dr"])
                #expect(below.outcome == .done(failed: []), "\(below.notes)")
                let middle = try await stage.run("rebuild", ["node_to_rebuild": "dr"])
                #expect(middle.outcome == .done(failed: []), "\(middle.notes)")
                try await stage.expectShape(
                    primary: "primary", timeline: 1, upstreams: ["dr": "primary", "replica": "dr"])
            }
        }

        /// Tablespaces get directories of their own beside the old ones, and nothing of them is left in either outcome.
        @Test func tablespacesAreMapped() async throws {
            try await Stage.with(standbys: 1) { stage in
                let dr = try stage.lab.node("dr")
                // All nodes of a lab share the file system: a standby can't replay the making of the tablespace.
                let parent = "\(stage.lab.primary.directory)/spaces"
                let place = "\(parent)/a=b ts"
                try await stage.asServer("mkdir", ["-p", "-m", "700", place])
                try await dr.stop()
                try await stage.lab.primary.psql("CREATE TABLE plain (id int)")
                try await stage.lab.primary.psql("CREATE TABLESPACE side LOCATION '\(place)'")
                try await stage.lab.primary.psql("CREATE TABLE aside TABLESPACE side AS SELECT 1 AS id")
                func directories() throws -> [String] {
                    try FileManager.default.contentsOfDirectory(atPath: parent).sorted()
                }
                let stopped = Mutex(false)
                let failed = try await stage.run(
                    "rebuild", ["node_to_rebuild": "dr"],
                    onStart: [
                        "swap-in": {
                            stopped.withLock { $0 = true }
                            // It finds no copy to put in place.
                            let fresh = (try? FileManager.default.contentsOfDirectory(atPath: dr.directory))?
                                .first { $0.hasSuffix("-new") }
                            try? FileManager.default.removeItem(atPath: "\(dr.directory)/\(fresh ?? "-")/PG_VERSION")
                        }
                    ])
                #expect(stopped.withLock { $0 })
                #expect(failed.undoneFor?.code == .command, "\(failed.outcome) \(failed.notes)")
                #expect(try directories() == ["a=b ts"])
                #expect(try dr.leftovers() == [])

                let ending = try await stage.run("rebuild", ["node_to_rebuild": "dr"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
                #expect(try await dr.psql("SELECT id FROM aside") == "1")
                let mapped = try await dr.psql(
                    "SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'side'")
                #expect(mapped.hasPrefix("\(place).pgdr-"), "\(mapped)")
                // Once more: the copy that is replaced takes its tablespace with it.
                let again = try await stage.run("rebuild", ["node_to_rebuild": "dr"])
                #expect(again.outcome == .done(failed: []), "\(again.notes)")
                #expect(try directories().count == 2)
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
            }
        }

        /// WAL that lies elsewhere gets a directory of its own beside the old one, which is gone once the copy streams.
        @Test func walElsewhereIsReplacedToo() async throws {
            try await Stage.with(standbys: 1) { stage in
                let dr = try stage.lab.node("dr")
                let link = "\(dr.dataDirectory)/pg_wal"
                let parent = "\(dr.directory)/a disk"
                let place = "\(parent)/wal of $(dr)"
                let manager = FileManager.default
                try await dr.stop()
                try await stage.asServer("mkdir", [parent])
                try await stage.asServer("mv", [link, place])
                try await stage.asServer("ln", ["-s", place, link])
                try await dr.start()
                func target() throws -> String { try manager.destinationOfSymbolicLink(atPath: link) }
                func directories() throws -> [String] { try manager.contentsOfDirectory(atPath: parent) }
                let failed = try await stage.run(
                    "rebuild", ["node_to_rebuild": "dr"],
                    onStart: [
                        // The copy is in its place and can't be started.
                        "start": { try? manager.removeItem(atPath: "\(dr.dataDirectory)/global/pg_control") }
                    ])
                #expect(failed.undoneFor != nil, "\(failed.outcome) \(failed.notes)")
                #expect(try target() == place)
                #expect(try directories() == ["wal of $(dr)"])
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])

                // Twice: the names of what was a copy don't grow.
                for _ in 0..<2 {
                    let ending = try await stage.run("rebuild", ["node_to_rebuild": "dr"])
                    #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                    let run = try #require(try stage.desk.runs().last?.id)
                    #expect(try target() == "\(place).pgdr-\(run)")
                    #expect(try directories() == ["wal of $(dr).pgdr-\(run)"])
                    try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
                }

                // A directory that is a link itself would leave the link and take the old data's place nowhere.
                let real = "\(dr.directory)/elsewhere"
                try await dr.stop()
                try await stage.asServer("mv", [dr.dataDirectory, real])
                try await stage.asServer("ln", ["-s", real, dr.dataDirectory])
                let linked = try await stage.refusal("rebuild", ["node_to_rebuild": "dr"])
                #expect(linked.contains("is a symbolic link") && linked.contains(real), "\(linked)")
            }
        }

        /// A copy that breaks off: the old standby has never stopped, and nothing of the copy is left.
        @Test func aCopyThatBreaksOffLeavesTheOldOneRunning() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                try await stage.write(rows: 20000)
                let started = try await dr.psql("SELECT pg_postmaster_start_time()")
                let broken = Mutex(false)
                let breaker = Task {
                    // The walsender of the copy is ended as an administrator would.
                    while !broken.withLock({ $0 }), !Task.isCancelled {
                        let ended = try? await stage.lab.primary.psql(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_replication WHERE state = 'backup'")
                        if ended == "t" { broken.withLock { $0 = true } }
                    }
                }
                let ending = try await stage.run("rebuild", ["node_to_rebuild": "dr"])
                breaker.cancel()
                await breaker.value
                try #require(broken.withLock { $0 }, "the copy was too quick")
                #expect(ending.undoneFor?.message == "pg_basebackup failed", "\(ending.outcome) \(ending.notes)")
                #expect(try await dr.psql("SELECT pg_postmaster_start_time()") == started)
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)
            }
        }

        /// Too little room is seen before anything is done; a disk that fills up while the copy is made takes it back.
        @Test func aFullDiskHarmsNothing() async throws {
            var options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)
            options.smallDisks = ["dr": 400 << 20]
            try await Lab.with(options) { lab in
                let stage = try Stage(lab)
                let dr = try lab.node("dr")
                try dr.fillDisk(leaving: 30 << 20)
                let reasons = try await stage.refusal("rebuild", ["node_to_rebuild": "dr"])
                #expect(reasons.contains("MB are free"), "\(reasons)")
                dr.freeDisk()
                let started = try await dr.psql("SELECT pg_postmaster_start_time()")
                let ending = try await stage.run(
                    "rebuild", ["node_to_rebuild": "dr"], onStart: ["copy": { try? dr.fillDisk(leaving: 8 << 20) }])
                #expect(ending.undoneFor?.message == "pg_basebackup failed", "\(ending.outcome) \(ending.notes)")
                dr.freeDisk()
                #expect(try await dr.psql("SELECT pg_postmaster_start_time()") == started)
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
                let again = try await stage.run("rebuild", ["node_to_rebuild": "dr"])
                #expect(again.outcome == .done(failed: []), "\(again.notes)")
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
            }
        }

        @Test func whatMustNotBeReplacedIsRefused() async throws {
            try await Stage.with(standbys: 1) { stage in
                let itself = try await stage.refusal("rebuild", ["node_to_rebuild": "primary", "from": "dr"])
                #expect(itself.contains("primary"), "\(itself)")
                // A directory that is none of PostgreSQL's.
                try await stage.lab.node("dr").stop()
                var elsewhere = stage
                elsewhere.cluster.nodes[1].dataDirectory = "\(try stage.lab.node("dr").directory)/log"
                let foreign = try await elsewhere.refusal("rebuild", ["node_to_rebuild": "dr"])
                #expect(foreign.contains("holds no data directory"), "\(foreign)")
                try await Stage.with(standbys: 0) { other in
                    try await other.lab.primary.stop()
                    var strange = stage
                    strange.cluster.nodes[1].dataDirectory = other.lab.primary.dataDirectory
                    let reasons = try await strange.refusal("rebuild", ["node_to_rebuild": "dr"])
                    #expect(reasons.contains("another cluster"), "\(reasons)")
                }
            }
        }
    }
}
