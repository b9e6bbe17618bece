import Testing

@testable import Audit

/// A log of ten events in one file, what somebody did to its lines, and what verification must say.
struct Tampering: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var kind: AuditProblem.Kind?
    var line: Int
    /// The numbers of the events that are known as they were.
    var anchors: [UInt64] = []
    var change: @Sendable (inout [String]) -> Void
}

/// Replaces `old`, which must be there.
private func replace(_ line: inout String, _ old: String, _ new: String) {
    let range = line.firstRange(of: old)
    #expect(range != nil)
    if let range { line.replaceSubrange(range, with: new) }
}

/// The hash with which a line ends.
private func prev(_ line: String) -> String { String(line.suffix(66).prefix(64)) }

private func hash(_ line: String) -> String {
    do {
        var digest = try Digest()
        return try digest.hash(of: Array(line.utf8)).hex
    } catch { return "\(error)" }
}

/// The chain made anew from the line at `index` on.
private func rechain(_ lines: inout [String], from index: Int) {
    for index in index..<lines.count {
        let before = index == 0 ? LineHash.zero.hex : hash(lines[index - 1])
        let old = prev(lines[index])
        replace(&lines[index], old, before)
    }
}

struct TamperingTests {
    static let rows: [Tampering] = [
        Tampering(testDescription: "nothing", kind: nil, line: 0, anchors: [1, 5, 10]) { _ in },
        Tampering(testDescription: "the first line edited", kind: .edited, line: 1) {
            replace(&$0[0], "event.1", "event.x")
        },
        Tampering(testDescription: "a line in the middle edited", kind: .edited, line: 5) {
            replace(&$0[4], "\"n\":5", "\"n\":6")
        },
        Tampering(testDescription: "a line edited that an anchor knows", kind: .edited, line: 5, anchors: [5]) {
            replace(&$0[4], "\"n\":5", "\"n\":6")
        },
        Tampering(testDescription: "the hash in a line edited", kind: .edited, line: 5) {
            let old = prev($0[4])
            replace(&$0[4], old, String(old.reversed()))
        },
        Tampering(testDescription: "the hash in the first line edited", kind: .edited, line: 1) {
            replace(&$0[0], LineHash.zero.hex, String(repeating: "1", count: 64))
        },
        Tampering(testDescription: "the number in a line edited", kind: .edited, line: 5) {
            replace(&$0[4], "\"seq\":5,", "\"seq\":7,")
        },
        Tampering(testDescription: "the last line but one edited", kind: .edited, line: 9) {
            replace(&$0[8], "event.9", "event.x")
        },
        Tampering(testDescription: "the last line edited, which only an anchor shows", kind: nil, line: 0) {
            replace(&$0[9], "event.10", "event.xx")
        },
        Tampering(testDescription: "the last line edited", kind: .edited, line: 10, anchors: [10]) {
            replace(&$0[9], "event.10", "event.xx")
        },
        Tampering(testDescription: "the hash in the last line edited, or the line before", kind: .edited, line: 9) {
            let old = prev($0[9])
            replace(&$0[9], old, String(old.reversed()))
        },
        Tampering(testDescription: "the hash in the last line edited", kind: .edited, line: 10, anchors: [9]) {
            let old = prev($0[9])
            replace(&$0[9], old, String(old.reversed()))
        },
        Tampering(testDescription: "the first line deleted", kind: .deleted, line: 1) { $0.removeFirst() },
        Tampering(testDescription: "a line in the middle deleted", kind: .deleted, line: 5) { $0.remove(at: 4) },
        Tampering(testDescription: "lines in the middle deleted", kind: .deleted, line: 3) { $0.removeSubrange(2..<9) },
        Tampering(testDescription: "a line added with the number of its place", kind: .inserted, line: 6) {
            var line = $0[5]
            replace(&line, "event.6", "event.x")
            $0.insert(line, at: 5)
        },
        Tampering(testDescription: "a line copied", kind: .inserted, line: 6) { $0.insert($0[4], at: 5) },
        Tampering(testDescription: "an early line copied to a later place", kind: .inserted, line: 8) {
            $0.insert($0[1], at: 7)
        },
        Tampering(testDescription: "a later line copied to an earlier place", kind: .inserted, line: 3) {
            $0.insert($0[7], at: 2)
        },
        Tampering(testDescription: "a line with a number beyond the end added", kind: .inserted, line: 3) {
            var line = $0[7]
            replace(&line, "\"seq\":8,", "\"seq\":99,")
            $0.insert(line, at: 2)
        },
        Tampering(testDescription: "a copy of an early line at the end", kind: .inserted, line: 11) {
            $0.append($0[3])
        },
        Tampering(testDescription: "a line that is no event added", kind: .inserted, line: 4) {
            $0.insert("{}", at: 3)
        },
        Tampering(testDescription: "an empty line added", kind: .inserted, line: 4) { $0.insert("", at: 3) },
        Tampering(testDescription: "neighbours exchanged", kind: .reordered, line: 5) { $0.swapAt(4, 5) },
        Tampering(testDescription: "the last two exchanged", kind: .reordered, line: 9) { $0.swapAt(8, 9) },
        Tampering(testDescription: "a line moved up", kind: .reordered, line: 3) { $0.insert($0.remove(at: 7), at: 2) },
        Tampering(testDescription: "a line moved down", kind: .reordered, line: 3) {
            $0.insert($0.remove(at: 2), at: 7)
        },
        Tampering(testDescription: "all lines backwards", kind: .reordered, line: 1) { $0.reverse() },
        Tampering(testDescription: "the end cut, which only an anchor shows", kind: nil, line: 0) { $0.removeLast(3) },
        Tampering(testDescription: "the end cut", kind: .truncated, line: 8, anchors: [2, 10]) { $0.removeLast(3) },
        Tampering(testDescription: "everything cut", kind: .truncated, line: 1, anchors: [10]) { $0.removeAll() },
        Tampering(testDescription: "the chain made anew, which only an anchor shows", kind: nil, line: 0) {
            replace(&$0[2], "event.3", "event.x")
            rechain(&$0, from: 3)
        },
        Tampering(testDescription: "the chain made anew", kind: .rewritten, line: 4, anchors: [2, 4]) {
            replace(&$0[2], "event.3", "event.x")
            rechain(&$0, from: 3)
        },
        Tampering(testDescription: "the chain made anew, an anchor at its end", kind: .edited, line: 10, anchors: [10])
        {
            replace(&$0[2], "event.3", "event.x")
            rechain(&$0, from: 3)
        },
        Tampering(testDescription: "a line deleted and the chain made anew", kind: .rewritten, line: 5, anchors: [5]) {
            $0.remove(at: 3)
            for index in 3..<9 { replace(&$0[index], "\"seq\":\(index + 2),", "\"seq\":\(index + 1),") }
            rechain(&$0, from: 3)
        },
        Tampering(testDescription: "a line replaced by something else", kind: .malformed, line: 5) { $0[4] = "hello" },
        Tampering(testDescription: "a number with another spelling", kind: .malformed, line: 5) {
            replace(&$0[4], "\"seq\":5,", "\"seq\":05,")
        },
        Tampering(testDescription: "a line's end cut off", kind: .malformed, line: 5) { $0[4].removeLast(20) },
        Tampering(testDescription: "two lines joined", kind: .edited, line: 4) { $0[3] += $0.remove(at: 4) },
    ]

