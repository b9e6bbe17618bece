internal import Essentials

/// All voters on replacing a primary, and how each is asked for its record; in its final form, as a plan shows it.
package struct Ballot: Sendable, Equatable, Codable {
    /// The name of the record; see `DecisionKey.fileName`.
    package var name: String
    /// The node that is to be promoted.
    package var nominee: String
    /// The command that prints its record, of each voter that can be asked, in the voters' order.
    package var reads: [RemoteCommand]
    /// The voters that can't be asked, as far as is known when the plan is made.
    package var unasked: [Unasked]

    /// A voter that can't be asked.
    package struct Unasked: Sendable, Equatable, Codable {
        /// Its name.
        package var voter: String
        /// Why.
        package var reason: String
    }

    /// How many voters there are, whether they can be asked or not.
    package var count: Int { reads.count + unasked.count }
    /// The least number that is more than half of all.
    package var majority: Int { count / 2 + 1 }
}

/// Writing a decision down on the voters; in its final form but for who does it and when.
package struct DecisionAct: Sendable, Equatable, Codable {
    /// The voters.
    package var ballot: Ballot
    /// What is written.
    package var draft: Draft
    /// The command that writes the record it reads, of each voter that can be asked.
    package var writes: [RemoteCommand]
    /// Whether it counts without a majority.
    package var acceptsNoQuorum: Bool

    /// What of a record is known when the plan is made.
    package struct Draft: Sendable, Equatable, Codable {
        /// The primary that is replaced.
        package var replaces: String
        /// The run.
        package var run: String
        /// The alert that caused it; nil: none.
        package var trigger: String?
        /// Whether nobody asked for it but the configuration; nil: not said.
        package var automatic: Bool?
    }

    /// The record as it is written.
    func record(by actor: String, at time: String) -> DecisionRecord {
        DecisionRecord(
            nominee: ballot.nominee, replaces: draft.replaces, run: draft.run, trigger: draft.trigger,
            automatic: draft.automatic, by: actor, at: time)
    }
}

/// How the voters' records stand to a nominee.
struct DecisionTally: Sendable, Equatable {
    /// The voters whose record names it.
    var agreeing: [String] = []
    /// The voters whose record names another node.
    var others: [(voter: String, record: DecisionRecord)] = []
    /// The voters that have none.
    var open: [String] = []
    /// The voters that could not be asked, and why.
    var unreached: [(voter: String, reason: String)] = []

    /// The tally of answers, in the voters' order.
    init(_ ballot: Ballot, _ answers: [String: DecisionAnswer]) {
        unreached = ballot.unasked.map { ($0.voter, $0.reason) }
        for voter in ballot.reads.map(\.node) {
            switch answers[voter] {
            case .record(let record) where record.nominee == ballot.nominee: agreeing.append(voter)
            case .record(let record): others.append((voter, record))
            case .unreached(let failure): unreached.append((voter, failure.text))
            case .some(.none), nil: open.append(voter)
            }
        }
    }

    static func == (left: DecisionTally, right: DecisionTally) -> Bool {
        left.agreeing == right.agreeing && left.open == right.open
            && left.others.elementsEqual(right.others, by: ==)
            && left.unreached.elementsEqual(right.unreached, by: ==)
    }

    /// The records that name another node, in words; nil where there are none.
    var otherwise: String? {
        others.isEmpty
            ? nil
            : others.map { "\($0.voter) has \"\($0.record.nominee)\" (run \($0.record.run))" }.joined(separator: ", ")
    }

    /// The voters that could not be asked, in words; nil where there are none.
    var missing: String? {
        unreached.isEmpty ? nil : unreached.map { "\($0.voter) (\($0.reason))" }.joined(separator: ", ")
    }

    /// Why nobody may go on with the nominee, whoever accepts what; nil: nothing forbids it.
    func contradiction(to nominee: String) -> Failure? {
        guard let otherwise else { return nil }
        return Failure(
            .refused, "it was decided otherwise than to promote node \"\(nominee)\"",
            detail: "Voter \(otherwise).",
            hint: "Complete what was decided, or see that it was not and cannot be carried out any more.",
            node: others.first?.voter)
    }

    /// Why it doesn't count as decided; nil: it is.
    func failure(_ act: DecisionAct) -> Failure? {
        let ballot = act.ballot
        if let failure = contradiction(to: ballot.nominee) { return failure }
        guard !act.acceptsNoQuorum, agreeing.count < ballot.majority else { return nil }
        let holders = agreeing.isEmpty ? "none" : agreeing.joined(separator: ", ")
        return Failure(
            .refused,
            "of \(ballot.count) voters \(ballot.majority) must hold the decision to promote node \"\(ballot.nominee)\"",
            detail: "It is held by \(holders)" + (missing.map { ", and not by \($0)" } ?? "") + ".",
            hint: "Bring voters back. Once it is certain that nobody else promotes another node: accept_no_quorum=true."
        )
    }
}
