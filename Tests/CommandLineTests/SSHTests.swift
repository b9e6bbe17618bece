import Essentials
import Glibc
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

        /// A lab's configuration in which dr is reached with an encrypted key, by way of the primary's host.
        private func throughTheFirstHost(_ lab: Lab, _ directory: String, askpass: String?) async throws -> String {
            let key = "\(directory)/key"
            let made = try await Tool.bash(
                #"cp "$1" "$2" && chmod 600 "$2" && ssh-keygen -q -p -P '' -N "$3" -f "$2""#,
                ["\(lab.directory)/ssh/id_ed25519", key, Self.passphrase])
            #expect(made.status == 0, "\(made.errors)")
            let dr = try lab.node("dr")
            let text = try read(lab.configurationFile)
            let line = try #require(text.split(separator: "\n").first { $0.contains("ssh: {host: \(dr.address),") })
            func address(_ node: LabNode, _ more: String) -> String {
                "host: \(node.address), port: \(node.sshPort), user: postgres, identity_file: \"\(key)\", "
                    + "known_hosts: \"\(lab.knownHostsFile)\"\(more)"
            }
            let asking = askpass.map { ", askpass: [\"\($0)\"]" } ?? ""
            let jump = ", jump: {\(address(lab.primary, asking))}"
            let new = "        ssh: {\(address(dr, asking + jump))}"
            return try write(text.replacing(line, with: new), to: "\(directory)/pgdr.yaml")
        }

        private static let passphrase = #"open "sesame" $1"#

        @Test func anEncryptedKeyIsOpenedByACommandOnEachHostOfTheWay() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let program = "\(directory)/askpass"
                let text = "#!/bin/sh\necho >>\"$0.asked\"\nprintf '%s\\n' '\(Self.passphrase)'\n"
                try write(text, to: program)
                #expect(chmod(program, 0o700) == 0)
                let file = try await throughTheFirstHost(lab, directory, askpass: program)
                let outcome = try await Tool.run(["ssh", "check", "dr"], config: file)
                #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
                #expect(try read("\(program).asked") == "\n\n")
                // Commands go that way too, and their plan shows no passphrase.
                let plan = try await Tool.run(["run", "fence", "dr", "--plan"], config: file)
                #expect(plan.status == 0, "\(plan.output)\(plan.errors)")
                #expect(!plan.output.contains("sesame"))
                try write("#!/bin/sh\necho wrong\n", to: program)
                #expect(chmod(program, 0o700) == 0)
                let wrong = try await Tool.run(["ssh", "check", "dr"], config: file)
                #expect(wrong.status == 2)
                #expect(wrong.output.contains("the passphrase does not open it"), "\(wrong.output)")
                try write("#!/bin/sh\nexit 1\n", to: program)
                #expect(chmod(program, 0o700) == 0)
                let none = try await Tool.run(["ssh", "check", "dr"], config: file)
                #expect(none.status == 2)
                #expect(none.output.contains("there is no passphrase to open it"), "\(none.output)")
            }
        }

        /// A person is asked on the terminal, where what is typed doesn't show; without one there is no passphrase.
        @Test func anEncryptedKeyIsOpenedByAPerson() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let file = try await throughTheFirstHost(lab, directory, askpass: nil)
                let without = try await Tool.run(["ssh", "check", "dr"], config: file)
                #expect(without.status == 2)
                #expect(without.output.contains("there is no passphrase to open it"), "\(without.output)")
                // A terminal of its own; each answer is typed once it is asked for.
                let script = """
                    import os, pty, select, sys, time
                    pid, terminal = pty.fork()
                    if pid == 0:
                        os.execv(sys.argv[1], [sys.argv[1], "ssh", "check", "dr"])
                    shown, answers, end = b"", 0, time.monotonic() + 30
                    while time.monotonic() < end:
                        ready, _, _ = select.select([terminal], [], [], 1)
                        try:
                            part = os.read(terminal, 4096) if ready else b""
                        except OSError:
                            break
                        if ready and not part:
                            break
                        shown += part
                        if shown.lower().count(b"passphrase") > answers and answers < 2:
                            answers += 1
                            time.sleep(0.2)
                            os.write(terminal, sys.argv[2].encode() + b"\\n")
                    _, status = os.waitpid(pid, 0)
                    sys.stdout.write(shown.decode())
                    sys.exit(os.waitstatus_to_exitcode(status))
                    """
                let asked = try await Tool.bash(
                    #"exec python3 -c "$1" "$0" "$2""#, [script, Self.passphrase], config: file)
                #expect(asked.status == 0, "\(asked.output)\(asked.errors)")
                #expect(asked.output.contains(file.replacing("pgdr.yaml", with: "key")), "\(asked.output)")
                #expect(!asked.output.contains("sesame"), "\(asked.output)")
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
