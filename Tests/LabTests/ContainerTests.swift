import Essentials
import Glibc
import Lab
import Subprocess
import Testing

extension RealServers {
    @Suite(.serialized) struct ContainerTests {
        /// A lab whose DR node runs in a container; for a user who can't have one only the refusal.
        private func with(
            _ restart: ContainerRestart = .no, bin: String? = nil, _ body: (Lab, LabNode) async throws -> Void
        ) async throws {
            let options = LabOptions(
                directory: Lab.temporaryDirectory(), standbys: 1, postgresBin: bin, drInContainer: restart)
            guard geteuid() == 0 else {
                return await expectFailure("only root can run") { _ = try await Lab.up(options) }
            }
            try await Lab.with(options) { lab in try await body(lab, lab.node("dr")) }
            try await expectNothingLeft(of: options.directory)
        }

        private func podman(_ words: String...) async throws -> String {
            try await run(.name("podman"), arguments: Arguments(words), output: .string(limit: 1 << 20)).standardOutput
        }

        private func expectNothingLeft(of directory: String) async throws {
            let left = try processes(naming: directory)
            #expect(left == [], "\(left)")
            #expect(!exists(directory))
            let mounted = try await podman("ps", "--all", "--format", "{{.Mounts}}")
            #expect(!mounted.contains(directory), "\(mounted)")
        }

        private func restarts(of node: LabNode) async throws -> String {
            try await podman("inspect", "--format", "{{.RestartCount}}", try #require(node.containerName))
        }

        @Test(arguments: installations) func theVerbsWorkOnAContainer(bin: String?) async throws {
            try await with(bin: bin) { lab, dr in
                #expect(lab.status()[1].container == dr.containerName)
                try await dr.stop()
                #expect(lab.status()[1].pid == nil)
                try await dr.start()
                try await lab.awaitStreaming(.after(.seconds(20)))
                try await dr.stop(.immediate)
                #expect(lab.status()[1].pid == nil)
                try await dr.start()
                try dr.freeze()
                try dr.thaw()
                try await dr.kill()
                #expect(lab.status()[1].pid == nil)
                try await dr.start()
                try await lab.awaitStreaming(.after(.seconds(20)))
                try await dr.prependHBA("host all nobody all reject")
                let rules = "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'reject';"
                try await awaitAnswer("1", to: rules, on: dr)
                try await lab.primary.stop()
                try await dr.promote()
                #expect(try await dr.psql("SELECT pg_is_in_recovery();") == "f")
                try await lab.primary.follow(dr)
                try await lab.primary.start()
                try await awaitAnswer("primary", to: "SELECT application_name FROM pg_stat_replication", on: dr)
            }
        }

        /// What pgdr does over SSH; the process id in the pid file means nothing outside.
        @Test func rootReachesTheContainerOverSSH() async throws {
            try await with { lab, dr in
                let name = try #require(dr.containerName)
                #expect(try await ssh(dr, "podman inspect --format '{{.State.Status}}' \(name)") == "running\n")
                #expect(
                    try await ssh(dr, "podman exec \(name) cat '\(dr.dataDirectory)/postmaster.pid' | head -n 1")
                        == "1\n")
                try await ssh(dr, "podman stop \(name)")
                #expect(lab.status()[1].pid == nil)
                #expect(contents(dr.logFile).contains("received fast shutdown request"))
                try await ssh(dr, "podman start \(name)")
                try await lab.awaitStreaming(.after(.seconds(20)))
                #expect(try await ssh(dr, "id -un") == "root\n")
                #expect(try await ssh(lab.primary, "id -un") == "postgres\n")
            }
        }

        @Test func aRestartPolicyBringsAKilledServerBackAndAStoppedOneNot() async throws {
            try await with(.always) { lab, dr in
                let before = try #require(lab.status()[1].pid)
                try await dr.kill()
                try await lab.awaitStreaming(.after(.seconds(20)))
                #expect(lab.status()[1].pid != before)
                #expect(try await restarts(of: dr) == "1\n")
                try await dr.stop()
                try await dr.start()
                try await dr.stop(.immediate)
                let early = Task { try await Task.sleep(for: .milliseconds(500)) }
                _ = await early.result
                #expect(lab.status()[1].pid == nil)
            }
        }

        @Test func downAfterTheContainerAndItsMonitorWereKilled() async throws {
            try await with(.always) { _, dr in
                let name = try #require(dr.containerName)
                let pids = try await podman("inspect", "--format", "{{.State.ConmonPid}} {{.State.Pid}}", name)
                for pid in pids.split(whereSeparator: \.isWhitespace).compactMap({ Int32($0) }) where pid > 1 {
                    kill(pid, SIGKILL)
                }
            }
        }

        /// A podman that was killed leaves a monitor and a container that it knows nothing of.
        @Test func downAfterPodmanWasKilledWhileItMadeTheContainer() async throws {
            guard geteuid() == 0 else { return }
            let options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 1, drInContainer: .always)
            let up = Task { try await Lab.up(options) }
            let deadline = Deadline.after(.seconds(20))
            while true {
                try #require(!deadline.hasPassed)
                let monitors = try processes(naming: options.directory).filter { $0.contains("conmon") }
                if !monitors.isEmpty { break }
            }
            let makers = try processes(naming: options.directory).filter { $0.contains("podman") }
            for maker in makers {
                maker.split(separator: ":").first.flatMap { Int32($0) }.map { _ = kill($0, SIGKILL) }
            }
            if case .success = await up.result { _ = try await Lab.down(options.directory) }
            try await expectNothingLeft(of: options.directory)
        }

        @Test func downOfAFrozenContainer() async throws {
            try await with { _, dr in try dr.freeze() }
        }

        @Test(arguments: [1500, 1800, 2100, 2400]) func cancelledUpLeavesNoContainer(milliseconds: Int) async throws {
            let options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 1, drInContainer: .always)
            let up = Task { try await Lab.up(options) }
            try await Task.sleep(for: .milliseconds(milliseconds))
            up.cancel()
            if case .success = await up.result { _ = try await Lab.down(options.directory) }
            if geteuid() == 0 { try await expectNothingLeft(of: options.directory) }
        }

        @Test func aDirectoryThatPodmanCannotMountIsRefused() async throws {
            let options = LabOptions(directory: Lab.temporaryDirectory() + ":ro", drInContainer: .no)
            let words = geteuid() == 0 ? "podman cannot mount" : "only root can run"
            await expectFailure(words) { _ = try await Lab.up(options) }
            #expect(!exists(options.directory))
        }
    }
}
