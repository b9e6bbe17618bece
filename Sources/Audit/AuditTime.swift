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
