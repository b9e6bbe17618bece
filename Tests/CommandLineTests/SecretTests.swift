import Lab
import Testing

extension RealServers.SharedLab {
    @Suite struct SecretTests {
        /// Runs every command with a password in its configuration and in its arguments, right and wrong.
        @Test func noOutputHoldsAPassword() async throws {
            let lab = try await level()
            let entry = try read(lab.passfile).split(separator: "\n").first { $0.hasPrefix("*:*:*:pgdr:") }
            let password = try #require(entry?.split(separator: ":").last).description
            try #require(password.count > 8)
            for secret in [password, "wr0ng-s3cret"] {
                try await withDirectory { directory in
                    let text = try read(lab.configurationFile)
                        .replacing("passfile='\(lab.passfile)'", with: "passfile=/dev/null password=\(secret)")
                    let file = try write(text, to: "\(directory)/lab.yaml")
                    let conninfo = "host=\(lab.primary.address) port=\(lab.primary.port) user=pgdr dbname=postgres"
                    let plain = "\(conninfo) password=\(secret)"
                    let uri =
                        "postgresql://pgdr:\(secret)@\(lab.primary.address):\(lab.primary.port)/postgres"
                    let commands: [[String]] = [
                        ["status"], ["status", "--format", "json"], ["status", "--format", "nagios"],
                        ["status", "--format", "openmetrics"], ["status", "--sample", "100ms"], ["check"],
                        ["check", "dr", "--format", "json"], ["check", "nosuch"], ["unpause"],
                        ["config", "check"],
                        ["config", "check", "--format", "json"], ["status", "--cluster", plain], ["check", uri],
                        ["init", plain, "--output", "-"], ["init", uri, "--output", "-"],
                        ["init", plain, "--output", "\(directory)/new.yaml"],
                        ["lab", "status", "--dir", lab.directory], ["status", plain], [uri], ["--uri=\(uri)"],
                        ["status", "--timeout", plain], ["report", plain], ["report", uri, "--format", "json"],
                        ["status", "--timeout=\(uri)"], ["init", plain, "--name", uri],
                    ]
                    for command in commands {
                        let outcome = try await Tool.run(command, config: file, in: directory)
                        #expect(!outcome.output.contains(secret), "\(command)")
                        #expect(!outcome.errors.contains(secret), "\(command)")
                        if command == ["status"] { #expect(outcome.status == (secret == password ? 0 : 2)) }
                    }
                    #expect(exists("\(directory)/new.yaml") == (secret == password))
                    if secret == password { #expect(try !read("\(directory)/new.yaml").contains(secret)) }
                }
            }
        }
    }
}
