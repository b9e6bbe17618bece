import Essentials
import Glibc
import Testing

@testable import Audit

struct RecoveryTests {
    private func file(_ folder: String) -> String { "\(folder)/audit-000001.jsonl" }

    @Test(arguments: [1, 20, 100, 200]) func aTornLineIsCutOffAndToldOf(count: Int) async throws {
        try await withFolder { folder in
            _ = try AuditLog.filled(folder, 3)
            let whole = try bytes(file(folder))
            let last = whole.dropLast().lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            let torn = Array(whole[last...].prefix(count))
            try write(whole + torn, to: file(folder))
            let before = try verify(directory: folder)
            #expect(before.problem?.kind == .torn && before.problem?.line == 4 && before.count == 3)

            let log = try AuditLog.open(folder, actor: tester)
            var digest = try Digest()
            let hash = try digest.hash(of: torn).hex
            let events = try lines(file(folder))
            #expect(events.count == 4)
            #expect(
                events[3].contains(
                    #""event":"audit.recovered","node":null,"details":{"bytes":\#(torn.count),"#
                        + #""file":"audit-000001.jsonl","offset":\#(whole.count),"sha256":"\#(hash)"}"#), "\(events[3])"
            )
            try log.append(AuditEntry("a"))
            let after = try verify(directory: folder)
            #expect(after.isIntact && after.count == 5)
        }
    }

    @Test func aLogWithNothingButATornLineBeginsAnew() async throws {
        try await withFolder { folder in
            try write("{\"seq\":1,".utf8, to: file(folder))
            let log = try AuditLog.open(folder, actor: tester)
            #expect(try log.head.seq == 1)
            #expect(try verify(directory: folder).isIntact)
        }
    }

    /// Another process died while it wrote.
    @Test func aTornLineOfAnotherIsCutOffBeforeTheNextAppend() async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled(folder, 3)
            try write(try bytes(file(folder)) + Array("{\"seq\":4,".utf8), to: file(folder))
            #expect(try log.append(AuditEntry("a")).seq == 5)
            #expect(try lines(file(folder))[3].contains("audit.recovered"))
            #expect(try verify(directory: folder).isIntact)
        }
    }

    @Test func aTornLineInAFileOfItsOwn() async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled(folder, 3)
            try write("{\"seq\":4,".utf8, to: "\(folder)/audit-000002.jsonl")
            try log.append(AuditEntry("a"))
            try AuditLog.open(folder, actor: tester).append(AuditEntry("b"))
            #expect(try lines("\(folder)/audit-000002.jsonl").count == 3)
            #expect(try verify(directory: folder).count == 6)
        }
    }

    static let broken: [(String, @Sendable (inout [String]) -> Void)] = [
        ("no JSON", { $0.append("hello") }),
        ("an empty line", { $0.append("") }),
        ("the wrong number", { $0.remove(at: 1) }),
        ("the line before edited", { $0[1] = $0[1].split(separator: "event.2").joined(separator: "event.x") }),
        ("the last line without its end", { $0[2].removeLast() }),
        ("the beginning gone", { $0.removeFirst(2) }),
        ("no details that are JSON", { $0[2] = $0[2].split(separator: "\"n\":3").joined(separator: "\"n\"") }),
    ]

    @Test(arguments: broken.indices) func nothingIsAppendedToALogWhoseEndIsBroken(index: Int) async throws {
        try await withFolder { folder in
            _ = try AuditLog.filled(folder, 3)
            var changed = try lines(file(folder))
            Self.broken[index].1(&changed)
            try write(lines: changed, to: file(folder))
            let before = try bytes(file(folder))
            let failure = failure { _ = try AuditLog.open(folder, actor: tester) }
            #expect(failure?.code == .audit, "\(Self.broken[index].0)")
            #expect(failure?.hint?.contains("pgdr audit verify") == true)
            #expect(try bytes(file(folder)) == before)
        }
    }

    @Test(arguments: ["cut", "gone", "replaced", "edited and gone on", "first file gone"])
    func whatAnOpenLogKnowsMustStillBeThere(what: String) async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled(folder, 3)
            let old = try lines(file(folder))
            switch what {
            case "cut": #expect(truncate(file(folder), 300) == 0)
            case "gone": unlink(file(folder))
            case "replaced":
                unlink(file(folder))
                try write(lines: old, to: file(folder))
            case "edited and gone on": try write(lines: old + [old[2]], to: file(folder))
            default:
                try write([], to: "\(folder)/audit-000003.jsonl")
                try write([], to: "\(folder)/audit-000002.jsonl")
                unlink(file(folder))
            }
            let failure = failure { try log.append(AuditEntry("a")) }
            #expect(failure?.code == .audit)
            #expect(failure?.message == "the audit log in \"\(folder)\" is not as pgdr left it")
        }
    }

    @Test func theDirectoryGoneMeansNoAction() async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled("\(folder)/log", 3)
            removeTree("\(folder)/log")
            #expect(failure { try log.append(AuditEntry("a")) }?.code == .audit)
        }
    }
}
