/// The last line that follows from the one before it, and that one.
struct Trail: Sendable {
    /// The number of the last good event; 0 before the first.
    private(set) var count: UInt64 = 0
    /// The hash of the last good line; zero before the first.
    private(set) var hash = LineHash.zero
    /// The hash of the line before the last good one.
    private(set) var hashBefore: LineHash?
    /// Where the last good line stands; nil before the first.
    private(set) var place: LinePlace?

    mutating func step(to line: Line) {
        count += 1
        hashBefore = hash
        hash = line.hash
        place = line.place
    }
}

/// A line that doesn't follow from the one before it, and what tells why.
struct Suspect: Sendable {
    var line: Line
    /// The line after it; nil when it is the last one.
    var next: Line?
    var later: Later
    /// Whether an anchor knows the line as it is.
    var isConfirmed: Bool
    /// Whether an anchor knows the line before it as it is.
    var isLineBeforeConfirmed: Bool
    var isLastFile: Bool

    /// What the lines after it show; looked at when its number is greater than it should be.
    struct Later: Sendable {
        /// Whether the event that should stand in the line's place comes later.
        private(set) var hasExpected = false
        /// Whether the line's own number comes again.
        private(set) var hasSame = false
        /// The greatest number there is.
        private(set) var greatest: UInt64 = 0

        mutating func note(_ seq: UInt64, expected: UInt64, of own: UInt64) {
            hasExpected = hasExpected || seq == expected
            hasSame = hasSame || seq == own
            greatest = max(greatest, seq)
        }
    }

    /// What was done, as well as can be told.
    func problem(after trail: Trail) -> AuditProblem {
        let expected = trail.count + 1
        if line.place.ending == .endOfFile { return cut(expected) }
        if line.place.ending == .tooLong { return here(.malformed, expected, "It is longer than any event.") }
        // Without this line all would be well.
        let isSuperfluous = next?.frame.map { $0.seq == expected && $0.prev == trail.hash } ?? false
        if isSuperfluous, !isMovedUp(expected) { return here(.inserted, expected, inserted(trail)) }
        guard let frame = line.frame else {
            return here(.malformed, expected, "It does not begin and end as an event does.")
        }
        if frame.prev == trail.hash {
            return here(.edited, expected, "Its number is \(frame.seq) where \(expected) follows.")
        }
        if frame.seq == expected { return altered(trail, expected) }
        if frame.seq > expected { return missing(frame.seq, expected) }
        if line.hash == trail.hash { return here(.inserted, expected, "It is a copy of the line before it.") }
        if frame.seq == trail.count, frame.prev == trail.hashBefore, let place = trail.place {
            return at(
                place, .inserted, trail.count,
                "The line after it has the same number and follows from the one before it.")
        }
        return here(
            .inserted, expected,
            "It is event \(frame.seq) where event \(expected) follows: it was added, or copied from elsewhere.")
    }

    /// Whether the line is missing from a later place.
    private func isMovedUp(_ expected: UInt64) -> Bool {
        guard let seq = line.frame?.seq, seq > expected else { return false }
        return !later.hasSame && seq - 1 <= later.greatest
    }

    /// The numbers are right and the hashes are not: either line may have been edited.
    private func altered(_ trail: Trail, _ expected: UInt64) -> AuditProblem {
        guard let place = trail.place else {
            return here(.edited, expected, "It names a line before it, and is the first one.")
        }
        // The line after it tells of this line as it was written.
        let isAsWritten = next.map { $0.frame?.prev == line.hash } ?? isConfirmed
        if isAsWritten, !isLineBeforeConfirmed {
            return at(place, .edited, trail.count, "Its SHA-256 is not the one that the line after it names.")
        }
        if next != nil || isLineBeforeConfirmed {
            return here(.edited, expected, "It names another line before it than the one that is there.")
        }
        return at(
            place, .edited, trail.count,
            "Its SHA-256 is not the one that the line after it, the last one, names: one of the two was edited.")
    }

    private func missing(_ seq: UInt64, _ expected: UInt64) -> AuditProblem {
        guard !later.hasExpected else {
            return here(.reordered, expected, "It is event \(seq); event \(expected), which belongs here, comes later.")
        }
        let gone = seq - expected
        let which = gone == 1 ? "event \(expected) is" : "events \(expected) to \(seq - 1) are"
        return here(.deleted, expected, "Before it \(which) gone.")
    }

    private func cut(_ expected: UInt64) -> AuditProblem {
        isLastFile
            ? here(.torn, expected, "It was not written to its end; the next event will tell of it.")
            : here(.malformed, expected, "It has no newline at its end, and there is a file after it.")
    }

    private func inserted(_ trail: Trail) -> String {
        line.hash == trail.hash
            ? "It is a copy of the line before it." : "The line after it follows from the one before it."
    }

    private func here(_ kind: AuditProblem.Kind, _ seq: UInt64, _ text: String) -> AuditProblem {
        at(line.place, kind, seq, text)
    }

    private func at(_ place: LinePlace, _ kind: AuditProblem.Kind, _ seq: UInt64, _ text: String) -> AuditProblem {
        AuditProblem(
            kind: kind, file: LogDirectory.fileName(place.file), line: place.line, seq: seq, text: text)
    }
}
