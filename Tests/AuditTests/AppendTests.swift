import Essentials
import Glibc
import Testing

@testable import Audit

struct AppendTests {
    @Test func aLineIsTheContractsByteForByte() throws {
        let entry = AuditEntry(
            "step.started", cluster: "main", run: "r-1", node: "dr",
            details: [
                "z": nil, "a": [true, false, -3, "\u{1}\u{7F}\"\\/\n\r\té🐘", .number(0.25), .number(.infinity)],
                "\n": ["b": [:], "B": []],
            ])
        var bytes: [UInt8] = []
        EventLine(actor: "root (sudo by \"ann\")", host: "h").append(
            entry, seq: 7, at: "2026-01-02T03:04:05.000006Z", prev: .zero, to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"seq":7,"at":"2026-01-02T03:04:05.000006Z","actor":"root (sudo by \"ann\")","host":"h","#
                + #""cluster":"main","run":"r-1","event":"step.started","node":"dr","details":{"\n":{"B":[],"b":{}},"#
                + #""a":[true,false,-3,"\u0001\u007f\"\\/\n\r\té🐘",0.25,null],"z":null},"prev":"#
                + "\"\(String(repeating: "0", count: 64))\"}")
    }

    @Test func whatIsNotSaidIsNull() async throws {
        try await withFolder { folder in
            let log = try AuditLog.open(folder, actor: tester)
            let head = try log.append(AuditEntry("a"))
            let line = try #require(try lines("\(folder)/audit-000001.jsonl").first)
            #expect(line.hasPrefix("{\"seq\":1,\"at\":\"20"))
            #expect(line.contains(#","cluster":null,"run":null,"event":"a","node":null,"details":{},"prev":"0000"#))
            #expect(head.seq == 1)
            var digest = try Digest()
            #expect(head.hash == (try digest.hash(of: Array(line.utf8))).hex)
            #expect(try log.head == head)
        }
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000Z"), (951_782_399_999_999, "2000-02-28T23:59:59.999999Z"),
        (951_868_800_000_001, "2000-03-01T00:00:00.000001Z"), (-1, "1970-01-01T00:00:00.000000Z"),
        (Int64.max, "9999-12-31T23:59:59.999999Z"),
    ]) func moments(microseconds: Int64, text: String) {
        #expect(AuditTime(microseconds: microseconds).text == text)
        #expect(AuditTime(text)?.text == text)
    }

    @Test(arguments: ["", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.00000xZ", "2026-01-01T00:00:00.000000+"])
    func noMoments(text: String) { #expect(AuditTime(text) == nil) }

    @Test(arguments: [
        (Actor(user: "root"), "root"), (Actor(user: "root", sudoUser: "ann"), "root (sudo by ann)"),
        (Actor(user: "root", sudoUser: ""), "root"),
        (Actor(user: "postgres", trigger: "monitor:alert-42"), "monitor:alert-42 (as postgres)"),
        (Actor(user: "root", sudoUser: "ann", trigger: "cron"), "cron (as root (sudo by ann))"),
    ]) func actors(actor: Actor, description: String) {
        #expect(actor.description == description)
    }

    @Test func theDirectoryAndItsFilesAreForTheirOwnerOnly() async throws {
        try await withFolder { folder in
            let directory = "\(folder)/a/b"
            try AuditLog.open(directory, actor: tester).append(AuditEntry("a"))
            for (path, mode) in [(directory, 0o700), ("\(directory)/audit-000001.jsonl", 0o600)] as [(String, mode_t)] {
                var status = stat()
                #expect(stat(path, &status) == 0)
                #expect(status.st_mode & 0o777 == mode)
            }
            #expect(names(in: directory) == ["audit-000001.jsonl", "audit.lock"])
        }
    }

    @Test func oneLogHasOneObserverWhateverItsDirectoryIsCalled() async throws {
        try await withFolder { folder in
            let log = try AuditLog.open("\(folder)/./a/../log", actor: tester)
            #expect(log.directory == "\(folder)/log")
            #expect(symlink("\(folder)/log", "\(folder)/link") == 0)
            let linked = try AuditLog.open("\(folder)/link", actor: tester)
            #expect(linked.observer == log.observer && log.observer.hasSuffix(":\(folder)/log"))
            #expect(AuditLog.observer(of: "\(folder)/none").hasSuffix(":\(folder)/none"))
        }
    }

    @Test func severalEntriesAreOneChain() async throws {
        try await withFolder { folder in
            let log = try AuditLog.open(folder, actor: tester)
            try log.append([AuditEntry("a"), AuditEntry("b"), AuditEntry("c")])
            let head = try log.append([AuditEntry("d")])
            #expect(head.seq == 4)
            #expect(try log.append([]) == head)
            let verification = try verify(directory: folder)
            #expect(verification.isIntact && verification.count == 4 && verification.head == head)
        }
    }

    @Test func aLogGoesOnWhereItEnded() async throws {
        try await withFolder { folder in
            for number in 1...4 {
                let head = try AuditLog.open(folder, actor: tester).append(AuditEntry("a"))
                #expect(head.seq == UInt64(number))
            }
            #expect(try verify(directory: folder).isIntact)
        }
    }

    @Test func aFullFileIsFollowedByAnother() async throws {
        try await withFolder { folder in
            var log = try AuditLog.filled(folder, 20, rotationSize: 600)
            let files = names(in: folder).filter { $0.hasPrefix("audit-") }
            #expect(files.count >= 7, "\(files)")
            // What begins in the middle of the files must go on too.
            log = try AuditLog.open(folder, actor: tester, rotationSize: 600)
            try log.append((1...8).map { AuditEntry("long.\($0)") })
            let verification = try verify(directory: folder)
            #expect(verification.isIntact && verification.count == 28)
            #expect(verification.files == names(in: folder).count - 1)
            #expect(try lines("\(folder)/audit-000002.jsonl").first?.hasPrefix("{\"seq\":3,") == true)
        }
    }

    @Test func aFileThatWasMadeAndNotWrittenToIsUsed() async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled(folder, 2)
            try write([], to: "\(folder)/audit-000002.jsonl")
            try log.append(AuditEntry("a"))
            try AuditLog.open(folder, actor: tester).append(AuditEntry("b"))
            #expect(try lines("\(folder)/audit-000002.jsonl").count == 2)
            try write([], to: "\(folder)/audit-000003.jsonl")
            try AuditLog.open(folder, actor: tester).append(AuditEntry("c"))
            let verification = try verify(directory: folder)
            #expect(verification.isIntact && verification.count == 5 && verification.files == 3)
        }
    }

    @Test func anEventThatIsTooLongIsRefused() async throws {
        try await withFolder { folder in
            let log = try AuditLog.open(folder, actor: tester)
            let long = AuditEntry(
                "a", details: ["text": .text(String(repeating: "x", count: EventLine.greatestLength))])
            #expect(failure { try log.append(long) }?.code == .audit)
            try log.append(AuditEntry("b", details: ["text": .text(String(repeating: "x", count: 3 << 20))]))
            try AuditLog.open(folder, actor: tester).append(AuditEntry("c"))
            #expect(try verify(directory: folder).count == 2)
        }
    }

    @Test func anAppendCostsLittleMoreThanTheDisk() async throws {
        try await withFolder { folder in
            let log = try AuditLog.filled(folder, 1)
            let file = open("\(folder)/floor", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            defer { close(file) }
            let line = try bytes("\(folder)/audit-000001.jsonl")
            var own: [Duration] = []
            var floor: [Duration] = []
            let clock = ContinuousClock()
            for number: Int64 in 1...200 {
                own.append(try clock.measure { _ = try log.append(AuditEntry("e", details: ["n": .integer(number)])) })
                floor.append(
                    clock.measure {
                        _ = line.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                        _ = fdatasync(file)
                    })
            }
            let excess = own.sorted()[100] - floor.sorted()[100]
            print("append: median \(own.sorted()[100]), write and fdatasync alone \(floor.sorted()[100])")
            #expect(excess < .milliseconds(2), "\(excess)")
        }
    }
}
