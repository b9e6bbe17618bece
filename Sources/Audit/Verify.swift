package import Essentials
internal import SystemPackage

/// Holds every line of the log in `directory` against the one before it, and the log against what is known of it
/// from elsewhere.
///
/// Only an anchor shows that the last line was edited, that lines are gone from the end, or that the whole chain was
/// written anew. Reads what is there now; events that are appended meanwhile are left out. Blocks until it is done:
/// about a second for a million events.
/// - Parameter anchors: heads of this log that were kept elsewhere; one with the number 0 says nothing.
/// - Throws: `audit` when the log can't be read, `cancelled`.
package func verify(directory path: String, anchors: [AuditHead] = []) throws(Failure) -> AuditVerification {
    let directory = LogDirectory(path: path)
    // Whoever holds the lock may be in the middle of a line.
    let files = try LogLock.whileNobodyWrites(in: directory, patience: .seconds(2)) { () throws(Failure) in
        try directory.filesAsTheyAre()
    }
    var verifier = try Verifier(directory, files, anchors)
    return try verifier.run()
}

extension LogDirectory {
    fileprivate func filesAsTheyAre() throws(Failure) -> [LogFile] {
        var files: [LogFile] = []
        for number in try numbers() {
            do throws(Errno) {
                guard let status = try FileStatus.of(path: filePath(number)) else { continue }
                files.append(LogFile(number: number, limit: status.size))
            } catch { throw failure("look at", filePath(number), error) }
        }
        return files
    }
}

/// Goes through a log from its first line to its last, or to the first one that is wrong.
private struct Verifier: ~Copyable {
    private let files: [LogFile]
    private var stream: LineStream
    private var digest: Digest
    private var anchors: [AuditHead]
    private var checked: [CheckedAnchor] = []
    private var trail = Trail()
    /// The first anchor that has another hash than the line of its number, and where that line stands.
    private var contradicted: (anchor: AuditHead, place: LinePlace)?

    init(_ directory: LogDirectory, _ files: [LogFile], _ anchors: [AuditHead]) throws(Failure) {
        self.files = files
        self.anchors = Set(anchors).filter { $0.seq > 0 }.sorted { ($0.seq, $0.hash) < ($1.seq, $1.hash) }.reversed()
        stream = LineStream(directory, files)
        digest = try Digest()
    }

    mutating func run() throws(Failure) -> AuditVerification {
        var problem: AuditProblem?
        while let line = try stream.nextHashed(&digest) {
            if trail.count % 4096 == 0, Task.isCancelled { throw Failure(.cancelled, "cancelled") }
            guard let frame = line.frame, line.place.ending == .newline, frame.seq == trail.count + 1,
                frame.prev == trail.hash
            else {
                problem = try diagnose(line)
                break
            }
            trail.step(to: line)
            checkAnchors(at: frame.seq, line.hash, line.place)
        }
        return result(problem)
    }

    private mutating func checkAnchors(at seq: UInt64, _ hash: LineHash, _ place: LinePlace) {
        while let anchor = anchors.last, anchor.seq == seq {
            anchors.removeLast()
            let isSame = LineHash(hex: anchor.hash) == hash
            checked.append(CheckedAnchor(anchor: anchor, outcome: isSame ? .matches : .differs))
            if !isSame, contradicted == nil { contradicted = (anchor, place) }
        }
    }

    /// What is wrong with the first line that doesn't follow, from what comes after it.
    private mutating func diagnose(_ line: Line) throws(Failure) -> AuditProblem {
        let next = try stream.nextHashed(&digest)
        var later = Suspect.Later()
        if let frame = line.frame, frame.seq > trail.count + 1 {
            var following = next
            while let other = following {
                if let seq = other.frame?.seq { later.note(seq, expected: trail.count + 1, of: frame.seq) }
                following = try stream.nextHashed(&digest)
            }
        }
        let confirming = anchors.last { $0.seq == line.frame?.seq }.flatMap { LineHash(hex: $0.hash) }
        let suspect = Suspect(
            line: line, next: next, later: later, isConfirmed: confirming == line.hash,
            isLineBeforeConfirmed: checked.contains { $0.anchor.seq == trail.count && $0.outcome == .matches },
            isLastFile: line.place.file == files.last?.number)
        return suspect.problem(after: trail)
    }

    private func result(_ broken: AuditProblem?) -> AuditVerification {
        let isWhole = broken == nil || broken?.kind == .torn
        let rest = anchors.reversed().map { CheckedAnchor(anchor: $0, outcome: isWhole ? .missing : .unknown) }
        return AuditVerification(
            count: trail.count, head: AuditHead(seq: trail.count, hash: trail.hash.hex), files: files.count,
            problem: firstProblem(broken, isWhole: isWhole), anchors: checked + rest)
    }

    /// Where both the chain and an anchor are wrong, what stands first.
    private func firstProblem(_ broken: AuditProblem?, isWhole: Bool) -> AuditProblem? {
        if let contradicted, broken.map({ contradicted.anchor.seq < $0.seq || isWhole }) ?? true {
            return anchorProblem(contradicted.anchor, contradicted.place)
        }
        if isWhole, let missing = anchors.first { return truncated(missing) }
        return broken
    }

    private func anchorProblem(_ anchor: AuditHead, _ place: LinePlace) -> AuditProblem {
        let isLast = anchor.seq == trail.count
        return AuditProblem(
            kind: isLast ? .edited : .rewritten, file: LogDirectory.fileName(place.file), line: place.line,
            seq: anchor.seq,
            text: isLast
                ? "The last line is not the one that the anchor knows: it was edited, or lines were written anew."
                : "The line is not the one that the anchor knows, and yet the chain goes on: it was written anew"
                    + " from there or from an earlier line on.")
    }

    private func truncated(_ anchor: AuditHead) -> AuditProblem {
        let gone = anchor.seq - trail.count
        return AuditProblem(
            kind: .truncated, file: LogDirectory.fileName(trail.place?.file ?? files.last?.number ?? 1),
            line: (trail.place?.line ?? 0) + 1, seq: trail.count + 1,
            text: "The log ends with event \(trail.count), and an anchor knows event \(anchor.seq):"
                + " at least \(gone) \(gone == 1 ? "line is" : "lines are") gone.")
    }
}
