import Glibc
import Lab
import Testing

extension RealServers.SharedLab {
    @Suite struct EstateTrustTests {
        /// A server of the estate is no node: its key is taken up by its own name.
        @Test func aServersKeyIsTakenUpByItsName() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let text = try read(lab.configurationFile)
                let shell = try #require(text.split(separator: "\n").first { $0.hasPrefix("        ssh: ") }).dropFirst(
                    8)
                let known = "\(directory)/known_hosts"
                let estate = "estate: {servers: {one: {\(shell.replacing(lab.knownHostsFile, with: known))}}}\n"
                let file = try write(text + estate, to: "\(directory)/pgdr.yaml")
                let unknown = try await Tool.run(["estate", "check"], config: file)
                #expect(unknown.status == 2 && unknown.output.contains("pgdr ssh trust one"), "\(unknown.output)")

                let key = "\(lab.primary.directory)/ssh_host_ed25519_key.pub"
                let printed = try await Tool.bash("ssh-keygen -lf \"$1\"", [key])
                let fingerprint = try #require(printed.output.split(separator: " ").dropFirst().first)
                let other = try await Tool.run(
                    ["ssh", "trust", "one", "--yes", "--fingerprint", "SHA256:x"], config: file)
                #expect(other.status == 1 && !exists(known), "\(other)")
                let trusted = try await Tool.run(
                    ["ssh", "trust", "one", "--yes", "--fingerprint", String(fingerprint)], config: file)
                #expect(trusted.status == 0, "\(trusted.errors)")
                #expect(try await Tool.run(["estate", "check"], config: file).status == 0)
                let witness = "    witnesses: {w: {\(shell)}}\n    nodes:\n"
                let witnessed = try write(
                    text.replacing("    nodes:\n", with: witness).replacing(lab.knownHostsFile, with: known),
                    to: "\(directory)/witnessed.yaml")
                let seen = try await Tool.run(["ssh", "trust", "w"], config: witnessed)
                #expect(seen.status == 0 && seen.output.contains("is trusted already"), "\(seen)")
                let stranger = try await Tool.run(["ssh", "trust", "two"], config: file)
                #expect(stranger.status == 1 && stranger.errors.hasPrefix("pgdr: there is no node \"two\""))
            }
        }
    }
}
