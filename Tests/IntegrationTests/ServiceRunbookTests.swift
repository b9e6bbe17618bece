import Configuration
import Drills
import Essentials
import Glibc
import Hosts
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
    /// The runbooks where node `dr` is stopped and started by other means than pg_ctl.
    @Suite(.timeLimit(.minutes(12)), .enabled(if: geteuid() == 0, "only root can have containers"))
    struct ServiceRunbookTests {
        private let upstreams = ["dr": "primary", "replica": "primary"]
        private let theOtherWay = ["primary": "dr", "replica": "dr"]

        private func with(
            _ container: ContainerRestart? = nil, machine: LabMachine? = nil,
            _ body: (Stage, LabNode) async throws -> Void
        ) async throws {
            var options = LabOptions(directory: Lab.temporaryDirectory(), drInContainer: container)
            options.drMachine = machine
            try await Lab.with(options) { lab in try await body(Stage(lab), lab.node("dr")) }
        }

        // MARK: A container

        /// The role moves there and back, then the node is copied anew, and its container is what stops and starts.
        @Test(arguments: [ContainerRestart.no, .always])
        func aContainersRoleMovesAndItsDataIsMadeAnew(restart: ContainerRestart) async throws {
            try await with(restart) { stage, dr in
                let host = try Host(stage, "dr")
                try await stage.markNodes()
                let first = try await container(host)
                try await stage.switchOver(to: "dr")
                try await stage.expectShape(primary: "dr", timeline: 2, upstreams: theOtherWay)
                #expect(try await container(host) == first)

                try await stage.switchOver(to: "primary")
                try await stage.expectShape(primary: "primary", timeline: 3, upstreams: upstreams)
                let second = try await container(host)
                #expect(second != first && second.identifier == first.identifier)

                try await stage.write(rows: 5000)
                let (ending, record) = try await stage.underLoad {
                    try await stage.run("rebuild", ["node_to_rebuild": "dr"])
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(try await stage.lost(record, on: "dr") == [])
                try await stage.expectShape(primary: "primary", timeline: 3, upstreams: upstreams)
                try await stage.expectMarks()
                let third = try await container(host)
                #expect(third != second && third.identifier == first.identifier)
                // The restart policy had no part in it.
                #expect(try podman("inspect --format '{{.RestartCount}}'", dr) == "0")
            }
        }

        /// The old primary in the container hangs on its way down, since the target takes no more WAL: it comes back.
        @Test func aContainerThatHangsOnItsWayDownComesBack() async throws {
            try await with(.always) { stage, dr in
                try await stage.switchOver(to: "dr")
                let answer = try await stage.lab.primary.psql("SELECT pid FROM pg_stat_wal_receiver")
                let walreceiver = try #require(pid_t(answer))
                let freeze: StepHook = { kill(walreceiver, SIGSTOP) }
                let (ending, record) = try await stage.underLoad { [stage] in
                    try await stage.run(
                        "switchover", ["target": "primary", "stop_timeout": "1s"],
                        onStart: ["stop-old-primary": freeze])
                }
                kill(walreceiver, SIGCONT)
                #expect(ending.undoneFor?.code == .timeout, "\(ending.outcome) \(ending.notes)")
                // It was ended, long before it would have given its walsender up and come to its own end.
                let log = try String(contentsOfFile: dr.logFile, encoding: .utf8)
                #expect(log.contains("received fast shutdown request") && !log.contains("database system is shut down"))
                #expect(record.longestGap?.length ?? .zero < .seconds(55))
                #expect(try await stage.lost(record, on: "dr") == [])
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: theOtherWay)
                let again = try await stage.run("switchover", ["target": "primary"])
                #expect(again.outcome == .done(failed: []), "\(again.notes)")
                try await stage.expectShape(primary: "primary", timeline: 3, upstreams: upstreams)
            }
        }

        /// A primary in a container is fenced, frozen or not, and comes back as what it was; once it was promoted over
        /// it is rewound.
        @Test(arguments: [ContainerRestart.no, .always])
        func aPrimaryInAContainerIsFencedAndComesBack(restart: ContainerRestart) async throws {
            try await with(restart) { stage, dr in
                try await stage.switchOver(to: "dr")
                let fence = ["node_to_fence": "dr"]
                let (ending, record) = try await stage.underLoad { [stage] in
                    let ending = try await stage.run("fence", fence)
                    try expectGone(stage, dr, exitCode: "0")
                    // Whoever starts it gets a server that takes no writes.
                    try await dr.start()
                    #expect(try await dr.psql("SELECT pg_is_in_recovery()") == "t")
                    let again = try await stage.run("fence", fence)
                    #expect(again.outcome == .done(failed: []), "\(again.notes)")
                    try await unfence(stage)
                    return ending
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                // That its policy can't be changed is said.
                let isSaid = ending.plan.steps.contains { $0.title.contains("isn't started again before a boot") }
                #expect(isSaid == (restart == .always))
                #expect(try await stage.lost(record, on: "dr") == [])
                try await stage.expectShape(primary: "dr", timeline: 2, upstreams: theOtherWay)

                // It hears no signal but the last.
                try dr.freeze()
                let frozen = try await stage.impatient.run("fence", ["node_to_fence": "dr", "stop_timeout": "1s"])
                #expect(frozen.outcome == .done(failed: []), "\(frozen.notes)")
                try expectGone(stage, dr, exitCode: "137")
                try await unfence(stage)
                try await stage.expectShape(primary: "dr", timeline: 2, upstreams: theOtherWay)

                try await promoteOver(stage, dr)
                let rejoined = try await stage.run("rejoin", ["node_to_rejoin": "dr"])
                #expect(rejoined.outcome == .done(failed: []), "\(rejoined.notes)")
                #expect(rejoined.plan.answers["method"] == "rewind")
                try await expectRejoined(stage, dr)
                #expect(try podman("inspect --format '{{.HostConfig.RestartPolicy.Name}}'", dr) == restart.rawValue)
            }
        }

        // MARK: Systemd

        /// While nothing but that nobody starts it keeps the server down, its unit is masked.
        @Test func aUnitIsFencedAndHeldWhileItIsRewound() async throws {
            try await with(machine: .systemd(restart: .always)) { stage, dr in
                let unit = try #require(dr.unit)
                let mask = "\(dr.directory)/system/\(unit).service"
                try await exercise(
                    stage, dr,
                    isHeld: { (try? FileManager.default.destinationOfSymbolicLink(atPath: mask)) == "/dev/null" },
                    startingByHand: "systemctl start \(unit)")
                #expect(try podman("exec", dr, "systemctl show -P UnitFileState \(unit)") == "enabled")
                #expect(try podman("exec", dr, "systemctl is-active \(unit)") == "active")
            }
        }

        @Test func aDebianClusterIsFencedAndHeldWhileItIsRewound() async throws {
            try await with(machine: .debian) { stage, dr in
                let unit = try #require(dr.unit)
                let words = unit.split(whereSeparator: { "@-".contains($0) })
                let start = "\(dr.configurationDirectory)/start.conf"
                try await exercise(
                    stage, dr,
                    isHeld: {
                        let text = try? String(contentsOfFile: start, encoding: .utf8)
                        return text?.split(separator: "\n").last == "disabled"
                    },
                    startingByHand:
                        "setpriv --reuid postgres --regid postgres --init-groups pg_ctlcluster --skip-systemctl-redirect"
                        + " \(words[1]) lab start")
                #expect(try String(contentsOfFile: start, encoding: .utf8) == "auto\n")
                #expect(!FileManager.default.fileExists(atPath: "\(start).pgdr"))
                // Systemd knows of it.
                #expect(try podman("exec", dr, "systemctl is-active \(unit)") == "active")
            }
        }

        /// There and back, a fence and its end, and a rewind, during which `isHeld` has to be so.
        private func exercise(
            _ stage: Stage, _ dr: LabNode, isHeld: @escaping @Sendable () -> Bool, startingByHand command: String
        ) async throws {
            try await stage.switchOver(to: "dr")
            try await stage.expectShape(primary: "dr", timeline: 2, upstreams: theOtherWay)
            try await stage.switchOver(to: "primary")
            try await stage.expectShape(primary: "primary", timeline: 3, upstreams: upstreams)
            try await stage.switchOver(to: "dr")
            #expect(!isHeld())

            let (fenced, record) = try await stage.underLoad { [stage] in
                let ending = try await stage.run("fence", ["node_to_fence": "dr"])
                #expect(isHeld() && !stage.isDRRunning)
                #expect((try? podman("exec", dr, command)) == nil && !stage.isDRRunning)
                // So that the standbys got all that there was.
                #expect(try stage.lastShutdown(of: dr) == "fast")
                try await unfence(stage)
                return ending
            }
            #expect(fenced.outcome == .done(failed: []), "\(fenced.notes)")
            // At the first try.
            #expect(!fenced.notes.contains { $0.contains("in time") }, "\(fenced.notes)")
            #expect(!isHeld())
            #expect(try await stage.lost(record, on: "dr") == [])
            try await stage.expectShape(primary: "dr", timeline: 4, upstreams: theOtherWay)

            try dr.freeze()
            let frozen = try await stage.impatient.run("fence", ["node_to_fence": "dr", "stop_timeout": "1s"])
            #expect(frozen.outcome == .done(failed: []), "\(frozen.notes)")
            #expect(isHeld() && !stage.isDRRunning)
            try await unfence(stage)
            try await stage.expectShape(primary: "dr", timeline: 4, upstreams: theOtherWay)

            try await promoteOver(stage, dr)
            #expect(isHeld())
            try await rejoin(stage, dr, isHeld, command)
            try await expectRejoined(stage, dr, timeline: 5)
            // What runs is held for the time of its rewind alone.
            try await stage.switchOver(to: "dr")
            try await part(stage, dr)
            try await stage.lab.primary.promote()
            try await rejoin(stage, dr, isHeld, command, ["to": "primary", "give_up": "true"])
            try await stage.expectStreaming(primary: "primary", timeline: 7, upstreams: ["dr": "primary"])
        }

        /// Rejoins dr by a rewind while which it can't be started.
        private func rejoin(
            _ stage: Stage, _ dr: LabNode, _ isHeld: @escaping @Sendable () -> Bool, _ command: String,
            _ values: [String: String] = [:]
        ) async throws {
            let seen = Mutex<[String: Bool]>([:])
            let look: @Sendable (String) -> StepHook = { step in
                {
                    seen.withLock {
                        $0[step] = isHeld() && (try? podman("exec", dr, command)) == nil && !stage.isDRRunning
                    }
                }
            }
            let ending = try await stage.run(
                "rejoin", ["node_to_rejoin": "dr"].merging(values) { $1 },
                onStart: ["try-rewind": look("try-rewind"), "rewind": look("rewind"), "mark": look("mark")])
            #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
            #expect(ending.plan.answers["method"] == "rewind")
            #expect(seen.withLock { $0 } == ["try-rewind": true, "rewind": true, "mark": true])
            #expect(!isHeld())
        }

        // MARK: Parts

        private func unfence(_ stage: Stage) async throws {
            let ending = try await stage.run("unfence", ["node_to_unfence": "dr"])
            #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
        }

        /// Dr, the primary, has commits that nobody else has.
        private func part(_ stage: Stage, _ dr: LabNode) async throws {
            for name in ["replica", "primary"] {
                let node = try stage.lab.node(name)
                try await node.setParameter("primary_conninfo", "")
                try await stage.awaitThat("\(name) has let go") {
                    try await node.psql("SELECT count(*) FROM pg_stat_wal_receiver") == "0"
                }
            }
            try await dr.psql("CREATE TABLE only_here ()")
        }

        /// Another node is promoted in place of dr, which has commits of its own and no longer answers.
        private func promoteOver(_ stage: Stage, _ dr: LabNode) async throws {
            try await part(stage, dr)
            try dr.freeze()
            let promoted = try await stage.impatient.run(
                "promote", ["target": "primary", "old": "dr", "stop_timeout": "1s"])
            #expect(promoted.outcome == .done(failed: []), "\(promoted.notes)")
            #expect(!stage.isDRRunning)
        }

        private func expectRejoined(_ stage: Stage, _ dr: LabNode, timeline: UInt32 = 3) async throws {
            try await stage.expectShape(primary: "primary", timeline: timeline, upstreams: upstreams)
            #expect(try await dr.psql("SELECT to_regclass('only_here') IS NULL") == "t")
            #expect(try dr.beside(ending: "-wal") != nil)
        }

        private func expectGone(_ stage: Stage, _ dr: LabNode, exitCode: String) throws {
            #expect(try podman("inspect --format '{{.State.Status}} {{.State.ExitCode}}'", dr) == "exited \(exitCode)")
            #expect(!stage.isDRRunning)
        }

        /// Which container it is and since when it runs.
        private struct Incarnation: Equatable {
            var identifier: String
            var processID: Int32
            var processStart: UInt64?
        }

        private func container(_ host: Host) async throws -> Incarnation {
            let facts = try await host.facts()
            let container = try #require(facts.container)
            #expect(container.status == "running" && facts.postmaster?.processID == container.processID)
            return Incarnation(
                identifier: container.identifier, processID: container.processID, processStart: container.processStart)
        }
    }
}

