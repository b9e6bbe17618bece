import Glibc
import Lab
import Testing

extension RealServers.SharedLab {
    /// How servers are found: names that nobody answers about, and service files.
    @Suite struct NameTests {
        /// A name server that takes every question and answers none.
        private struct SilentNameServer: ~Copyable {
            static let address = "127.0.86.53"
            private let descriptor: Int32

            init() throws {
                descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
                try #require(descriptor >= 0)
                var place = sockaddr_in()
                place.sin_family = sa_family_t(AF_INET)
                place.sin_port = in_port_t(53).bigEndian
                try #require(inet_pton(AF_INET, Self.address, &place.sin_addr) == 1)
                let bound = withUnsafePointer(to: &place) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                try #require(bound == 0, "port 53 of \(Self.address) is taken")
            }

            deinit { _ = close(descriptor) }
        }

        /// Port 53 and another /etc/resolv.conf in a mount namespace of its own need root, which CI has.
        @Test(.enabled(if: getuid() == 0)) func aSilentNameServerKeepsNobodyElseWaiting() async throws {
            let lab = try await level()
            let server = try SilentNameServer()
            try await withDirectory { directory in
                let resolver = try write(
                    "nameserver \(SilentNameServer.address)\noptions timeout:20 attempts:3\n",
                    to: "\(directory)/resolv.conf")
                var nodes = ["primary", "dr"].map { name in
                    "      \(name): {connection: \"\(connection(lab, name))\", kind: \(name)}\n"
                }
                nodes += (1...20).map { number in
                    "      lost-\(number): {connection: \"host=lost-\(number).example user=pgdr\", kind: replica}\n"
                }
                let config = try write(
                    "clusters:\n  lab:\n    nodes:\n" + nodes.joined(), to: "\(directory)/pgdr.yaml")
                let script = "mount --bind \"$1\" /etc/resolv.conf && exec \"$0\" status --config \"$2\" --timeout 1s"
                let outcome = try await Tool.bash(
                    "exec unshare --mount /bin/bash -c \"$3\" \"$0\" \"$1\" \"$2\"", [resolver, config, script])
                #expect(outcome.status == 2, "\(outcome.errors)")
                #expect(outcome.elapsed < .milliseconds(2000), "\(outcome.elapsed)")
                #expect(outcome.output.contains("└─ dr"), "\(outcome.output)")
                #expect(outcome.output.split(separator: "connect_timeout").count > 20, "\(outcome.output)")
            }
            _ = consume server
        }

        @Test func theEnvironmentSendsNobodyElsewhere() async throws {
            let lab = try await level()
            let outcome = try await Tool.run(
                ["status"], config: lab.configurationFile, environment: ["PGHOSTADDR": lab.primary.address])
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(outcome.output.contains("└─ replica"), "\(outcome.output)")
        }

        @Test(arguments: 6...18) func tooFewDescriptorsAreNoCrash(count: Int) async throws {
            let lab = try await level()
            let outcome = try await Tool.bash(
                "ulimit -n \(count); exec \"$0\" status --timeout 2s", config: lab.configurationFile)
            #expect((0...3).contains(outcome.status), "\(outcome.status) \(outcome.errors)")
        }

        @Test func aServiceFileIsRead() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let services = try write(
                    ["primary", "dr"].map { name in
                        "[\(name)]\n"
                            + connection(lab, name).replacing("'", with: "").split(separator: " ")
                            .joined(separator: "\n") + "\n"
                    }.joined(), to: "\(directory)/services")
                let config = try write(
                    """
                    clusters:
                      lab:
                        nodes:
                          primary: {connection: service=primary, kind: primary}
                          dr: {connection: service=dr, kind: dr}
                          other: {connection: service=there-is-none, kind: replica}

                    """, to: "\(directory)/pgdr.yaml")
                let outcome = try await Tool.run(
                    ["status"], config: config, environment: ["PGSERVICEFILE": services])
                #expect(outcome.output.contains("└─ dr"), "\(outcome.output)")
                #expect(
                    outcome.output.contains("definition of service \"there-is-none\" not found"), "\(outcome.output)")
                #expect(outcome.status == 2)
            }
        }

        private func connection(_ lab: Lab, _ name: String) -> String {
            (try? lab.node(name).connectionString(as: .monitoring)) ?? ""
        }
    }
}
