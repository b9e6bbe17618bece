/// The last line of a log, or any line that is known from elsewhere: an anchor.
///
/// A chain can't show that its newest lines were cut or that all of it was written anew; a head that is kept
/// somewhere else can.
package struct AuditHead: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The number of the line's event; 0 for a log without any.
    package var seq: UInt64
    /// The SHA-256 of the line's bytes without the newline, 64 hexadecimal digits; zeros for a log without events.
    package var hash: String

    /// A head by its parts.
    package init(seq: UInt64, hash: String) {
        self.seq = seq
        self.hash = hash
    }

    /// The head that `SEQ:HASH` names; nil when the text is something else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seq = UInt64(parts[0]),
            let hash = LineHash(hex: parts[1])
        else { return nil }
        self.init(seq: seq, hash: hash.hex)
    }

    /// The head as `SEQ:HASH`.
    package var description: String { "\(seq):\(hash)" }
}
