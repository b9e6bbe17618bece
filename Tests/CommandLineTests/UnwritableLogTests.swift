import Essentials
import FoundationEssentials
import Glibc
import Lab
import Testing

extension RealServers.SharedLab {
    /// What can't be written to the audit log isn't done.
    @Suite struct UnwritableLogTests {
        /// After the second step the disk is full, but for the rest of the log's last page.
        private static let runbook = """
            title: Mark
            parameters:
              directory: {type: text}
            steps:
              - name: one
                local: [touch, "${directory}/one"]
              - name: fill
                local: [sh, -c, 'test ! -e "$0/audit" || dd if=/dev/zero of="$0/audit/fill" bs=1k 2>/dev/null; :', "${directory}"]
                repeatable: true

            """
            + (1...20).map { "  - {name: mark\($0), repeatable: true, local: [touch, \"${directory}/mark\($0)\"]}\n" }
            .joined()

        @Test func aLogThatCannotBeThere() async throws {
            try await OwnRunbooks.with(["mark": Self.runbook], audit: "file/audit") { own in
                try write("", to: "\(own.directory)/file")
                let outcome = try await own.pgdr(["run", "mark", "--yes", own.directory])
                #expect(outcome.status == 1, "\(outcome)")
                #expect(!exists("\(own.directory)/one"))
            }
        }

        @Test(.enabled(if: geteuid() == 0)) func aFullDisk() async throws {
            try await OwnRunbooks.with(["mark": Self.runbook]) { own in
                // Its own view of the mounts goes with the shell.
                let script = """
                    cd "$1" && mkdir audit && mount -t tmpfs -o size=256k tmpfs audit || exit 99
                    dd if=/dev/zero of=audit/fill bs=1k 2>/dev/null
                    "$0" run mark --yes "$1" >full 2>&1; echo $? >status; ls >there
                    rm audit/fill
                    "$0" run mark --yes "$1" >filled 2>&1; echo $? >>status; ls >then
                    rm audit/fill
                    "$0" resume "$("$0" runs --format json | sed -n 's/.*"run" : "\\(.*\\)".*/\\1/p' | tail -n 1)" >resumed 2>&1
                    echo $? >>status
                    "$0" audit verify >verified 2>&1; echo $? >>status
                    """
                let outcome = try await Tool.bash(
                    "unshare --mount --propagation private bash -c \"$2\" \"$0\" \"$1\"", [own.directory, script],
                    config: own.config)
                #expect(outcome.status == 0, "\(outcome)")
                #expect(own.text("status") == "1\n3\n0\n0\n", "\(own.text("full") ?? "") \(own.text("filled") ?? "")")
                #expect(own.text("there")?.contains("one") == false)
                #expect(own.text("then")?.contains("one") == true && own.text("then")?.contains("mark20") == false)
                #expect(exists("\(own.directory)/mark20"), "\(own.text("resumed") ?? "")")
            }
        }
    }
}
