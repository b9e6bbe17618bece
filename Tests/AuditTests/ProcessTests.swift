import Essentials
import Glibc
import Testing

@testable import Audit

/// Several processes on one log, and processes that end in the middle of a line.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ProcessTests {
    @Test func severalProcessesAndTasksAppendOneChain() async throws {
        try await withFolder { folder in
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 {
                    group.addTask {
                        _ = await #expect(processExitsWith: .success) { [folder = folder as String] in
                            let log = try AuditLog.open(folder, actor: Actor(user: "process"), rotationSize: 20_000)
                            for _ in 0..<200 { try log.append([AuditEntry("a"), AuditEntry("b")]) }
                        }
                    }
                }
                for _ in 0..<3 {
                    group.addTask {
                        let log = try AuditLog.open(folder, actor: tester, rotationSize: 20_000)
                        for _ in 0..<100 { try log.append(AuditEntry("c")) }
                    }
                }
                try await group.waitForAll()
            }
            let verification = try verify(directory: folder)
            #expect(verification.isIntact, "\(verification)")
            #expect(verification.count == 3 * 400 + 300)
            #expect(verification.files > 10)
            // One append is one after the other, and both are of one process.
            var reader = try AuditReader(folder)
            var last = ""
            while let event = try reader.next()?.event {
                #expect((event.event == "b") == (last == "a"))
                last = event.event
            }
        }
    }

    @Test func aKilledProcessLeavesALogThatGoesOn() async throws {
        try await withFolder { folder in
            for _ in 0..<12 {
                await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
                    let log = try AuditLog.open(folder, actor: Actor(user: "process"), rotationSize: 1 << 20)
                    var thread = pthread_t()
                    pthread_create(
                        &thread, nil,
                        { _ in
                            usleep(UInt32.random(in: 1000...40_000))
                            kill(getpid(), SIGKILL)
                            return nil
                        }, nil)
                    let text = AuditValue.text(String(repeating: "x", count: 50_000))
                    while true { try log.append([AuditEntry("a", details: ["text": text]), AuditEntry("b")]) }
                }
                let before = try verify(directory: folder)
                #expect(before.problem.map { $0.kind == .torn } ?? true, "\(before)")
                let head = try AuditLog.open(folder, actor: tester).head
                #expect(head.seq == before.count + (before.isIntact ? 0 : 1))
                #expect(try verify(directory: folder, anchors: [before.head, head]).isIntact)
            }
        }
    }

    /// A limit on the size of files ends a write in its middle, as a full disk does, and needs no privilege.
    @Test func aWriteThatEndsInItsMiddleIsTakenBack() async throws {
        try await withFolder { folder in
            _ = try AuditLog.filled(folder, 2)
            let before = try bytes("\(folder)/audit-000001.jsonl")
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                signal(SIGXFSZ, SIG_IGN)
                var limit = rlimit(rlim_cur: 2048, rlim_max: 2048)
                #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
                let log = try AuditLog.open(folder, actor: Actor(user: "process"))
                let long = AuditEntry("a", details: ["text": .text(String(repeating: "x", count: 4096))])
                let failure = failure { try log.append(long) }
                #expect(failure?.code == .audit)
                #expect(failure?.message == "could not write \"\(folder)/audit-000001.jsonl\": File too large")
                // What fits can still be written, by this log and by others.
                try log.append(AuditEntry("b"))
            }
            let after = try bytes("\(folder)/audit-000001.jsonl")
            #expect(after.starts(with: before))
            let verification = try verify(directory: folder)
            #expect(verification.isIntact && verification.count == 3, "\(verification)")
        }
    }

    /// Mounting needs root, which CI has.
    @Test(.enabled(if: geteuid() == 0)) func aFullDiskMeansNoAction() async throws {
        try await withFolder { folder in
            try #require(mount("none", folder, "tmpfs", 0, "size=64k") == 0)
            defer { umount2(folder, Int32(MNT_DETACH)) }
            let log = try AuditLog.filled(folder, 3)
            var written: UInt64 = 3
            var full: Failure?
            while full == nil, written < 1000 {
                full = failure { written = try log.append(AuditEntry("a")).seq }
            }
            #expect(full?.code == .audit)
            #expect(full?.message == "could not write \"\(folder)/audit-000001.jsonl\": No space left on device")
            #expect(full?.hint == "Free space on the disk. Until an event can be written no action starts.")
            #expect(failure { try log.append(AuditEntry("a")) } == full)
            let verification = try verify(directory: folder)
            #expect(verification.isIntact && verification.count == written, "\(verification)")
            // Not even a new log's first file can be made here, and that is a failure likewise.
            #expect(
                failure { try AuditLog.open("\(folder)/other", actor: tester).append(AuditEntry("a")) }?.code == .audit)
        }
    }

    /// Root may do anything with files: it becomes somebody else in a process of its own.
    @Test func aDirectoryOfSomebodyElseMeansNoAction() async throws {
        try await withFolder { folder in
            chmod(folder, 0o755)
            _ = try AuditLog.filled("\(folder)/log", 2)
            chmod("\(folder)/log", geteuid() == 0 ? 0o700 : 0o500)
            chmod("\(folder)/log/audit-000001.jsonl", geteuid() == 0 ? 0o600 : 0o400)
            chmod("\(folder)/log/audit.lock", geteuid() == 0 ? 0o600 : 0o400)
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                if geteuid() == 0 { #expect(setuid(65534) == 0) }
                let failure = failure { _ = try AuditLog.open("\(folder)/log", actor: Actor(user: "nobody")) }
                #expect(failure?.code == .audit)
                #expect(failure?.message.hasSuffix(": Permission denied") == true, "\(String(describing: failure))")
                #expect(failure?.hint == "Run pgdr as the account that the log belongs to.")
            }
        }
    }

    @Test func aLockThatIsHeldIsWaitedForNoLongerThanAllowed() async throws {
        try await withFolder { folder in
            let log = try AuditLog.open(folder, actor: tester, patience: .seconds(2))
            try log.append(AuditEntry("a"))
            let other = open("\(folder)/audit.lock", O_RDWR)
            #expect(flock(other, LOCK_EX) == 0)
            let start = ContinuousClock.now
            let failure = failure { try log.append(AuditEntry("b")) }
            #expect(failure?.message == "could not lock the audit log")
            #expect(start.duration(to: .now) > .milliseconds(1990))
            // Reading goes on.
            #expect(try verify(directory: folder).count == 1)
            close(other)
            try log.append(AuditEntry("c"))
            // A lock file that somebody removed is made anew, and all agree on the new one.
            let second = try AuditLog.open(folder, actor: tester)
            unlink("\(folder)/audit.lock")
            for _ in 0..<5 {
                try log.append(AuditEntry("d"))
                try second.append(AuditEntry("e"))
            }
            #expect(try verify(directory: folder).count == 12)
        }
    }
}
