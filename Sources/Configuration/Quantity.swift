import Essentials

/// A number with a unit, as PostgreSQL's own settings are written: `16MB`, `1.5 GB`, `30s`.
enum Quantity {
    /// A unit and how many of the smallest unit it is.
    struct Unit {
        var name: String
        var size: UInt64
    }

    /// PostgreSQL's units of memory, 1024 each, then other spellings of the same.
    static let byteUnits = [
        Unit(name: "B", size: 1), Unit(name: "kB", size: 1 << 10), Unit(name: "MB", size: 1 << 20),
        Unit(name: "GB", size: 1 << 30), Unit(name: "TB", size: 1 << 40),
    ]
    private static let otherByteUnits = [
        Unit(name: "KB", size: 1 << 10), Unit(name: "KiB", size: 1 << 10), Unit(name: "MiB", size: 1 << 20),
        Unit(name: "GiB", size: 1 << 30), Unit(name: "TiB", size: 1 << 40),
    ]

    /// PostgreSQL's units of time, in microseconds.
    static let timeUnits = [
        Unit(name: "us", size: 1), Unit(name: "ms", size: 1_000), Unit(name: "s", size: 1_000_000),
        Unit(name: "min", size: 60_000_000), Unit(name: "h", size: 3_600_000_000),
        Unit(name: "d", size: 86_400_000_000),
    ]

    /// A size in bytes, rounded to the nearest byte.
    static func bytes(_ value: YAMLValue, for key: String) throws(Failure) -> UInt64 {
        let text = try value.text("a size such as 16MB", for: key)
        let parts = try parts(of: text, at: value.location, key: key, example: "MB", units: byteUnits)
        let known = byteUnits + otherByteUnits
        return try number(parts, units: known, named: byteUnits, text: text, at: value.location, key: key)
    }

    /// A length of time, rounded to the nearest microsecond.
    static func duration(_ value: YAMLValue, for key: String) throws(Failure) -> Duration {
        try duration(value.text("a duration such as 30s", for: key), at: value.location, for: key)
    }

    /// A length of time from the first to the last of `range`.
    static func duration(
        _ value: YAMLValue, for key: String, in range: ClosedRange<Duration>
    ) throws(Failure) -> Duration {
        let duration = try duration(value, for: key)
        guard range.contains(duration) else {
            let ends = [range.lowerBound, range.upperBound].map(QuantityText.duration)
            throw .configuration(at: value.location, "\"\(key)\" must be between \(ends[0]) and \(ends[1])")
        }
        return duration
    }

    /// A length of time, rounded to the nearest microsecond.
    static func duration(
        _ text: String, at location: SourceLocation, for key: String
    ) throws(Failure) -> Duration {
        let parts = try parts(of: text, at: location, key: key, example: "s", units: timeUnits)
        let microseconds = try number(parts, units: timeUnits, named: timeUnits, text: text, at: location, key: key)
        return .microseconds(Int64(microseconds))
    }

    /// A percentage from 0 to 100.
    static func percent(_ value: YAMLValue, for key: String) throws(Failure) -> Double {
        let text = try value.text("a percentage such as 80%", for: key)
        let units = [Unit(name: "%", size: 1)]
        let parts = try parts(of: text, at: value.location, key: key, example: "%", units: units)
        guard parts.unit == "%", let number = Double(parts.number), number <= 100 else {
            throw invalid(text, at: value.location, key: key, detail: "It must be between 0% and 100%.")
        }
        return number
    }

    private struct Parts {
        var number: Substring
        var unit: Substring
    }

    /// Splits `1.5 GB` into its number and its unit; signs, exponents and names of numbers are refused.
    private static func parts(
        of text: String, at location: SourceLocation, key: String, example: String, units: [Unit]
    ) throws(Failure) -> Parts {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text[number.endIndex...].drop { $0 == " " }
        let digits = number.split(separator: ".", omittingEmptySubsequences: false)
        guard digits.count <= 2, digits.allSatisfy({ !$0.isEmpty }) else {
            let negative = text.first == "-"
            throw invalid(
                text, at: location, key: key,
                detail: negative ? "It must not be negative." : "It must be a number and a unit.",
                hint: "Valid units are \(quotedList(units.map(\.name))).")
        }
        guard !unit.isEmpty else {
            throw invalid(
                text, at: location, key: key, detail: "It has no unit.",
                hint: units.count == 1
                    ? "Write \"\(text)\(example)\"."
                    : "Valid units are \(quotedList(units.map(\.name))); write \"\(text)\(example)\", for example.")
        }
        return Parts(number: number, unit: unit)
    }

    /// The number in the smallest unit: exact, in integers, so that no size loses its last bytes.
    private static func number(
        _ parts: Parts, units: [Unit], named: [Unit], text: String, at location: SourceLocation, key: String
    ) throws(Failure) -> UInt64 {
        guard let unit = units.first(where: { $0.name == parts.unit }) else {
            let meant = named.first { $0.name.lowercased() == parts.unit.lowercased() }
            throw invalid(
                text, at: location, key: key, detail: "Valid units are \(quotedList(named.map(\.name))).",
                hint: meant.map { "Did you mean \"\(parts.number)\($0.name)\"?" })
        }
        let digits = parts.number.split(separator: ".")
        let fraction = digits.count == 2 ? digits[1] : ""
        guard let mantissa = UInt64(digits[0] + fraction), let divisor = power(ofTen: fraction.count) else {
            throw invalid(text, at: location, key: key, detail: "It is too large or has too many digits.")
        }
        let product = mantissa.multipliedFullWidth(by: unit.size)
        // `dividingFullWidth` traps when the quotient has no room; a quotient above Int64.max is too large anyway.
        guard product.high < divisor else {
            throw invalid(text, at: location, key: key, detail: "It is too large or has too many digits.")
        }
        let (quotient, remainder) = divisor.dividingFullWidth(product)
        guard quotient < UInt64(Int64.max) else {
            throw invalid(text, at: location, key: key, detail: "It is too large or has too many digits.")
        }
        return remainder >= divisor - remainder ? quotient + 1 : quotient
    }

    private static func power(ofTen exponent: Int) -> UInt64? {
        var power: UInt64 = 1
        for _ in 0..<exponent {
            let (product, overflow) = power.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            power = product
        }
        return power
    }

    private static func invalid(
        _ text: String, at location: SourceLocation, key: String, detail: String, hint: String? = nil
    ) -> Failure {
        .configuration(
            at: location, "invalid value for \"\(key)\"\(text.echo.isEmpty ? "" : ":")\(text.echo)", detail: detail,
            hint: hint)
    }
}
