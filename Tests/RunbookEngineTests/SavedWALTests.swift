import Essentials
import Testing

@testable import RunbookEngine

/// What the script says that keeps the WAL of a node.
@Suite struct SavedWALTests {
    /// What is listed from the fork on lacks something where the fork's own segment is gone.
    @Test(arguments: [
        ("000000010000000000000005", "0/5000000", false), ("000000010000000000000004", "0/4000000", true),
        ("", "", false),
    ]) func aSegmentThatIsGone(segment: String, fork: String, isGone: Bool) async throws {
        let prepare = """
            top=$(mktemp -d)
            trap 'rm -rf "$top"' EXIT
            mkdir "$top/data" "$top/data/pg_wal"
            touch "$top/data/PG_VERSION" "$top/data/pg_wal/000000010000000000000005"
            set -- "$top/data" "$@"

            """
        let script = prepare + RunScript.saveWAL.text + "\nexit 9\n"
        let command = LocalCommand(words: ["sh", "-c", script, "sh", "r", segment, fork, "true"])
        let failure = await #expect(throws: Failure.self) { try await command.run(until: .after(.seconds(20))) }
        let said = failure?.detail ?? ""
        #expect(said.contains("0 commits \(fork.isEmpty ? "" : "beyond \(fork) ")are kept and listed in "), "\(said)")
        #expect(
            said.contains("\(segment) is gone") == isGone && said.contains("there may be more") == isGone, "\(said)")
    }
}
