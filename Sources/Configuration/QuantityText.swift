/// Writes quantities in the largest unit that divides them, as PostgreSQL's `SHOW` does.
enum QuantityText {
    /// A size: `16MB`.
    static func bytes(_ bytes: UInt64) -> String { text(bytes, in: Quantity.byteUnits) }

    /// A length of time, without what is below a microsecond: `5min`.
    static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        return microseconds > 0 ? text(UInt64(microseconds), in: Quantity.timeUnits) : "0s"
    }

    /// A length of time given in seconds.
    static func seconds(_ seconds: Double) -> String { duration(.seconds(seconds)) }

    /// A percentage: `80%`.
    static func percent(_ percent: Double) -> String {
        let text = String(percent)
        return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "%"
    }

    private static func text(_ number: UInt64, in units: [Quantity.Unit]) -> String {
        let unit = units.last { number >= $0.size && number % $0.size == 0 } ?? units[0]
        return "\(number / unit.size)\(unit.name)"
    }
}
