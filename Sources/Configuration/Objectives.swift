import Essentials

/// What a role change may cost applications, as their operators mean it.
package struct Objectives: Sendable, Equatable {
    /// The longest time without an acknowledged commit (recovery time objective); nil: any.
    package var rto: Duration?
    /// How many acknowledged commits may be gone (recovery point objective); nil: any number.
    package var rpo: Int?

    /// Objectives by their parts.
    package init(rto: Duration? = nil, rpo: Int? = nil) {
        self.rto = rto
        self.rpo = rpo
    }

    /// Reads the mapping under `objectives`.
    init(_ value: YAMLValue) throws(Failure) {
        self.init()
        let fields = try value.fields("a mapping of \"rto\" and \"rpo\"", for: "objectives", known: ["rto", "rpo"])
        if let value = fields["rto"] {
            rto = try Quantity.duration(value, for: "objectives.rto", in: .milliseconds(1) ... .seconds(7 * 86_400))
        }
        if let value = fields["rpo"] {
            rpo = try value.wholeNumber(in: 0...1_000_000_000, for: "objectives.rpo")
        }
    }
}

extension ConfigurationWriter {
    /// The lines of a cluster about its objectives.
    static func lines(of objectives: Objectives) -> [String] {
        let parts = [
            objectives.rto.map { "rto: \(QuantityText.duration($0))" }, objectives.rpo.map { "rpo: \($0)" },
        ].compactMap(\.self)
        return [
            "# What a role change may cost: a time without commits, a number of acknowledged commits that are lost.",
            parts.isEmpty ? "# objectives: {rto: 30s, rpo: 0}" : "objectives: {\(parts.joined(separator: ", "))}",
        ]
    }
}
