import Essentials
import Replication

extension Thresholds {
    /// Reads the mapping under `thresholds`; what it leaves out keeps its default.
    init(_ value: YAMLValue) throws(Failure) {
        self.init()
        let fields = try value.fields(
            "a mapping", for: "thresholds",
            known: ["lag_bytes", "lag_seconds", "retained_wal", "clock_offset", "connections", "archive_delay"])
        try Self.read("lag_bytes", fields, into: &lagBytes, Quantity.bytes)
        try Self.read("lag_seconds", fields, into: &lagSeconds, Self.seconds)
        try Self.read("retained_wal", fields, into: &retainedWAL, Quantity.bytes)
        try Self.read("clock_offset", fields, into: &clockOffset, Self.seconds)
        try Self.read("connections", fields, into: &connections, Quantity.percent)
        try Self.read("archive_delay", fields, into: &archiveDelay, Self.seconds)
    }

    private static func seconds(_ value: YAMLValue, for key: String) throws(Failure) -> Double {
        try Quantity.duration(value, for: key).seconds
    }

    /// Reads one pair of limits: `off`, or a mapping of `warning` and `critical`, each a quantity or `off`.
    private static func read<Value>(
        _ key: String, _ fields: YAMLValue.Fields, into limits: inout Limits<Value>,
        _ quantity: (YAMLValue, String) throws(Failure) -> Value
    ) throws(Failure) {
        guard let value = fields[key] else { return }
        if value.isOff {
            limits = Limits(warning: nil, critical: nil)
            return
        }
        let pair = try value.fields(
            "\"off\" or a mapping of \"warning\" and \"critical\"", for: key, known: ["warning", "critical"])
        if let warning = pair["warning"] {
            limits.warning = warning.isOff ? nil : try quantity(warning, "\(key).warning")
        }
        if let critical = pair["critical"] {
            limits.critical = critical.isOff ? nil : try quantity(critical, "\(key).critical")
        }
        guard let warning = limits.warning, let critical = limits.critical, warning > critical else { return }
        let isDefault = pair["critical"] == nil || pair["warning"] == nil
        throw .configuration(
            at: (pair["warning"] ?? pair["critical"] ?? value).location,
            "the warning limit of \"\(key)\" lies above the critical one",
            detail: isDefault ? "The limit that isn't given has its default." : nil,
            hint: isDefault ? "Give both, or switch the other one \"off\"." : nil)
    }
}
