internal import Replication

/// Short times as text.
package enum SpanText {
    /// Seconds as the configuration has them, such as `5s` or `1500ms`.
    package static func configured(_ seconds: Double) -> String {
        let milliseconds = (seconds * 1000).rounded()
        return milliseconds.remainder(dividingBy: 1000) == 0
            ? "\(Quantity.fixed(milliseconds / 1000, 0))s" : "\(Quantity.fixed(milliseconds, 0))ms"
    }

    /// Seconds that were measured, such as `0.8 ms`, `12 ms`, `2.4 s` or `1 min 10 s`.
    package static func measured(_ seconds: Double) -> String {
        guard seconds < 0.9995 else { return Quantity.seconds(seconds) }
        return "\(Quantity.fixed(seconds * 1000, seconds < 0.009_95 ? 1 : 0)) ms"
    }
}
