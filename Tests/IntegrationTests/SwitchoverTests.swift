import Configuration
import Drills
import Essentials
import Lab
import Replication
import RunbookEngine
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct SwitchoverTests {
        /// What clients saw of a switchover, and that it lost nothing.
        private func expectLossless(
            _ stage: Stage, _ record: WriteRecord, on name: String, gap limit: Duration = .seconds(2),
            sourceLocation: Testing.SourceLocation = #_sourceLocation
        ) async throws {
            let gap = try #require(record.longestGap, sourceLocation: sourceLocation)
            print("switchover to \(name): write gap \(gap.length)")
            #expect(gap.length < limit, sourceLocation: sourceLocation)
            let lost = try await stage.lost(record, on: name)
            #expect(lost == [], sourceLocation: sourceLocation)
            let index = try #require(stage.lab.nodes.firstIndex { $0.name == name })
            #expect(record.commits.last?.server == index, sourceLocation: sourceLocation)
            // Once the new one took a write, the old one never took one again.
            let first = try #require(record.commits.firstIndex { $0.server == index })
            #expect(record.commits[first...].allSatisfy { $0.server == index }, sourceLocation: sourceLocation)
        }

        @Test(arguments: fewInstallations)
        func thereAndBackUnderLoad(postgresBin: String?) async throws {
            try await Stage.with(postgresBin: postgresBin) { stage in
                try await stage.markNodes()
                let (there, first) = try await stage.underLoad { try await stage.run("switchover", ["target": "dr"]) }
                #expect(there.outcome == .done(failed: []), "\(there.notes)")
                try await expectLossless(stage, first, on: "dr")
                try await stage.expectShape(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
                try await stage.expectMarks()

                let (back, second) = try await stage.underLoad {
                    try await stage.run("switchover", ["target": "primary"])
                }
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                try await expectLossless(stage, second, on: "primary")
                try await stage.expectShape(
                    primary: "primary", timeline: 3, upstreams: ["dr": "primary", "replica": "primary"])
                try await stage.expectMarks()
                #expect(try await stage.lost(first, on: "replica") == [])
            }
        }

        /// Commits wait for standbys by name: on the new primary the old one's name must stand where the new one's was.
        @Test(arguments: [
            ("FIRST 1 (dr)", #"FIRST 1 ("primary")"#), ("ANY 1 (dr, replica)", #"ANY 1 ("primary", "replica")"#),
            (#"2 ("dr", "s-1")"#, #"FIRST 2 ("primary", "s-1")"#),
        ])
        func synchronousStandbysUnderLoad(names: String, corrected: String) async throws {
            try await Stage.with { given in
                var stage = given
                let replica = try stage.lab.node("replica")
                if names.contains("s-1") {
                    let index = try #require(stage.cluster.nodes.firstIndex { $0.name == "replica" })
                    stage.cluster.nodes[index].applicationName = "s-1"
                    let own = try await replica.psql("SHOW primary_conninfo")
                    try await replica.setParameter(
                        "primary_conninfo", own.replacing("application_name=replica", with: "application_name=s-1"))
                }
                for node in stage.lab.nodes { try await node.setParameter("synchronous_standby_names", names) }
                try await stage.awaitThat("a standby is synchronous") {
                    let count = try await stage.lab.primary.psql(
                        "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')")
                    return count == (names.hasPrefix("FIRST") ? "1" : "2")
                }
                let (ending, record) = try await stage.underLoad { [stage] in
                    try await stage.run("switchover", ["target": "dr"])
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                // Where all that are named must confirm, commits wait until the old primary is back.
                try await expectLossless(stage, record, on: "dr", gap: .seconds(4))
                let setting = try await stage.lab.node("dr").psql("SHOW synchronous_standby_names")
                #expect(setting == corrected)
                try await stage.expectShape(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
            }
        }

        /// A standby behind a standby stays where it is, follows onto the new timeline, and can become primary itself.
        @Test func cascadesUnderLoad() async throws {
            try await Stage.with(standbys: 3) { stage in
                let repointed = try await stage.run(
                    "repoint", ["node_to_repoint": "replica2", "upstream": "replica"])
                #expect(repointed.outcome == .done(failed: []), "\(repointed.notes)")
                let upstreams = ["dr": "primary", "replica": "primary", "replica2": "replica"]
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)

                // The one in the middle: what is behind it stays there.
                let (middle, first) = try await stage.underLoad {
                    try await stage.run("switchover", ["target": "replica"])
                }
                #expect(middle.outcome == .done(failed: []), "\(middle.notes)")
                try await expectLossless(stage, first, on: "replica")
                try await stage.expectShape(
                    primary: "replica", timeline: 2,
                    upstreams: ["dr": "replica", "primary": "replica", "replica2": "replica"])

                // The last one, which gets its WAL through another standby.
                let again = try await stage.run("repoint", ["node_to_repoint": "replica2", "upstream": "dr"])
                #expect(again.outcome == .done(failed: []), "\(again.notes)")
                let (last, second) = try await stage.underLoad {
                    try await stage.run("switchover", ["target": "replica2"])
                }
                #expect(last.outcome == .done(failed: []), "\(last.notes)")
                try await expectLossless(stage, second, on: "replica2")
                try await stage.expectShape(
                    primary: "replica2", timeline: 3,
                    upstreams: ["dr": "replica2", "primary": "replica2", "replica": "replica2"])
            }
        }

        /// Names, paths and values are data everywhere: none of them becomes syntax of a shell, of SQL or of a file.
        @Test func oddNamesAndPaths() async throws {
            let odd = #"a 'b' "c" \d $(touch /tmp/pgdr-odd) `e` %n {f}"#
            let directory = Lab.temporaryDirectory() + " (x) & é; #"
            try await Lab.with(LabOptions(directory: directory)) { lab in
                var stage = try Stage(lab)
                for (index, node) in stage.cluster.nodes.enumerated() {
                    stage.cluster.nodes[index].applicationName = "\(node.name) \(odd)"
                }
                let (there, first) = try await stage.underLoad { [stage] in
                    try await stage.run("switchover", ["target": "dr"])
                }
                #expect(there.outcome == .done(failed: []), "\(there.notes)")
                try await expectLossless(stage, first, on: "dr")
                let names = try await stage.lab.node("dr").psql(
                    "SELECT application_name FROM pg_stat_replication ORDER BY 1")
                #expect(names == "primary \(odd)\nreplica \(odd)")
                let back = try await stage.run("switchover", ["target": "primary"])
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                #expect(try await stage.lab.primary.psql("SELECT count(*) FROM pg_stat_replication") == "2")
            }
        }

        /// An idle primary that archives ends its last segment with a switch record as it stops.
        @Test func anIdlePrimaryThatArchives() async throws {
            try await Stage.with(standbys: 1) { stage in
                for node in stage.lab.nodes {
                    try await node.setParameter("archive_mode", "on")
                    try await node.setParameter("archive_command", "true")
                    try await node.stop()
                }
                for node in stage.lab.nodes { try await node.start() }
                _ = try await stage.look { $0.node("dr")?.state == "streaming" }
                for (index, target) in ["dr", "primary"].enumerated() {
                    let ending = try await stage.run("switchover", ["target": target])
                    #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                    let other = target == "dr" ? "primary" : "dr"
                    try await stage.expectShape(
                        primary: target, timeline: UInt32(index + 2), upstreams: [other: target])
                }
            }
        }
    }
}
