import Essentials
import FoundationEssentials
import Glibc
import Lab
import Testing

extension RealServers {
    /// Runs that were left half-way, in a cluster that went on without them.
    @Suite(.serialized, .timeLimit(.minutes(5)))
    struct LeftRunTests {
        private static let isStandby = "SELECT pg_is_in_recovery()"

        private func withTool(_ body: (CrashingTool) async throws -> Void) async throws {
            try await withDirectory { directory in
                try await Lab.with(LabOptions(directory: "\(directory)/lab")) { lab in
                    try await body(CrashingTool(lab, in: directory))
                }
            }
        }

        /// Whether the server has a pid file, which it removes last.
        private func isRunning(_ node: LabNode) -> Bool { exists("\(node.dataDirectory)/postmaster.pid") }

        private func awaitThat(
            _ what: String, sourceLocation: Testing.SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
        ) async throws {
            let deadline = Deadline.after(.seconds(20))
            while try await !isSo() {
                try #require(!deadline.hasPassed, "it did not come about: \(what)", sourceLocation: sourceLocation)
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(20)))
            }
        }

        private func awaitStandbys(_ count: Int, of node: LabNode) async throws {
            try await awaitThat("\(count) stream from \(node.name)") {
                try await node.psql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "\(count)"
            }
        }

        /// All lines of the audit log.
        private func log(_ lab: Lab) async throws -> String {
            try await Tool.bash("cat \"$1\"/audit/*.jsonl", [lab.directory]).output
        }

        /// Cuts a switchover off once the old primary has stopped.
        private func cutOff(_ tool: CrashingTool, to target: String, from primary: LabNode) async throws -> String {
            let killed = try await tool.run(
                ["run", "switchover", target, "--yes"], killedIn: "last-wal", after: .zero)
            #expect(killed.status == -9, "\(killed)")
            #expect(!isRunning(primary))
            return try #require(try await tool.unfinishedRun())
        }

        /// Another process can't know what became of a node that it hears nothing from.
        @Test func aLeftSwitchoverTrustsNoSilence() async throws {
            try await withTool { tool in
                let lab = tool.lab
                let primary = lab.primary
                let replica = try lab.node("replica")
                let run = try await cutOff(tool, to: "dr", from: primary)
                try await replica.kill()
                try await replica.killSSH()
                for words in [["resume", run], ["abort", run], ["abort", run]] {
                    let refused = try await tool.run(words)
                    #expect(refused.status == 3, "\(words): \(refused)")
                    let said = refused.output + refused.errors
                    #expect(said.contains("replica gives no answer and may be a primary"), "\(words): \(said)")
                    #expect(!isRunning(primary))
                    #expect(try await lab.node("dr").psql(Self.isStandby) == "t")
                    #expect(try await tool.unfinishedRun() == run)
                }
                #expect(try await !log(lab).contains("\"accept_silent\":true"))
                let back = try await tool.run(["abort", run, "--accept-silent"])
                #expect(back.status == 2, "\(back)")
                #expect(try await primary.psql(Self.isStandby) == "f")
                #expect(try await log(lab).contains("\"accept_silent\":true"))
            }
        }

        /// The server could start as a primary by now, and isn't started beside another one.
        @Test func aLeftUnfenceStartsNoSecondPrimary() async throws {
            try await withTool { tool in
                let primary = tool.lab.primary
                let dr = try tool.lab.node("dr")
                let fenced = try await tool.run(["run", "fence", "primary", "--yes"])
                #expect(fenced.status == 0, "\(fenced)")
                let killed = try await tool.run(
                    ["run", "unfence", "primary", "--yes"], killedIn: "start", after: .zero)
                #expect(killed.status == -9, "\(killed)")
                #expect(!isRunning(primary) && !exists("\(primary.dataDirectory)/standby.signal"))
                let run = try #require(try await tool.unfinishedRun())
                try await dr.promote()
                let resumed = try await tool.run(["resume", run])
                #expect(resumed.status == 2, "\(resumed)")
                #expect(resumed.output.contains("dr is a primary"), "\(resumed)")
                #expect(!isRunning(primary))
                #expect(try await dr.psql(Self.isStandby) == "f")
            }
        }

        /// A program that leads clients elsewhere is passed over where it fails; a run is gone on with only as it was
        /// written; and one that can't be gone on with is left, so that another one can be begun.
        @Test func aLeftRunIsHeldToItsLogUntilItIsGivenUp() async throws {
            try await withTool { tool in
                let lab = tool.lab
                let rerouted = try await tool.run(
                    ["run", "switchover", "dr", "--set", "reroute=/bin/false", "--yes"])
                #expect(rerouted.status == 3, "\(rerouted)")
                #expect(rerouted.output.contains("passed over: reroute"), "\(rerouted.output)")
                try await awaitStandbys(2, of: lab.node("dr"))

                let run = try await cutOff(tool, to: "primary", from: lab.node("dr"))
                let other = ["run", "promote", "primary", "--set", "old=dr", "--yes"]
                let busy = try await tool.run(other)
                #expect(busy.status == 1 && busy.errors.contains("run \(run) of runbook \"switchover\" is unfinished"))
                // The last plan's word for how a server is stopped.
                let change = "sed -i.kept '/run.planned/s/\"fast\"/\"smart\"/' \"$1\"/audit/*.jsonl"
                _ = try await Tool.bash(change, [lab.directory])
                #expect(try await log(lab).contains("\"smart\""))
                for words in [["resume", run], ["abort", run]] {
                    let refused = try await tool.run(words)
                    #expect(refused.status == 1 && refused.errors.contains("pgdr audit verify"), "\(refused)")
                    #expect(!isRunning(try lab.node("dr")))
                }
                let restore = "for kept in \"$1\"/audit/*.kept; do mv \"$kept\" \"${kept%.kept}\"; done"
                _ = try await Tool.bash(restore, [lab.directory])
                #expect(try await tool.run(["audit", "verify"]).status == 0)

                let left = try await tool.run(["abort", run, "--leave"])
                #expect(left.status == 0, "\(left)")
                #expect(!isRunning(try lab.node("dr")))
                #expect(try await tool.unfinishedRun() == nil)
                for words in [["resume", run], ["abort", run]] {
                    let over = try await tool.run(words)
                    #expect(over.status == 1 && over.errors.contains("it was left as it stood"), "\(over)")
                }
                let promoted = try await tool.run(other)
                #expect(promoted.status == 0, "\(promoted)")
                #expect(try await lab.primary.psql(Self.isStandby) == "f")
            }
        }

        /// While nobody can write is no time to stop.
        @Test func aStopBetweenTwoPrimariesWaitsForTheSecond() async throws {
            try await withTool { tool in
                let lab = tool.lab
                let dr = try lab.node("dr")
                let startup = try await dr.psql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'")
                // dr replays nothing until the wish is heard: the run waits there for the last of the WAL.
                let script = """
                    said="$1/said"
                    until_said() {
                        for turn in $(seq 400); do grep -q "$1" "$said" && return; sleep 0.05; done
                        return 1
                    }
                    kill -STOP "$2"
                    "$0" run switchover dr --set replay_timeout=60s --yes >"$said" 2>&1 & pid=$!
                    until_said '✓ .* Stop primary' && kill -INT $pid && until_said 'Stopping after this step'
                    kill -CONT "$2"
                    wait $pid
                    status=$?
                    cat "$said"
                    exit $status
                    """
                let stopped = try await Tool.bash(
                    script, [lab.directory, startup], config: lab.configurationFile)
                #expect(stopped.status == 3, "\(stopped)")
                #expect(stopped.output.contains("nobody can write now"), "\(stopped.output)")
                #expect(stopped.output.contains("Stopped between two steps"), "\(stopped.output)")
                #expect(try await dr.psql(Self.isStandby) == "f")
                #expect(!isRunning(lab.primary))
                let run = try #require(try await tool.unfinishedRun())
                #expect(stopped.output.contains("pgdr resume \(run)"))
                let taken = try await tool.run(["abort", run])
                #expect(taken.status == 1 && taken.errors.contains("point of no return"), "\(taken)")
                let resumed = try await tool.run(["resume", run])
                #expect(resumed.status == 0, "\(resumed)")
                try await awaitStandbys(2, of: dr)
            }
        }

        /// A copy that was promoted since is somebody's primary: what was set aside for it stays aside.
        ///
        /// Stopped by hand, it is no less a primary, and isn't started beside another one.
        @Test(arguments: [false, true]) func aCopyThatWasPromotedIsLeftAlone(isStopped: Bool) async throws {
            try await withTool { tool in
                let lab = tool.lab
                let dr = try lab.node("dr")
                let killed = try await tool.run(
                    ["run", "rebuild", "dr", "--yes"], killedIn: "unpin-wal", after: .zero)
                #expect(killed.status == -9, "\(killed)")
                let run = try #require(try await tool.unfinishedRun())
                try await awaitStandbys(2, of: lab.primary)
                try await lab.primary.stop()
                try await dr.promote()
                try await dr.psql("CREATE TABLE only_here AS SELECT 7 AS id")
                let started = try await dr.psql("SELECT pg_postmaster_start_time()")
                if isStopped {
                    try await dr.stop()
                    try await lab.primary.start()
                }
                let outcome = try await tool.run(["abort", run])
                #expect(outcome.status == 3, "\(outcome)")
                var words = ["what it relies on does not hold", "the copy is in use"]
                words += isStopped ? ["is no standby any more", "primary is a primary"] : ["printed \"no standby\""]
                for word in words { #expect(outcome.errors.contains(word), "\(word): \(outcome)") }
                #expect(exists("\(dr.dataDirectory)/pgdr.pgdr-\(run)"))
                #expect(exists("\(dr.dataDirectory).pgdr-\(run)-old/PG_VERSION"))
                #expect(!exists("\(dr.dataDirectory)/standby.signal"))
                if isStopped {
                    #expect(!isRunning(dr))
                    try await lab.primary.stop()
                    try await dr.start()
                } else {
                    #expect(try await dr.psql("SELECT pg_postmaster_start_time()") == started)
                }
                #expect(try await dr.psql("SELECT id FROM only_here") == "7")
            }
        }
    }
}
