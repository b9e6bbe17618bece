internal import Essentials
internal import Postgres

/// One of a probe's servers: the session there and what is done with it.
struct ProbedServer: Sendable {
    let probe: WriteProbe
    let connection: ConnectionString
    /// Its place among the probe's connections.
    let index: Int
    let log: ProbeLog

    /// Pause between two looks while nobody takes writes.
    private static let look: Duration = .milliseconds(1)
    /// Pause between two attempts to connect while nobody takes writes: each costs the server a process.
    private static let attempt: Duration = .milliseconds(5)
    /// The same while another server takes writes.
    private static let rest: Duration = .milliseconds(250)

    /// Keeps a session and writes whenever this is the server that takes writes; ends when the task is cancelled or
    /// the probe is given up.
    func run() async {
        var settings = SessionSettings(
            access: .readWrite, statementTimeout: probe.statementTimeout, applicationName: ProbeLog.applicationName)
        settings.durability = .asConfigured
        while !Task.isCancelled {
            do {
                let deadline = Deadline.after(probe.statementTimeout)
                var session = try await Connection.open(connection, settings, until: deadline)
                try await watch(&session)
                return
            } catch .failure(let failure) {
                // Nothing that time heals.
                return log.giveUp(failure)
            } catch {
                let failure = error.failure()
                log.troubled(index, failure.detail ?? failure.message)
                await pause()
            }
        }
    }

    /// Until the next attempt to connect.
    private func pause() async {
        let rest = Deadline.after(Self.rest)
        _ = await ReadinessLoop.shared.sleep(until: .after(Self.attempt))
        _ = await log.vacancy.wait(until: rest)
    }

    /// Waits to become the one that writes, and writes; returns only when the task was cancelled.
    private func watch(_ session: inout Connection) async throws(PostgresError) {
        while true {
            let rest = Deadline.after(Self.rest)
            let wait = await log.vacancy.wait(until: rest)
            if wait == .cancelled { return }
            // Also from time to time while another one writes, so that a dead session is noticed before it is needed.
            let statement = "SELECT NOT pg_is_in_recovery() AS writable"
            let deadline = Deadline.after(probe.statementTimeout)
            let isWritable = try await session.query(statement, until: deadline).onlyRow().bool("writable") ?? false
            if !isWritable { log.troubled(index, "it is a standby") }
            guard isWritable, log.vacancy.take() else {
                if wait == .ready { _ = await ReadinessLoop.shared.sleep(until: .after(Self.look)) }
                continue
            }
            defer { log.vacancy.raise() }
            if !log.hasTable { try await makeTable(&session) }
            try await write(&session)
        }
    }

    /// Writes until something goes wrong or the task is cancelled.
    private func write(_ session: inout Connection) async throws(PostgresError) {
        let run = log.run
        while true {
            let next = Deadline.after(probe.interval)
            let number = log.nextNumber()
            let sent = log.elapsed
            do {
                let statement = "INSERT INTO public.pgdr_probe (run, number) VALUES ($1, $2)"
                let deadline = Deadline.after(probe.statementTimeout)
                _ = try await session.query(statement, [run, String(number)], until: deadline)
            } catch {
                if case .silence(let silence) = error, silence.reason == .cancelled { throw error }
                let failure = error.failure()
                log.refused(number, by: index, sent: sent, failure.detail ?? failure.message)
                throw error
            }
            log.acknowledged(number, by: index, sent: sent)
            _ = await ReadinessLoop.shared.sleep(until: next)
        }
    }

    private func makeTable(_ session: inout Connection) async throws(PostgresError) {
        let statement = """
            CREATE TABLE IF NOT EXISTS public.pgdr_probe (
                run text, number bigint, at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (run, number))
            """
        do {
            _ = try await session.query(statement, until: .after(probe.statementTimeout))
        } catch .server(let error) {
            var failure = error.failure()
            failure.hint =
                failure.hint ?? "Let the probe's role create a table in schema public, or make it: \(statement)"
            throw .failure(failure)
        }
        log.tableIsThere()
    }
}
