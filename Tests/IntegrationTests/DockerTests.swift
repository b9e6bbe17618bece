import Configuration
import Essentials
import FoundationEssentials
import Glibc
import Hosts
import Lab
import RunbookEngine
import Subprocess
import SystemPackage
import Testing

extension RealServers {
    /// The runbooks where node `dr` is a docker container made from an image, and the user who logs in is the server's
    /// account and no root.
    @Suite(.timeLimit(.minutes(5)), .enabled(if: geteuid() == 0, "only root can run docker's daemon"))
    struct DockerTests {
        @Test func aServerInADockerContainer() async throws {
            try await DockerDaemon.with { docker in
                try await Stage.with(standbys: 1) { stage in
                    var stage = stage
                    let dr = try stage.lab.node("dr")
                    try await dr.stop()
                    let name = try await docker.runServer(of: dr, in: stage.lab)
                    try await docker.during(name) {
                        let file = stage.lab.configurationFile
                        let text = try String(contentsOfFile: file, encoding: .utf8)
                        // The second node's.
                        let place = try #require(text.ranges(of: "service: {pg_ctl:").dropFirst().first)
                        let container = "service: {container: {runtime: docker, name: \(name), bin:"
                        var changed = text
                        changed.replaceSubrange(place, with: container)
                        let whole = "\(container) \"\(stage.lab.postgresBin)\"}"
                        changed = changed.replacing(whole, with: whole + "}")
                        try changed.write(toFile: file, atomically: true, encoding: .utf8)
                        stage.cluster = try ConfigurationFile.load(path: stage.lab.configurationFile)
                            .cluster(named: "lab")
                        try await stage.expectStreaming(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
                        try await opens(stage, docker, name)
                        try await moves(stage)
                        try await fences(stage, docker, name)
                        try await rebuilds(stage, docker, name)
                    }
                }
            }
        }

        /// In another container of its image, of which nothing is left.
        private func opens(_ stage: Stage, _ docker: DockerDaemon, _ name: String) async throws {
            let dr = try stage.lab.node("dr")
            let check = "\(stage.lab.directory)/check.sql"
            try Data("CREATE TABLE only_here ();\nSELECT 'here: ' || count(*) FROM only_here;".utf8).write(
                to: URL(filePath: check))
            let opened = try await stage.run(
                "drill-snapshot", ["node_to_open": "dr", "accept_uncovered": "true", "verify_sql": check])
            #expect(opened.outcome == .done(failed: []), "\(opened.notes)")
            #expect(opened.notes.contains("here: 0"), "\(opened.notes)")
            try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
            #expect(try await dr.psql("SELECT to_regclass('only_here') IS NULL") == "t")
            let failed = try await stage.run(
                "drill-snapshot",
                ["node_to_open": "dr", "accept_uncovered": "true", "verify_command": "/bin/false"])
            #expect(failed.undoneFor?.message == "pgdr-run-apart failed", "\(failed.outcome) \(failed.notes)")
            try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
            let copied = try await stage.run("drill-clone", ["node_to_copy": "dr", "verify_sql": check])
            #expect(copied.outcome == .done(failed: []), "\(copied.notes)")
            #expect(copied.notes.contains { $0.hasPrefix("checked by amcheck") }, "\(copied.notes)")
            try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
            #expect(try await docker.call("ps", "--all", "--format", "{{.Names}}") == "\(name)\n")
        }

        /// There and back; docker is told of both stops, so that its restart policy brings nothing back.
        private func moves(_ stage: Stage) async throws {
            for (target, timeline, old) in [("dr", UInt32(2), "primary"), ("primary", 3, "dr")] {
                let (ending, record) = try await stage.underLoad {
                    try await stage.run("switchover", ["target": target])
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(try await stage.lost(record, on: target) == [])
                try await stage.expectShape(primary: target, timeline: timeline, upstreams: [old: target])
            }
        }

        /// What would start it is switched off, as long as it is fenced.
        private func fences(_ stage: Stage, _ docker: DockerDaemon, _ name: String) async throws {
            let form = "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}"
            let before = try await docker.call("container", "inspect", "--format", form, name)
            #expect(before == "running always\n")
            let fenced = try await stage.run("fence", ["node_to_fence": "dr"])
            #expect(fenced.outcome == .done(failed: []), "\(fenced.notes)")
            #expect(try await docker.call("container", "inspect", "--format", form, name) == "exited no\n")
            // As long as there is a primary it comes back as a standby only.
            try await stage.lab.primary.psql("CHECKPOINT")
            let reasons = try await stage.refusal("unfence", ["node_to_unfence": "dr"])
            #expect(reasons.contains("primary is a primary"), "\(reasons)")
        }

        private func rebuilds(_ stage: Stage, _ docker: DockerDaemon, _ name: String) async throws {
            let ending = try await stage.run("rejoin", ["node_to_rejoin": "dr", "rebuild": "true"])
            #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
            try await stage.expectShape(primary: "primary", timeline: 3, upstreams: ["dr": "primary"])
            let policy = try await docker.call(
                "container", "inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}", name)
            #expect(policy == "always\n")
        }
    }
}

/// A docker daemon that keeps all it has in a directory of its own, at the socket where docker looks for one.
private struct DockerDaemon: Sendable {
    private static let socket = "/var/run/docker.sock"
    private static let image = "pgdr-test:empty"
    private let directory: String

