internal import Configuration
package import Essentials
internal import Hosts
internal import SSH

/// Reading and writing decisions on the voters' hosts.
extension RunSessions {
    /// What voters have recorded under a key: all at once, each for as long as the deadline, by voter.
    /// - Parameter voters: names of nodes and witnesses.
    /// - Throws: `unexpectedAnswer` when a record that is there can't be understood.
    package func decisions(
        _ key: DecisionKey, of voters: [String], until deadline: Deadline
    ) async throws(Failure) -> [String: DecisionAnswer] {
        try await perform(on: voters, until: deadline) { $0.read(key.fileName) }
    }

    /// Writes a record under a key where there is none yet, and returns what stands there then, by voter.
    ///
    /// What makes it a decision is that a majority of *all* voters holds it; that is for the caller to count.
    /// - Throws: `unexpectedAnswer` when a record that is there can't be understood.
    package func write(
        _ record: DecisionRecord, _ key: DecisionKey, on voters: [String], until deadline: Deadline
    ) async throws(Failure) -> [String: DecisionAnswer] {
        try await perform(on: voters, until: deadline) { $0.write(key.fileName, record.line) }
    }

    private func perform(
        on voters: [String], until deadline: Deadline, _ command: @escaping @Sendable (DecisionPlace) -> RemoteCommand
    ) async throws(Failure) -> [String: DecisionAnswer] {
        try await collect(voters, majority: voters.count / 2 + 1) { voter throws(Failure) in
            let place: DecisionPlace
            do throws(Failure) { place = try await self.place(of: voter, until: deadline) } catch {
                return .unreached(error)
            }
            return try await self.answer(command(place), until: deadline)
        }
    }

    /// What voters of a ballot say to the commands of a plan, by voter.
    func answers(
        _ commands: [RemoteCommand], of ballot: Ballot, until deadline: Deadline
    ) async throws(Failure) -> [String: DecisionAnswer] {
        let order = commands.map(\.node)
        let commands = Dictionary(commands.map { ($0.node, $0) }) { first, _ in first }
        return try await collect(order, majority: ballot.majority) { voter throws(Failure) in
            guard let command = commands[voter] else { return .none }
            return try await self.answer(command, until: deadline)
        }
    }

    /// Where a voter keeps its decisions; its host is looked at when it never was.
    func place(of voter: String, until deadline: Deadline) async throws(Failure) -> DecisionPlace {
        if let witness = cluster.witnesses.first(where: { $0.name == voter }) { return DecisionPlace(witness) }
        let node = try cluster.existingNode(named: voter)
        // Without a shell making one says why there is none.
        let shell = if let shell = shells[voter] { shell } else { try NodeShell(node) }
        return try DecisionPlace(node, await shell.lastFacts(until: deadline))
    }

    private func answer(_ command: RemoteCommand, until deadline: Deadline) async throws(Failure) -> DecisionAnswer {
        let result: CommandResult
        // What is read has no input, and a shell that is there can run it.
        let shell: Command.Shell = command.input.isEmpty ? .shared : .own
        do throws(Failure) { result = try await run(command, in: shell, until: deadline) } catch {
            return .unreached(error)
        }
        guard result.succeeded else {
            return .unreached(
                Failure(
                    .command, "\(command.name) failed", detail: result.summary,
                    hint: "Another directory for decisions is given with \"decisions\" in the configuration.",
                    node: command.node))
        }
        // A file without content is no record, and not none either.
        guard !result.output.isEmpty else { return .none }
        guard let record = DecisionRecord(line: result.outputText) else {
            let place = command.words.suffix(2).joined(separator: "/")
            throw Failure(
                .unexpectedAnswer, "the decision record \"\(place)\" of voter \"\(command.node)\" can't be understood",
                detail: "It holds: \(result.outputText.trimmed.prefix(200))",
                hint: "See from the other voters what was decided, and whether it was carried out, before removing it.",
                node: command.node)
        }
        return .record(record)
    }

    /// One answer of each voter, all at once; the failure of the first in their order, once all have answered.
    ///
    /// A majority suffices where the others are known to be silent.
    private func collect(
        _ voters: [String], majority: Int, _ body: @escaping @Sendable (String) async throws(Failure) -> DecisionAnswer
    ) async throws(Failure) -> [String: DecisionAnswer] {
        let results = await poll(
            voters, silent: silent(among: voters, byServer: false),
            suffices: { answers in answers.values.count { !$0.isUnreached } >= majority },
            { voter in await outcome { () throws(Failure) in try await body(voter) } })
        var answers: [String: DecisionAnswer] = [:]
        for voter in voters { answers[voter] = try results[voter]?.get() }
        return answers
    }
}

extension Result<DecisionAnswer, Failure> {
    fileprivate var isUnreached: Bool { if case .success(.unreached) = self { true } else { false } }
}
