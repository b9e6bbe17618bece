/// Bytes and seconds as people read them.
public enum Quantity {
    /// Bytes with three figures and PostgreSQL's units, such as `2.25 GB` for 2414498816 (1 kB = 1024 bytes).
    public static func bytes(_ bytes: UInt64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var value = Double(bytes)
        var unit = 0
        // 1023.5 would be rounded to a figure that the next unit shows better.
        while unit < units.count - 1, value >= (unit == 0 ? 1024 : 1023.5) {
            value /= 1024
            unit += 1
        }
        if unit == 0 { return "\(bytes) B" }
        return "\(fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0)) \(units[unit])"
    }

    /// Seconds such as `0.0 s`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`.
    public static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "?" }
        let value = abs(seconds)
        let sign = seconds <= -0.05 ? "-" : ""
        if value < 59.95 { return "\(sign)\(fixed(value, 1)) s" }
        let whole = Int64(min(value.rounded(), 1e15))
        switch whole {
        case ..<3600: return "\(sign)\(whole / 60) min \(whole % 60) s"
        case ..<86_400: return "\(sign)\(whole / 3600) h \(whole % 3600 / 60) min"
        default: return "\(sign)\(whole / 86_400) d \(whole % 86_400 / 3600) h"
        }
    }

    /// A number with that many decimal places, a dot between, whatever the locale.
    public static func fixed(_ value: Double, _ places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e18 else { return "\(value)" }
        let number = UInt64(scaled)
        let divisor = UInt64(scale)
        let sign = value < 0 && number > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(number)" }
        let fraction = String(number % divisor)
        return "\(sign)\(number / divisor).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
    }
}