    /// Runs a daemon for as long as `body` does.
    static func with(_ body: (DockerDaemon) async throws -> Void) async throws {
        try #require(access(socket, F_OK) != 0, "another docker daemon has \(socket)")
        let daemon = DockerDaemon(directory: "\(Lab.temporaryDirectory())-docker")
        let options = [
            "--data-root", "\(daemon.directory)/data", "--exec-root", "\(daemon.directory)/run", "--pidfile",
            "\(daemon.directory)/pid", "--host", "unix://\(socket)", "--group", "postgres", "--bridge", "none",
            "--iptables=false", "--ip6tables=false", "--storage-driver", "vfs",
        ]
        var failure: (any Error)?
        do { try await running(daemon, options, body) } catch { failure = error }
        unlink(socket)
        // The daemon leaves a network namespace mounted.
        let script = "umount \"$1\"/run/netns/* || :; rm -rf \"$1\""
        _ = try await run(.name("sh"), arguments: ["-c", script, "sh", daemon.directory], output: .discarded)
        if let failure { throw failure }
    }

    private static func running(
        _ daemon: DockerDaemon, _ options: [String], _ body: (DockerDaemon) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // Ended in order when the test is over.
                var platform = PlatformOptions()
                platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(20))]
                _ = try await Subprocess.run(
                    .name("dockerd"), arguments: Arguments(options), platformOptions: platform, output: .discarded,
                    error: .discarded)
            }
            do {
                let deadline = Deadline.after(.seconds(20))
                while (try? await daemon.call("version")) == nil {
                    try #require(!deadline.hasPassed, "dockerd does not answer")
                    await pause(.milliseconds(50))
                }
                // Everything comes from the machine itself.
                let folders = "bin lib lib64 usr etc tmp proc dev sys run var"
                _ = try await run(
                    .name("sh"),
                    arguments: [
                        "-ec",
                        "mkdir -p \"$1/root\"; cd \"$1/root\"; mkdir \(folders); tar -c . | docker import - \(image)",
                        "sh", daemon.directory,
                    ], output: .discarded)
                try await body(daemon)
            } catch {
                tasks.cancelAll()
                throw error
            }
            tasks.cancelAll()
        }
    }

    /// Runs docker's client and returns what it printed.
    @discardableResult
    func call(_ words: String...) async throws -> String { try await call(words) }

    private func call(_ words: [String]) async throws -> String {
        let result = try await run(
            .name("docker"), arguments: Arguments(words), output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else {
            throw Failure(.command, "docker \(words.joined(separator: " ")) failed", detail: result.standardError)
        }
        return result.standardOutput
    }

    /// Starts a container whose first process is the node's server; its name.
    ///
    /// Docker would stop it by SIGTERM, which is a shutdown that waits for all clients.
    func runServer(of node: LabNode, in lab: Lab) async throws -> String {
        let name = "pgdr-test-\(getpid())"
        let owner = try await run(
            .name("stat"), arguments: ["-c", "%u:%g", node.dataDirectory], output: .string(limit: 64))
        let user = owner.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
        let folders = ["/usr", "/lib", "/lib64", "/bin", "/etc"].flatMap { ["--volume", "\($0):\($0):ro"] }
        _ = try await call(
            [
                "run", "--detach", "--name", name, "--network", "host", "--restart", "always", "--user", user,
                "--volume", "\(lab.directory):\(lab.directory)",
            ] + folders + [Self.image, "\(lab.postgresBin)/postgres", "-D", node.dataDirectory])
        return name
    }

    /// Removes the container at the end.
    func during(_ name: String, _ body: () async throws -> Void) async throws {
        do { try await body() } catch {
            _ = try? await call("rm", "--force", name)
            throw error
        }
        _ = try await call("rm", "--force", name)
    }
}
