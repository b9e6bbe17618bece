import Essentials
import Glibc
import Lab
import Subprocess
import Testing

extension RealServers {
    /// Full disks and broken SSH links.
    @Suite(.serialized) struct FateTests {
        @Test func aServerOnAFullDiskRefusesRowsAndGoesOnWhenThereIsSpace() async throws {
            let name = Lab.temporaryDirectory()
            var options = LabOptions(directory: "\(name) ü", standbys: 1)
            options.smallDisks = ["primary": 200 << 20]
            guard geteuid() == 0 else {
                return await expectFailure("only root can give") { _ = try await Lab.up(options) }
            }
            try await Lab.with(options) { lab in
                try await lab.primary.psql("CREATE TABLE t (x text);")
                try lab.primary.fillDisk(leaving: 1 << 20)
                await expectFailure("run SQL") {
                    try await lab.primary.psql("INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 9999);")
                }
                lab.primary.freeDisk()
                if lab.status()[0].pid == nil { try await lab.primary.start() }
                try await awaitAnswer("0", to: "SELECT count(*) FROM t", on: lab.primary)
                await expectFailure("has no disk of its own") { try lab.node("dr").fillDisk() }
            }
            #expect(!exists(options.directory))
            #expect(!contents("/proc/self/mounts").contains(name))
        }

        @Test func downAfterAllWasKilledFreesTheDisk() async throws {
            guard geteuid() == 0 else { return }
            var options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)
            options.smallDisks = ["primary": 150 << 20]
            let lab = try await Lab.up(options)
            try await lab.primary.kill()
            try await lab.primary.killSSH()
            #expect(try await Lab.down(options.directory) == .removed)
            #expect(!contents("/proc/self/mounts").contains(options.directory))
        }

        @Test func aNodesSSHEndsFreezesAndComesBack() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { lab in
                let node = lab.primary
                async let session = run(.name("ssh"), arguments: sshArguments(node, "sleep 60"), output: .discarded)
                try await awaitProcess("sleep", "60", of: lab)
                try await node.stopSSH()
                #expect(lab.status()[0].sshdPID == nil)
                await expectFailure("does not run") { try await node.stopSSH() }
                try await node.startSSH()
                #expect(try await ssh(node, "echo hello") == "hello\n")
                try await node.killSSH()
                #expect(try await session.terminationStatus == .exited(255))
                await expectFailure("does not run") { try await node.killSSH() }

                try await node.startSSH()
                try node.freezeSSH()
                async let answer = ssh(node, "echo late")
                let early = Task { try await Task.sleep(for: .milliseconds(300)) }
                _ = await early.result
                node.thawSSH()
                #expect(try await answer == "late\n")
                #expect(try await node.psql("SELECT 1") == "1")
            }
        }

        private func awaitProcess(_ words: String..., of lab: Lab) async throws {
            let deadline = Deadline.after(.seconds(10))
            let line = words.joined(separator: "\0")
            while try processes(naming: lab.directory).allSatisfy({ !$0.contains(line) }) {
                try #require(!deadline.hasPassed)
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}
