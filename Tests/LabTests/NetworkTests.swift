import Essentials
import Glibc
import Lab
import Subprocess
import Testing

extension RealServers {
    /// Labs in networks of their own.
    @Suite(.serialized) struct NetworkTests {
        private func with(_ body: (Lab, LabNetwork) async throws -> Void) async throws {
            var options = LabOptions(directory: Lab.temporaryDirectory())
            options.network = .init(observers: 1)
            guard geteuid() == 0 else {
                return await expectFailure("only root can make a network") { [options] in _ = try await Lab.up(options)
                }
            }
            try await Lab.with(options) { lab in try await body(lab, #require(lab.network)) }
            #expect(!exists(options.directory))
        }

        /// Whether a host gets a connection to a node's server.
        private func reaches(_ node: LabNode, from host: String, _ network: LabNetwork) async throws -> Bool {
            let prefix = host == LabNetwork.clients ? [] : network.entering(host)
            let script = "exec 3<>/dev/tcp/\(node.address)/\(node.port)"
            let line = prefix + ["timeout", "1", "/bin/bash", "-c", script]
            let result = try await run(
                .name(line[0]), arguments: Arguments(Array(line.dropFirst())), output: .discarded)
            return result.terminationStatus.isSuccess
        }

        /// The same, once those that were cut off have found each other again.
        private func comesToReach(_ node: LabNode, from host: String, _ network: LabNetwork) async throws -> Bool {
            for _ in 0..<10 where try await reaches(node, from: host, network) { return true }
            return false
        }

        private func namespaces() async throws -> String {
            try await run(.name("ip"), arguments: ["netns", "list"], output: .string(limit: 65536)).standardOutput
        }

        @Test func hostsAreCutOffAndJoinedAgain() async throws {
            let before = try await namespaces()
            try await with { lab, network in
                let (primary, dr) = (lab.primary, try lab.node("dr"))
                let hosts = ["dr", "replica", "observer1", LabNetwork.clients]
                for host in hosts { #expect(try await comesToReach(primary, from: host, network), "\(host)") }

                try await network.cut("primary", from: "dr")
                #expect(try await !reaches(primary, from: "dr", network))
                #expect(try await !reaches(dr, from: "primary", network))
                #expect(try await comesToReach(primary, from: "replica", network))

                try await network.heal()
                try await network.cut("primary")
                for host in hosts { #expect(try await !reaches(primary, from: host, network), "\(host)") }
                // On its own host it goes on.
                #expect(try await primary.psql("SELECT 1") == "1")

                try await network.heal()
                for host in hosts { #expect(try await comesToReach(primary, from: host, network), "\(host)") }
                try await network.switchOff("dr")
                #expect(lab.status().map { $0.pid != nil } == [true, false, true])
                #expect(lab.status().map { $0.sshdPID != nil } == [true, false, true])
            }
            let after = try await namespaces()
            #expect(after == before)
        }

        @Test func twoStandSideBySide() async throws {
            try await with { first, _ in
                try await with { second, network in
                    #expect(first.primary.address != second.primary.address)
                    let isReached = try await reaches(first.primary, from: "dr", network)
                    #expect(!isReached)
                }
                #expect(first.status().allSatisfy { $0.pid != nil })
            }
        }
    }
}
