import Essentials
import FoundationEssentials
import Glibc
import Lab
import Testing

extension RealServers {
    /// What becomes of clients when a primary is lost: nodes on hosts of their own, and pgdr on others.
    @Suite(
        .serialized, .enabled(if: geteuid() == 0, "only root can make a network for a lab"), .timeLimit(.minutes(15)))
    enum Outages {}
}

/// A lab in a network of its own, in which something breaks while clients write and pgdr looks on.
struct Outage: Sendable {
    let lab: Lab
    let network: LabNetwork
    /// Which of several that one test makes.
    let title: String

    /// Makes the lab, runs `body` with it and takes it down.
    /// - Parameters:
    ///   - title: which of several that one test makes.
    ///   - smallDisks: as `LabOptions.smallDisks`.
    static func with(
        _ title: String = "", smallDisks: [String: Int] = [:], _ body: (Outage) async throws -> Void
    ) async throws {
        var options = LabOptions(directory: Lab.temporaryDirectory())
        options.network = .init()
        options.smallDisks = smallDisks
        try await Lab.with(options) { lab in
            try await lab.primary.psql(Clients.table)
            try await body(Outage(lab: lab, network: #require(lab.network), title: title))
        }
    }

    /// Does something in a lab for each of some cases, for so many at a time; where one fails the others go on.
    static func withEach<Case: Sendable>(
        of cases: [Case], atOnce width: Int = 3, _ body: @escaping @Sendable (Outage, Case) async throws -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, item) in cases.enumerated() {
                if index >= width { await group.next() }
                group.addTask {
                    do { try await with("\(item)") { try await body($0, item) } } catch {
                        Issue.record(error, "\(item)")
                    }
                }
            }
        }
    }

    /// A node by its name.
    func node(_ name: String) throws -> LabNode { try lab.node(name) }

    /// The timeline that a primary writes on.
    func timeline(of primary: String) async throws -> String {
        try await node(primary).psql("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")
    }

    /// Which nodes take writes from clients: each is asked to commit.
    func writable() async -> [String] { await Clients(lab).writable() }

    /// Proves that a node is the only one that takes writes, and that the others stream from it.
    func expectPrimary(
        _ name: String, standbys: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        try await awaitStreaming(from: name, to: standbys, sourceLocation: sourceLocation)
        let writable = await writable()
        #expect(writable == [name], "\(title)", sourceLocation: sourceLocation)
    }

    /// Waits until these standbys, and no others, stream from a primary.
    func awaitStreaming(
        from name: String, to standbys: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let streaming =
            "SELECT COALESCE(string_agg(application_name, ',' ORDER BY application_name), '') FROM pg_stat_replication"
        let wanted = standbys.sorted().joined(separator: ",")
        let primary = try node(name)
        await awaitThat("\(wanted) stream from \(name) \(title)", sourceLocation: sourceLocation) {
            try await primary.psql("\(streaming) WHERE state = 'streaming'") == wanted
        }
    }

    /// Has each commit on a primary wait for any one of its standbys; returns once all of them stream, the primary waits
    /// for them, and an observer's monitor has seen it since: it can't prove anything otherwise.
    func replicateSynchronously(from name: String, to standbys: [String], seenBy observer: Observer) async throws {
        let primary = try node(name)
        try await primary.setParameter("synchronous_standby_names", "ANY 1 (\(standbys.joined(separator: ", ")))")
        // The server does the waiting.
        let wait = """
            SELECT set_config('test.standbys', :'standbys', false), set_config('test.observer', :'observer', false)
            \\g /dev/null
            DO $$
            DECLARE
                names text[] := string_to_array(current_setting('test.standbys'), ',');
                until timestamptz := clock_timestamp() + interval '20 s';
                synchronous timestamptz;
            BEGIN
                LOOP
                    IF synchronous IS NULL AND names <@ (
                        SELECT array_agg(application_name) FROM pg_stat_replication
                        WHERE state = 'streaming' AND sync_state = 'quorum')
                    THEN synchronous := clock_timestamp(); END IF;
                    EXIT WHEN EXISTS (
                        SELECT FROM pg_stat_activity
                        WHERE usename = 'pgdr' AND client_addr = current_setting('test.observer')::inet
                            AND state = 'idle' AND query_start > synchronous);
                    IF clock_timestamp() > until THEN
                        RAISE EXCEPTION 'synchronous since %, and the observer has not looked', synchronous;
                    END IF;
                    PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
                END LOOP;
            END $$;

            """
        try await primary.psql(
            wait,
            variables: [
                "standbys": standbys.joined(separator: ","), "observer": network.address(of: observer.name),
            ])
    }

    /// Waits until something is so; an issue when it doesn't come about.
    func awaitThat(
        _ what: String, within limit: Duration = .seconds(20),
        sourceLocation: Testing.SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
    ) async {
        let deadline = Deadline.after(limit)
        while (try? await isSo()) != true {
            guard !deadline.hasPassed else {
                Issue.record("it did not come about: \(what)", sourceLocation: sourceLocation)
                return
            }
            await pause(.milliseconds(20))
        }
    }

    /// The nodes whose servers say that they are primaries, asked on their own hosts.
    func primaries() async throws -> [String] {
        var names: [String] = []
        for node in lab.nodes where try await isPrimary(node.name) == true { names.append(node.name) }
        return names
    }

    /// The host's own view of whether its server takes writes; nil when none runs.
    func isPrimary(_ name: String) async throws -> Bool? {
        guard let answer = try? await node(name).psql("SELECT pg_is_in_recovery()") else { return nil }
        return answer == "f"
    }
}

/// Lets some time pass.
func pause(_ duration: Duration) async { _ = await ReadinessLoop.shared.sleep(until: .after(duration)) }