    @Test(arguments: rows) func whatWasDoneToALogIsFound(row: Tampering) async throws {
        try await withFolder { folder in
            _ = try AuditLog.filled(folder, 10)
            let file = "\(folder)/audit-000001.jsonl"
            var lines = try lines(file)
            let anchors = row.anchors.map { AuditHead(seq: $0, hash: hash(lines[Int($0) - 1])) }
            row.change(&lines)
            try write(lines: lines, to: file)
            let verification = try verify(directory: folder, anchors: anchors)
            #expect(verification.problem?.kind == row.kind, "\(verification)")
            #expect(verification.problem?.line ?? 0 == row.line, "\(verification)")
            if row.kind == nil {
                #expect(verification.count == UInt64(lines.count))
                #expect(verification.head == AuditHead(seq: UInt64(lines.count), hash: hash(lines[lines.count - 1])))
                #expect(verification.anchors.allSatisfy { $0.outcome == .matches })
            } else {
                #expect(verification.problem?.file == "audit-000001.jsonl")
                #expect(verification.problem?.text.hasSuffix(".") == true)
            }
        }
    }

    @Test func anyByteOfTheOthersThatChangesIsFound() async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled(folder, 3)
            let head = try log.head
            let file = "\(folder)/audit-000001.jsonl"
            let original = try bytes(file)
            for index in original.indices {
                var changed = original
                changed[index] ^= 1
                try write(changed, to: file)
                let verification = try verify(directory: folder, anchors: [head])
                #expect(!verification.isIntact, "byte \(index)")
            }
            try write(original, to: file)
            #expect(try verify(directory: folder, anchors: [head]).isIntact)
        }
    }
}
