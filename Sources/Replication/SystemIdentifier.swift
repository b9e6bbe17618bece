/// The number initdb gave a cluster (`pg_control_system().system_identifier`): primary and standbys share it.
public struct SystemIdentifier: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The number in decimal; a text, since it doesn't fit where numbers are floating point.
    public let rawValue: String

    /// The identifier with this decimal number, nil when it is no unsigned 64-bit number.
    public init?(rawValue: String) {
        guard let number = UInt64(rawValue), String(number) == rawValue else { return nil }
        self.rawValue = rawValue
    }

    /// The decimal number.
    public var description: String { rawValue }
}
