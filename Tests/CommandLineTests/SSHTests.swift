import Essentials
import Lab
import Testing

extension RealServers.SharedLab {
    @Suite struct SSHTests {
        @Test func everyHostCanBeActedOn() async throws {
            let lab = try await level()
            let outcome = try await Tool.run(["ssh", "check"], config: lab.configurationFile)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            #expect(outcome.lines.count == 4)
            for node in lab.nodes {
                let line = try #require(outcome.lines.first { $0.contains("  \(node.name) ") })
                #expect(line.hasSuffix("  ok") && line.contains(node.dataDirectory) && line.contains(lab.postgresBin))
            }
            let one = try await Tool.run(["ssh", "check", "dr", "--format", "json"], config: lab.configurationFile)
            #expect(one.status == 0 && one.output.contains("\"reachable\" : true"))
            #expect(!one.output.contains("\"name\" : \"primary\""))
            let none = try await Tool.run(["ssh", "check", "dx"], config: lab.configurationFile)
            #expect(none.status == 3 && none.errors.contains("there is no node \"dx\""))
        }

        @Test func whatStandsInTheWayIsSaid() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let text = try read(lab.configurationFile)
                let nothing = "\(directory)/nothing"
                let file = try write(
                    text.replacing(
                        "data_directory: \"\(try lab.node("dr").dataDirectory)\"", with: "data_directory: \(nothing)"
                    )
                    .replacing(
                        "host: \(lab.primary.address), port: \(lab.primary.sshPort)",
                        with: "host: \(lab.primary.address), port: 1"),
                    to: "\(directory)/pgdr.yaml")
                let outcome = try await Tool.run(["ssh", "check"], config: file)
                #expect(outcome.status == 2)
                let expected = [
                    "CRITICAL  dr: the data directory \"\(nothing)\" could not be looked at",
                    "    ls: cannot access '\(nothing)': No such file or directory",
                ]
                for line in expected { #expect(outcome.lines.contains { $0 == line }, "\(outcome.output)") }
                #expect(outcome.lines.contains { $0.hasPrefix("CRITICAL  primary: ") }, "\(outcome.output)")
                #expect(outcome.lines.contains { $0.contains("  replica ") && $0.hasSuffix("  ok") })
            }
        }

        /// Nothing is believed that nobody has looked at.
        @Test func aKeyIsTrustedByItsFingerprint() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let known = "\(directory)/new/known_hosts"
                let file = try write(
                    try read(lab.configurationFile).replacing(lab.knownHostsFile, with: known),
                    to: "\(directory)/pgdr.yaml")
                let unknown = try await Tool.run(["ssh", "check", "dr"], config: file)
                #expect(unknown.status == 2)
                #expect(unknown.output.contains("then: pgdr ssh trust dr"), "\(unknown.output)")
                let asked = try await Tool.run(["ssh", "trust", "dr"], config: file)
                #expect(asked.status == 1, "\(asked.errors)")
                let fingerprint = try #require(asked.errors.firstMatch(of: /--fingerprint (SHA256:\S+)/)?.output.1)
                let wrong = try await Tool.run(
                    ["ssh", "trust", "dr", "--yes", "--fingerprint", "SHA256:\(String(repeating: "A", count: 43))"],
                    config: file)
                #expect(wrong.status == 1 && wrong.errors.contains("the host key is not the one expected"))
                #expect(!exists(known))
                let bare = try await Tool.run(["ssh", "trust", "dr", "--yes"], config: file)
                #expect(bare.status == 64)
                let words = ["ssh", "trust", "dr", "--yes", "--fingerprint", String(fingerprint)]
                let trusted = try await Tool.run(words, config: file)
                #expect(trusted.status == 0, "\(trusted.errors)")
                #expect(trusted.output.contains("is trusted: ssh-ed25519 \(fingerprint), in \(known)"))
                let again = try await Tool.run(words, config: file)
                #expect(again.status == 0 && again.output.contains("is trusted already"))
                #expect(try read(known).split(separator: "\n").count == 1)
                #expect(try await Tool.run(["ssh", "check", "dr"], config: file).status == 0)

                let other = try #require(
                    try read("\(lab.primary.directory)/ssh_host_ed25519_key.pub").split(separator: " ").dropFirst()
                        .first)
                try write("[\(try lab.node("dr").address)]:\(lab.primary.sshPort) ssh-ed25519 \(other)\n", to: known)
                let changed = try await Tool.run(words, config: file)
                #expect(changed.status == 1 && changed.errors.contains("has changed"), "\(changed.errors)")
            }
        }
    }
}
