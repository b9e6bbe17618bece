import Testing

@testable import RunbookEngine

struct ProgressReaderTests {
    @Test(arguments: [
        ("24576/49152 kB (50%), 0/1 tablespace", 0.5, "24 of 48 MB"),
        ("  49152/49152 kB (100%), 1/1 tablespace", 1, "48 of 48 MB"),
        // The estimate was too low.
        ("50000/49152 kB (100%), 0/1 tablespace", 1, "49 of 48 MB"),
        ("    0/2048 kB (0%) copied", 0, "0 of 2 MB"),
        ("1024/2048 kB (50%), 0/2 tablespaces (/srv/a kB/1)", 0.5, "1 of 2 MB"),
    ]) func reports(line: String, share: Double, text: String) {
        let progress = ProgressReader().read(Array("\(line)\n".utf8)[...])
        #expect(progress == ProgressReader.Progress(share: share, text: text))
    }

    @Test(arguments: [
        "", "kB", "123 kB", "a/b kB", "1/2/3 kB", "1/0 kB (0%)", "waiting for checkpoint", "1/2 MB", "nan/2 MB",
    ]) func noReports(line: String) {
        #expect(ProgressReader.report(in: line) == nil)
    }

    @Test func piecesAreJoined() {
        let reader = ProgressReader()
        func read(_ text: String) -> Double? { reader.read(Array(text.utf8)[...])?.share }
        #expect(read("pg_basebackup: checkpoint completed\n10/") == nil)
        #expect(read("40 kB (25%)") == nil)
        #expect(read(", 0/1 tablespace\r") == 0.25)
        // Of several the last one counts.
        #expect(read("20/40 kB (50%)\n30/40 kB (75%)\nabc\n") == 0.75)
        #expect(read("40/40 kB") == nil)
        #expect(read("\n") == 1)
    }

    @Test func whatHasNoEndIsDropped() {
        let reader = ProgressReader()
        for _ in 0..<100 { #expect(reader.read(Array(repeating: 120, count: 100)[...]) == nil) }
        #expect(reader.read(Array("\n1/2 kB\n".utf8)[...])?.share == 0.5)
    }
}
