package import Essentials

extension Lab {
    /// Waits until every standby streams from the node that was made as the primary.
    ///
    /// The server does the waiting, so that one connection and no poll from here is needed.
    /// - Throws: `lab` when the deadline passes first, with the end of the missing standbys' logs as the detail.
    package func awaitStreaming(_ deadline: Deadline) async throws(Failure) {
        guard !standbys.isEmpty else { return }
        let wait = """
            SET client_min_messages = error;
            SELECT set_config('pgdr.names', :'names', false), set_config('pgdr.wait', :'wait', false) \\g /dev/null
            DO $$
            DECLARE
                names text[] := string_to_array(current_setting('pgdr.names'), ',');
                until timestamptz := clock_timestamp() + current_setting('pgdr.wait')::interval;
            BEGIN
                WHILE clock_timestamp() < until AND EXISTS (
                    SELECT FROM unnest(names) AS name WHERE name NOT IN (
                        SELECT application_name FROM pg_stat_replication WHERE state = 'streaming')) LOOP
                    PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
                END LOOP;
            END $$;
            SELECT application_name FROM pg_stat_replication WHERE state = 'streaming';

            """
        let names = standbys.map(\.name)
        let answer = try await primary.psql(
            wait,
            variables: [
                "names": names.joined(separator: ","), "wait": "\(deadline.remaining.millisecondsRoundedUp) ms",
            ])
        let streaming = Set(answer.split(separator: "\n").map(String.init))
        let missing = standbys.filter { !streaming.contains($0.name) }
        guard let first = missing.first else { return }
        throw Failure(
            .lab, "not all standbys stream: missing \(missing.map(\.name).joined(separator: ", "))",
            detail: LabFile.tail(first.logFile, first.startLogFile),
            hint: "All of the server's log is in \(first.logFile).", node: first.name)
    }
}
