internal import Essentials
package import Replication

/// What came of looking at one part of the estate.
package struct EstateResult: Sendable, Equatable {
    /// What kind of part it is.
    package enum Subject: String, Sendable {
        case server
        case service
        case pipeline
    }

    /// How it ended.
    package enum Outcome: String, Sendable {
        /// As expected.
        case pass
        /// Not as expected.
        case fail
        /// Not looked at, since it is declared as not there yet.
        case skip
    }

    /// Its name; of a pipeline with several targets `NAME:TARGET`.
    package var name: String
    /// What kind of part it is.
    package var subject: Subject
    /// `ssh`, a service's kind, or `pipeline`.
    package var kind: String
    /// What it is counted under.
    package var category: String
    /// The server it is or runs on; nil: not said.
    package var server: String?
    /// The service that a pipeline is to reach; nil for all else.
    package var target: String?
    /// Where it is, as a person writes it; nil: not said.
    package var place: String?
    /// What was found.
    package var finding: EstateFinding
    /// How long the answer took, in seconds; nil without an answer.
    package var latency: Double?

    /// A result by its parts.
    package init(
        name: String, subject: Subject, kind: String, category: String, server: String? = nil, target: String? = nil,
        place: String? = nil, finding: EstateFinding, latency: Double? = nil
    ) {
        self.name = name
        self.subject = subject
        self.kind = kind
        self.category = category
        self.server = server
        self.target = target
        self.place = place
        self.finding = finding
        self.latency = latency
    }

    /// How it ended.
    package var outcome: Outcome { finding.outcome }
}

/// What an answer means beside what was expected of it.
package struct EstateFinding: Sendable, Equatable {
    /// How it ended.
    package var outcome: EstateResult.Outcome
    /// How bad it is: `ok` unless it failed; `warning` where it still works.
    package var severity: Severity
    /// What was seen, or why it failed or was left out: one line, no secret.
    package var reason: String
    /// What a person can do; nil: nothing general.
    package var hint: String?

    /// A finding by its parts.
    package init(outcome: EstateResult.Outcome, severity: Severity, reason: String, hint: String? = nil) {
        self.outcome = outcome
        self.severity = severity
        self.reason = reason.onOneLine
        self.hint = hint?.onOneLine
    }

    /// All is as expected.
    package static func pass(_ reason: String) -> EstateFinding {
        EstateFinding(outcome: .pass, severity: .ok, reason: reason)
    }

    /// Something isn't.
    package static func fail(
        _ reason: String, hint: String? = nil, severity: Severity = .critical
    ) -> EstateFinding { EstateFinding(outcome: .fail, severity: severity, reason: reason, hint: hint) }

    /// Nobody looked.
    package static func skip(_ reason: String) -> EstateFinding {
        EstateFinding(outcome: .skip, severity: .ok, reason: reason)
    }
}

/// How many parts passed, failed and were left out.
package struct EstateTally: Sendable, Equatable {
    /// All of them.
    package var total = 0
    /// Those that are as expected.
    package var passed = 0
    /// Those that aren't.
    package var failed = 0
    /// Those that nobody looked at.
    package var skipped = 0

    /// The tally of some results.
    package init(_ results: some Sequence<EstateResult>) {
        for result in results {
            total += 1
            switch result.outcome {
            case .pass: passed += 1
            case .fail: failed += 1
            case .skip: skipped += 1
            }
        }
    }

    /// A tally by its parts.
    package init(passed: Int, failed: Int, skipped: Int) {
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
        total = passed + failed + skipped
    }

    /// Those that passed among those looked at, from 0 to 1; nil when none was.
    package var rate: Double? {
        passed + failed == 0 ? nil : Double(passed) / Double(passed + failed)
    }
}

extension [EstateResult] {
    /// The worst of all; unknown when nothing was looked at.
    package var severity: Severity { filter { $0.outcome != .skip }.map(\.finding.severity).max() ?? .unknown }

    /// The results of each category, in the order in which categories first appear.
    package var byCategory: [(category: String, results: [EstateResult])] {
        var order: [String] = []
        var groups: [String: [EstateResult]] = [:]
        for result in self {
            if groups[result.category] == nil { order.append(result.category) }
            groups[result.category, default: []].append(result)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }
}
