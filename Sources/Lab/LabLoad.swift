package import Essentials
internal import Subprocess

/// A steady stream of small transactions on one node, so that there is WAL to be behind by.
///
/// Each row of `pgdr_load` is a transaction of its own and holds the server's time at which it was made.
package struct LabLoad: Sendable {
    /// Where the rows go; a server that takes writes.
    package var node: LabNode
    /// Rows a second; what the server doesn't manage in time is made up for later.
    package var rowsPerSecond: Int
    /// How long it goes on.
    package var duration: Duration

    /// What was done so far.
    package struct Progress: Sendable, Equatable {
        /// Rows handed to psql.
        package var sent = 0
        /// Rows whose commit the server acknowledged.
        package var acknowledged = 0
        /// Time since the first row.
        package var elapsed: Duration = .zero
    }

    /// A load of that rate and length.
    package init(node: LabNode, rowsPerSecond: Int, duration: Duration) {
        self.node = node
        self.rowsPerSecond = rowsPerSecond
        self.duration = duration
    }

    /// Runs the load to its end and returns what came of it; makes the table if it is missing.
    ///
    /// A server that stands still keeps it waiting, beyond its duration too; cancel it then.
    /// - Parameter progress: called about each second with what was done so far.
    /// - Throws: `lab` when the server ends or refuses a row, with the number of acknowledged rows in the detail;
    ///   `cancelled`.
    @discardableResult
    package func run(
        _ progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws(Failure) -> Progress {
        guard rowsPerSecond > 0 else { throw Failure(.lab, "a load needs at least one row a second") }
        guard try await node.psql("SELECT pg_is_in_recovery()") == "f" else {
            throw Failure(
                .refused, "node \"\(node.name)\" is a standby and takes no writes", hint: "Name the primary.",
                node: node.name)
        }
        try await node.psql(Self.table)
        let program = node.session(purpose: "write to node \"\(node.name)\"")
        let counter = LoadCounter()
        do {
            let pipe = try ProgramPipe()
            let result = try await Subprocess.run(
                program.configuration, input: .fileDescriptor(pipe.reading, closeAfterSpawningProcess: false),
                output: .sequence, error: .string(limit: 1 << 20)
            ) { execution in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await write(to: pipe, counter, progress) }
                    // psql confirms each statement with a line of its own. When it ends early, so does this loop,
                    // and there is nobody left to write to; why is in what psql said, below.
                    for try await line in execution.standardOutput.strings() where line.hasPrefix("INSERT") {
                        await counter.acknowledge()
                    }
                    group.cancelAll()
                }
            }
            guard result.terminationStatus.isSuccess else {
                throw refusal(await counter.progress, result.standardError)
            }
        } catch {
            if Task.isCancelled { throw program.cancelled }
            if let failure = error as? Failure { throw failure }
            throw refusal(await counter.progress, "\(error)")
        }
        let end = await counter.progress
        progress(end)
        return end
    }

    private func write(
        to pipe: ProgramPipe, _ counter: LoadCounter, _ progress: @Sendable (Progress) -> Void
    ) async throws {
        let start = ContinuousClock.now
        var sent = 0
        var reported = 0
        while true {
            let elapsed = min(ContinuousClock.now - start, duration)
            let due = Int(elapsed.seconds * Double(rowsPerSecond))
            while sent < due {
                let rows = min(due - sent, 100)
                guard try pipe.write(Array(String(repeating: Self.row, count: rows).utf8)) else { break }
                sent += rows
            }
            await counter.send(sent, elapsed)
            if Int(elapsed.seconds) > reported {
                reported = Int(elapsed.seconds)
                progress(await counter.progress)
            }
            if elapsed >= duration, sent == due, try pipe.write(Array("\\q\n".utf8)) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func refusal(_ progress: Progress, _ words: String) -> Failure {
        Failure(
            .lab, "the load on node \"\(node.name)\" was cut off",
            detail: "\(progress.acknowledged) rows were acknowledged of \(progress.sent) sent. \(words)",
            hint: "Is it still the primary, and does it run? See: pgdr lab status", node: node.name)
    }

    private static let table = """
        SET client_min_messages = error;
        CREATE TABLE IF NOT EXISTS pgdr_load (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());

        """
    private static let row = "INSERT INTO pgdr_load DEFAULT VALUES;\n"
}

/// Counts what the writing and the reading side of a load have seen.
private actor LoadCounter {
    var progress = LabLoad.Progress()
    func send(_ rows: Int, _ elapsed: Duration) { (progress.sent, progress.elapsed) = (rows, elapsed) }
    func acknowledge() { progress.acknowledged += 1 }
}
