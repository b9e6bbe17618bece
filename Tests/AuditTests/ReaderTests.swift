import Essentials
import Glibc
import Testing

@testable import Audit

struct ReaderTests {
    private func all(_ reader: inout AuditReader) throws -> [String] {
        var texts: [String] = []
        while let line = try reader.next() { texts.append(line.text) }
        return texts
    }

    private func names(_ reader: inout AuditReader) throws -> [String] {
        var names: [String] = []
        while let line = try reader.next() { names.append(try #require(line.event).event) }
        return names
    }

    @Test func linesComeInOrderOverAllFiles() async throws {
        try await withFolder { folder in
            _ = try AuditLog.filled(folder, 30, rotationSize: 600)
            var reader = try AuditReader(folder)
            #expect(try names(&reader) == (1...30).map { "event.\($0)" })
            reader = try AuditReader(folder)
            while let line = try reader.next() {
                let written = try lines("\(folder)/\(line.file)")
                #expect(written[line.number - 1] == line.text)
            }
        }
    }

    @Test func whatIsWrittenIsRead() async throws {
        try await withFolder { folder in
            let details: AuditValue = [
                "text": "a\u{0}\u{1B}\"\\\n\u{2028}é🐘", "list": [1, nil, true, [:], []], "number": .number(0.1),
                "least": .integer(.min), "": "",
            ]
            let log = try AuditLog.open(folder, actor: Actor(user: "ann\n\"b\""))
            try log.append(AuditEntry("a\\", cluster: "\"", run: "r\n", node: "n\t", details: details))
            var reader = try AuditReader(folder)
            let event = try #require(try reader.next()?.event)
            #expect(event.details == details)
            #expect(event.actor == "ann\n\"b\"" && event.host == log.host && event.event == "a\\")
            #expect(event.cluster == "\"" && event.run == "r\n" && event.node == "n\t")
            #expect(event.seq == 1 && event.prev == LineHash.zero.hex)
        }
    }

    @Test func oneRunIsFoundWhateverTheOthersSay() async throws {
        try await withFolder { folder in
            let log = try AuditLog.open(folder, actor: Actor(user: "x\",\"run\":\"r1\""), rotationSize: 500)
            try log.append(AuditEntry("a", run: "r1"))
            try log.append(AuditEntry("b", run: "r10"))
            try log.append(AuditEntry("c", details: ["run": "r1"]))
            try log.append(AuditEntry("d", cluster: "\",\"run\":\"r1\",\"", run: "r\"1\\"))
            try log.append(AuditEntry("e", run: "r1", node: "n"))
            try log.append(AuditEntry("f", cluster: "main", run: "r1"))
            #expect(try AuditReader.events(ofRun: "r1", in: folder).map(\.event) == ["a", "e", "f"])
            #expect(try AuditReader.events(ofRun: "r\"1\\", in: folder).map(\.event) == ["d"])
            #expect(try AuditReader.events(ofRun: "r", in: folder) == [])
            var reader = try AuditReader(folder, AuditFilter(cluster: "\",\"run\":\"r1\",\"", run: "r\"1\\"))
            #expect(try names(&reader) == ["d"])
            reader = try AuditReader(folder, AuditFilter(cluster: "main", run: "r1"))
            #expect(try names(&reader) == ["f"])
            #expect(try AuditReader.events(ofRun: "r1", in: "\(folder)/none") == [])
        }
    }

    @Test func linesSinceAMoment() async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled(folder, 3)
            usleep(2000)
            let moment = AuditTime.now
            try log.append(AuditEntry("later", run: "r"))
            var reader = try AuditReader(folder, AuditFilter(since: moment))
            #expect(try names(&reader) == ["later"])
            reader = try AuditReader(folder, AuditFilter(run: "other", since: moment))
            #expect(try names(&reader) == [])
            reader = try AuditReader(folder, AuditFilter(since: AuditTime(microseconds: 0)))
            #expect(try names(&reader).count == 4)
        }
    }

    @Test func whatIsAppendedLaterComesLater() async throws {
        try await withFolder { folder in
            var reader = try AuditReader(folder)
            #expect(try reader.next() == nil)
            let log = try AuditLog.filled(folder, 3, rotationSize: 600)
            #expect(try all(&reader).count == 3)
            #expect(try reader.next() == nil)
            for number in 4...20 {
                try log.append(AuditEntry("event.\(number)"))
                #expect(try names(&reader) == ["event.\(number)"])
            }
        }
    }

    @Test func aLineThatIsBeingWrittenIsNotThereYet() async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled(folder, 2)
            let file = "\(folder)/audit-000001.jsonl"
            try write(try bytes(file) + Array("{\"seq\":3,\"at\":\"".utf8), to: file)
            var reader = try AuditReader(folder)
            #expect(try names(&reader) == ["event.1", "event.2"])
            #expect(try reader.next() == nil)
            // The torn line is gone then, and two others are there.
            try log.append(AuditEntry("event.3"))
            #expect(try names(&reader) == ["audit.recovered", "event.3"])
        }
    }

    @Test func aLogThatIsNotThereIsAFailure() async throws {
        try await withFolder { folder in
            let none = "\(folder)/none"
            #expect(
                failure { _ = try AuditReader(none) }?.message
                    == "could not read \"\(none)\": No such file or directory")
            #expect(failure { _ = try verify(directory: none) }?.code == .audit)
            let empty = try verify(directory: folder)
            #expect(empty.isIntact && empty.count == 0 && empty.head.seq == 0)
        }
    }

    @Test(arguments: [
        ("7:" + String(repeating: "a", count: 64), true), ("7:" + String(repeating: "A", count: 64), true),
        ("+7:" + String(repeating: "a", count: 64), false), ("7:" + String(repeating: "a", count: 63), false),
        ("7:" + String(repeating: "g", count: 64), false), (String(repeating: "a", count: 64), false), ("7:", false),
        ("99999999999999999999:" + String(repeating: "a", count: 64), false), ("", false),
    ]) func anchors(text: String, isOne: Bool) {
        #expect((AuditHead(text) != nil) == isOne)
        if isOne { #expect(AuditHead(text)?.description == "7:" + String(repeating: "a", count: 64)) }
    }
}
