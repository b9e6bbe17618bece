import Configuration
import Essentials
import Glibc
import Lab
import Replication
import RunbookEngine
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct RejoinTests {
        private let primaryBack = ["node_to_rejoin": "primary"]

        /// Makes dr the primary by hand and, where it is wanted, lets the old primary write on alone.
        private func promoteDR(_ stage: Stage, writingOn old: LabNode? = nil) async throws {
            let dr = try stage.lab.node("dr")
            try await dr.promote()
            if let old { try await stage.write(rows: 300, to: old) }
            try await stage.write(rows: 100, to: dr)
        }

        /// The transactions that only the node had, as the run lists them.
        private func keptCommits(of node: LabNode) throws -> Int {
            let kept = try #require(try node.beside(ending: "-wal"))
            let list = try String(contentsOfFile: "\(kept)/transactions.txt", encoding: .utf8)
            return list.split(separator: "\n").count { $0.contains("desc: COMMIT") }
        }

        /// Has a process stand for the killed postmaster that nobody reaps for three seconds.
        private func leaveUnreaped(_ node: LabNode) throws {
            let account = geteuid() == 0 ? "setpriv --reuid postgres --regid postgres --init-groups" : ""
            let pipe = try #require(popen("\(account) sh -c 'true & echo $!; exec sleep 3 >/dev/null' 2>&1", "r"))
            var line = [CChar](repeating: 0, count: 64)
            _ = fgets(&line, Int32(line.count), pipe)
            let pid = try #require(Int(String(decoding: line.prefix { $0 > 32 }.map(UInt8.init), as: UTF8.self)))
            let path = "\(node.dataDirectory)/postmaster.pid"
            let rest = try String(contentsOfFile: path, encoding: .utf8).drop { $0 != "\n" }
            let file = try FileDescriptor.open(path, .writeOnly, options: .truncate)
            try file.closeAfter { _ = try file.writeAll("\(pid)\(rest)".utf8) }
        }

        @Test func whatStoppedInOrderFollows() async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.markNodes()
                try await stage.lab.primary.stop()
                try await promoteDR(stage)
                let ending = try await stage.run("rejoin", primaryBack)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["method"] == "follow")
                try await stage.expectShape(primary: "dr", timeline: 2, upstreams: ["primary": "dr"])
                try await stage.expectMarks()
                let again = try await stage.run("rejoin", primaryBack)
                #expect(again.outcome == .done(failed: []), "\(again.notes)")
                #expect(again.plan.answers["method"] == "nothing")
            }
        }

        /// Killed with commits that nobody else has: they are kept and listed, and pg_rewind brings it back.
        ///
        /// The new primary's own checkpoint is still under way, and its settings are others than the node's.
        @Test(arguments: fewInstallations)
        func whatCrashedWithMoreIsRewound(postgresBin: String?) async throws {
            try await Stage.with(standbys: 1, postgresBin: postgresBin) { stage in
                let primary = stage.lab.primary
                let dr = try stage.lab.node("dr")
                try await stage.markNodes()
                // What is dirty makes the checkpoint after the promotion last.
                try await stage.write(rows: 20000)
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                try await dr.setParameter("primary_conninfo", "")
                try await stage.awaitThat("dr has let go") {
                    try await dr.psql("SELECT count(*) FROM pg_stat_wal_receiver") == "0"
                }
                try await primary.psql("CREATE TABLE only_here ()")
                for _ in 0..<7 { try await primary.psql("INSERT INTO filler VALUES (0, 'alone')") }
                // Over a segment's end, where listing must go on.
                try await primary.psql("SELECT pg_switch_wal()")
                for _ in 0..<5 { try await primary.psql("INSERT INTO filler VALUES (0, 'alone')") }
                try await primary.kill()
                try await dr.promote()
                try leaveUnreaped(primary)
                try primary.appendDataFile("pg_ident.conf", "# its own\n")
                let ending = try await stage.run("rejoin", primaryBack)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["method"] == "rewind")
                try await stage.expectShape(primary: "dr", timeline: 2, upstreams: ["primary": "dr"])
                try await stage.expectMarks()
                #expect(try primary.dataFile("pg_ident.conf").hasSuffix("# its own\n"))
                #expect(try await primary.psql("SELECT to_regclass('only_here') IS NULL") == "t")
                #expect(try keptCommits(of: primary) == 13)
                #expect(ending.notes.contains { $0.contains("13 commits beyond") }, "\(ending.notes)")
                #expect(!ending.notes.contains { $0.contains("there may be more") }, "\(ending.notes)")
                try await stage.write(rows: 10, to: dr)
                let level = try await stage.look { $0.node("primary")?.lag?.replay.bytes == 0 }
                #expect(level.node("primary")?.lag?.replay.bytes == 0)
                #expect(try await primary.psql("SELECT count(*) FROM filler WHERE text = 'alone'") == "0")
            }
        }

        /// Two that take writes: nothing is given up unasked; then what one wrote alone is kept aside.
        @Test func aSecondPrimaryIsGivenUpOnlyWhenAsked() async throws {
            try await Stage.with { stage in
                let primary = stage.lab.primary
                try await promoteDR(stage, writingOn: primary)
                let unclear = try await stage.refusal("rejoin", ["node_to_rejoin": "replica"])
                #expect(unclear.contains("more than one primary"), "\(unclear)")
                let refused = try await stage.refusal("rejoin", ["node_to_rejoin": "primary", "to": "dr"])
                #expect(refused.contains("it runs as a primary"), "\(refused)")
                let ending = try await stage.run(
                    "rejoin", ["node_to_rejoin": "primary", "to": "dr", "give_up": "true"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["method"] == "rewind")
                #expect(try keptCommits(of: primary) > 0)
                // The standby that had followed it has its writes too.
                let other = try await stage.run("rejoin", ["node_to_rejoin": "replica"])
                #expect(other.outcome == .done(failed: []), "\(other.notes)")
                #expect(other.plan.answers["method"] == "rewind")
                try await stage.expectShape(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
                // The other way round: a node that was promoted later is no standby of this one.
                try await primary.promote()
                try await primary.stop()
                let later = try await stage.refusal("rejoin", ["node_to_rejoin": "primary", "to": "dr"])
                #expect(later.contains("it was promoted later"), "\(later)")
            }
        }

        /// Two standbys promoted beside each other have the same timeline's number, and pg_rewind would see no difference.
        @Test func anotherTimelineOfTheSameNumberIsCopiedAnew() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let replica = try stage.lab.node("replica")
                try await stage.lab.primary.stop()
                // At the very same position: not even the fork tells them apart.
                try await replica.promote()
                try await replica.psql("CREATE TABLE only_here ()")
                try await replica.stop()
                try await dr.promote()
                try await stage.write(rows: 100, to: dr)
                let ending = try await stage.run("rejoin", ["node_to_rejoin": "replica"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["method"] == "rebuild")
                #expect(try keptCommits(of: replica) > 0)
                #expect(try await replica.psql("SELECT to_regclass('only_here') IS NULL") == "t")
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["replica": "dr"])
            }
        }

        /// What pg_rewind could not do is not tried: pages that changed alone can't be told, WAL is gone, it is wanted so.
        @Test func whatCannotBeRewoundIsCopiedAnew() async throws {
            try await Stage.with(standbys: 1) { stage in
                let primary = stage.lab.primary
                try await promoteDR(stage, writingOn: primary)
                try await primary.stop()
                // The WAL from before the fork, where pg_rewind looks for the last checkpoint that both have.
                let directory = "\(primary.dataDirectory)/pg_wal"
                let segments = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.count == 24 }
                #expect(!segments.isEmpty)
                for segment in segments {
                    try FileManager.default.moveItem(
                        atPath: "\(directory)/\(segment)", toPath: "\(primary.directory)/\(segment)")
                }
                let tried = try await stage.run("rejoin", primaryBack)
                #expect(tried.plan.answers["method"] == "rewind")
                #expect(tried.undoneFor?.message == "pg_rewind failed", "\(tried.outcome)")
                #expect(try primary.leftovers() == [])
                // Whoever starts it now gets a standby, whatever it has.
                #expect(FileManager.default.fileExists(atPath: "\(primary.dataDirectory)/standby.signal"))
                let ending = try await stage.run("rejoin", ["node_to_rejoin": "primary", "rebuild": "true"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["method"] == "rebuild")
                try await stage.expectShape(primary: "dr", timeline: 2, upstreams: ["primary": "dr"])
            }
        }

        /// Without checksums and hint bits in its WAL; and one whose way on is gone from the primary.
        @Test func withoutTheMeansItIsCopiedAnew() async throws {
            try await Stage.with(standbys: 2) { stage in
                let primary = stage.lab.primary
                let dr = try stage.lab.node("dr")
                let replica = try stage.lab.node("replica")
                for node in stage.lab.nodes {
                    try await node.stop()
                    try await stage.serverProgram("pg_checksums", ["--disable", "-D", node.dataDirectory])
                    try node.appendDataFile(
                        "postgresql.conf",
                        "wal_log_hints = off\nwal_keep_size = 0\nmax_wal_size = 32MB\nmin_wal_size = 32MB\n")
                    try await node.start()
                }
                _ = try await stage.look {
                    $0.node("dr")?.state == "streaming" && $0.node("replica")?.state == "streaming"
                }
                try await replica.stop()
                try await promoteDR(stage, writingOn: primary)
                try await primary.stop()
                let ending = try await stage.run("rejoin", primaryBack)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["method"] == "rebuild")
                #expect(ending.plan.requirements.contains { $0.result.evidence.contains("neither data checksums nor") })
                #expect(try keptCommits(of: primary) > 0)
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["primary": "dr"])

                // The standby that was away too long.
                try await dr.psql(
                    "SELECT pg_drop_replication_slot('replica') FROM pg_replication_slots WHERE slot_name = 'replica'")
                for _ in 0..<4 {
                    try await dr.psql("SELECT pg_switch_wal()")
                    try await stage.write(rows: 50, to: dr)
                }
                for _ in 0..<2 { try await dr.psql("CHECKPOINT") }
                let late = try await stage.run("rejoin", ["node_to_rejoin": "replica"])
                #expect(late.outcome == .done(failed: []), "\(late.notes)")
                #expect(late.plan.answers["method"] == "rebuild", "\(late.plan.requirements)")
                try await stage.expectShape(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
            }
        }

        /// Files that pg_rewind could not write, read-only ones and links, are as they were afterwards.
        @Test func readOnlyFilesAndLinksSurviveARewind() async throws {
            try await Stage.with(standbys: 1) { stage in
                let primary = stage.lab.primary
                try await stage.markNodes()
                try await promoteDR(stage, writingOn: primary)
                try await primary.stop(.immediate)
                let manager = FileManager.default
                let auto = "\(primary.dataDirectory)/postgresql.auto.conf"
                try manager.setAttributes([.posixPermissions: 0o400], ofItemAtPath: auto)
                let rules = "\(primary.dataDirectory)/pg_hba.conf"
                let elsewhere = "\(primary.directory)/pg_hba.conf"
                try await stage.asServer("mv", [rules, elsewhere])
                try await stage.asServer("ln", ["-s", elsewhere, rules])
                try await stage.asServer("ln", ["-s", primary.directory, "\(primary.dataDirectory)/a link"])
                try await stage.asServer(
                    "sh", ["-c", "echo key >\"$1\"; chmod 400 \"$1\"", "sh", "\(primary.dataDirectory)/server.key"])
                let ending = try await stage.run("rejoin", primaryBack)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["method"] == "rewind")
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["primary": "dr"])
                try await stage.expectMarks()
                #expect(try manager.destinationOfSymbolicLink(atPath: rules) == elsewhere)
                #expect(
                    try manager.destinationOfSymbolicLink(atPath: "\(primary.dataDirectory)/a link")
                        == primary.directory)
                #expect(try primary.dataFile("server.key") == "key\n")
                #expect(try manager.attributesOfItem(atPath: auto)[.posixPermissions] as? Int == 0o400)
            }
        }

        /// WAL that only an archive has still counts.
        @Test func whatTheArchiveHasIsUsed() async throws {
            try await Stage.with(standbys: 1) { stage in
                let primary = stage.lab.primary
                let archive = "\(stage.lab.directory)/archive"
                try await stage.asServer("mkdir", ["-m", "700", "\(primary.directory)/archive"])
                try FileManager.default.createSymbolicLink(
                    atPath: archive, withDestinationPath: "\(primary.directory)/archive")
                for node in stage.lab.nodes {
                    try await node.setParameter("restore_command", "cp \"\(archive)/%f\" \"%p\"")
                }
                try await promoteDR(stage, writingOn: primary)
                try await primary.stop()
                let wal = "\(primary.dataDirectory)/pg_wal"
                let segments = try FileManager.default.contentsOfDirectory(atPath: wal).filter { $0.count == 24 }
                let last = try #require(segments.max())
                for segment in segments where segment < last {
                    try await stage.asServer("mv", ["\(wal)/\(segment)", "\(primary.directory)/archive/\(segment)"])
                }
                let ending = try await stage.run("rejoin", primaryBack)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["method"] == "rewind")
                try await stage.expectShape(primary: "dr", timeline: 2, upstreams: ["primary": "dr"])
            }
        }

        /// A data directory of another cluster is not touched.
        @Test func anotherClustersDataIsRefused() async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.lab.primary.stop()
                try await promoteDR(stage)
                try await Stage.with(standbys: 0) { other in
                    try await other.lab.primary.stop()
                    var mixed = stage
                    mixed.cluster.nodes[0].dataDirectory = other.lab.primary.dataDirectory
                    let reasons = try await mixed.refusal("rejoin", primaryBack)
                    #expect(reasons.contains("another cluster"), "\(reasons)")
                    #expect(
                        !FileManager.default.fileExists(atPath: "\(other.lab.primary.dataDirectory)/standby.signal"))
                }
                // One that isn't there at all: a file system that isn't mounted.
                var unmounted = stage
                unmounted.cluster.nodes[0].dataDirectory = "\(stage.lab.primary.directory)/log"
                let nothing = try await unmounted.refusal("rejoin", primaryBack)
                #expect(nothing.contains("log"), "\(nothing)")
            }
        }
    }
}
