#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A moment as the log writes it.
package struct AuditTime: Sendable, Equatable {
    /// Microseconds since 1970, UTC.
    package var microseconds: Int64

    /// A moment by its microseconds since 1970.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// The present.
    package static var now: AuditTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return AuditTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// The moment that such a text names; nil when it is of another form.
    package init?(_ text: String) {
        let digits = text.utf8.map { $0 &- UInt8(ascii: "0") }
        guard digits.count == 27, text.hasSuffix("Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            digits[range].reduce(Int?(0)) { number, digit in
                number.flatMap { digit < 10 ? $0 * 10 + Int(digit) : nil }
            }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), let fraction = number(20..<26)
        else { return nil }
        var parts = tm()
        parts.tm_year = Int32(year) - 1900
        parts.tm_mon = Int32(month) - 1
        parts.tm_mday = Int32(day)
        parts.tm_hour = Int32(hour)
        parts.tm_min = Int32(minute)
        parts.tm_sec = Int32(second)
        self.init(microseconds: Int64(timegm(&parts)) * 1_000_000 + Int64(fraction))
    }

    /// RFC 3339 in UTC with microseconds: 27 characters in the years 1970 to 9999, so that texts compare as their
    /// moments do.
    package var text: String {
        let last: Int64 = 253_402_300_799_999_999
        let bounded = min(max(microseconds, 0), last)
        var seconds = time_t(bounded / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let year = padded(Int(parts.tm_year) + 1900, 4)
        let date = [parts.tm_mon + 1, parts.tm_mday].map { padded(Int($0), 2) }.joined(separator: "-")
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }.joined(separator: ":")
        return "\(year)-\(date)T\(time).\(padded(Int(bounded % 1_000_000), 6))Z"
    }
}

/// A number with zeros in front of it up to `width` digits.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(width - digits.count, 0)) + digits
}