extension Stage {
    /// Whether a server runs on dr's data, in its container or outside.
    fileprivate var isDRRunning: Bool { lab.status()[1].pid != nil }

    /// How a server was last told to stop.
    fileprivate func lastShutdown(of node: LabNode) throws -> String? {
        let log = try String(contentsOfFile: node.logFile, encoding: .utf8)
        return log.split(separator: "\n").last { $0.contains("shutdown request") }
            .flatMap { $0.split(separator: " ").dropLast(2).last.map(String.init) }
    }

    /// Switches over under load: no commit is lost, and none is taken by the old primary after the new one's first.
    fileprivate func switchOver(
        to name: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let (ending, record) = try await underLoad { try await run("switchover", ["target": name]) }
        #expect(ending.outcome == .done(failed: []), "\(ending.notes)", sourceLocation: sourceLocation)
        let gap = try #require(record.longestGap, sourceLocation: sourceLocation)
        print("switchover to \(name): write gap \(gap.length)")
        // What podman takes is the machine's own; the 10 s after which it kills what doesn't stop were not waited for.
        #expect(gap.length < .seconds(8), sourceLocation: sourceLocation)
        let lost = try await lost(record, on: name)
        #expect(lost == [], sourceLocation: sourceLocation)
        let index = try #require(lab.nodes.firstIndex { $0.name == name })
        let first = try #require(record.commits.firstIndex { $0.server == index }, sourceLocation: sourceLocation)
        #expect(record.commits[first...].allSatisfy { $0.server == index }, sourceLocation: sourceLocation)
    }
}

/// What podman prints of a node's container.
/// - Throws: `lab` when it exits with another status than 0.
private func podman(_ verb: String, _ node: LabNode, _ command: String = "") throws(Failure) -> String {
    guard let pipe = popen("podman \(verb) \(node.containerName ?? "-") \(command) 2>&1", "r") else {
        throw Failure(.lab, "could not run podman")
    }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { text += buffer[..<count] }
    let shown = String(decoding: text, as: UTF8.self)
    guard pclose(pipe) == 0 else { throw Failure(.lab, "podman \(verb) failed", detail: shown) }
    return shown.split(separator: "\n").joined(separator: "\n")
}
