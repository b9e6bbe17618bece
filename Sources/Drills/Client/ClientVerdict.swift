package import Essentials

/// How a measurement stands to what was asked of it.
package enum ClientVerdict: String, Sendable {
    /// Measured, and within the limits there are.
    case within
    /// A limit is exceeded for certain.
    case exceeded
    /// It can't be told.
    case notMeasured = "not_measured"
}

extension ClientMeasurement {
    /// How it stands to limits.
    /// - Parameters:
    ///   - outage: the longest time without an acknowledged commit; nil: any.
    ///   - loss: the most acknowledged commits that may be gone; nil: any number.
    package func verdict(outage limit: Duration?, loss most: Int?) -> ClientVerdict {
        let outage = longestOutage
        if let limit, let outage, outage.length > limit { return .exceeded }
        if let most, let lost, lost.count > most { return .exceeded }
        guard !isDownAtEnd, lost != nil || (most == nil && limit != nil), let outage, limit == nil || !outage.isAtLeast
        else { return .notMeasured }
        return .within
    }

    /// Why the role change that a run was for is not proven; nil: a write went through the path to the new primary.
    /// - Parameters:
    ///   - promotes: whether the run makes another node the primary.
    ///   - replaced: the timeline that ended with that; nil: the one that the last commit before the run was written on.
    package func doubt(promotes: Bool, replacing replaced: Int? = nil) -> Failure? {
        let tried = errors.last.map { "The last attempt: \($0.text)" }
        guard !isDownAtEnd, let last = record.commits.last else {
            return Failure(
                .notProven,
                promotes
                    ? "the role change is not proven: no write went through path \"\(path)\" after it"
                    : "that clients can write is not proven: at the end no write went through path \"\(path)\"",
                detail: tried ?? "No attempt was answered in time.",
                hint: (promotes ? "Lead the path to the new primary, then try it" : "Try the path")
                    + ": pgdr drill probe --path \(path)")
        }
        let server = server(of: last)
        let before = replaced ?? lastBeforeRun.flatMap { self.server(of: $0)?.timeline }
        if promotes, let before, let timeline = server?.timeline, timeline <= before {
            return Failure(
                .notProven, "the role change is not proven: path \"\(path)\" still leads to the old primary",
                detail: "The last write was acknowledged by \(server?.text ?? "it").",
                hint: "Keep clients away from it: pgdr run fence NODE. Then lead the path to the new primary.")
        }
        return nil
    }

    /// What the audit log keeps of it beside the run that it judged.
    package func summary(doubt: Failure?) -> ProbeSummary { ProbeSummary(self, isProven: doubt == nil, doubt: doubt) }

    /// What the audit log keeps of it where it judged none.
    package var summary: ProbeSummary { ProbeSummary(self, isProven: nil, doubt: nil) }
}
