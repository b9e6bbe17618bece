import ArgumentParser
import Audit
import Configuration
import Essentials

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which log a command reads.
struct AuditOptions: ParsableArguments {
    @OptionGroup var clusters: ClusterOptions

    @Option(
        help: ArgumentHelp("The log's directory; default: the configuration's.", valueName: "dir"),
        completion: .directory)
    var directory: String?

    /// The log's directory.
    ///
    /// No configuration is needed where one is named.
    func logDirectory() throws(Failure) -> String {
        if let directory { return directory }
        return try clusters.load().auditDirectory
    }
}

/// Which events a command is about.
struct AuditFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only the events of this run.", valueName: "id"))
    var run: String?

    @Option(
        help: ArgumentHelp(
            "Only what happened since then, such as 2h, 30min, 2026-01-31T12:00:00Z.", valueName: "time"))
    var since: PastMoment?

    /// The filter, with the cluster that was chosen.
    func filter(cluster: String?) -> AuditFilter { AuditFilter(cluster: cluster, run: run, since: since?.time) }
}

/// A moment in the past on the command line: RFC 3339, or how long ago.
struct PastMoment: ExpressibleByArgument, Sendable {
    var time: AuditTime

    init?(argument: String) {
        if let span = TimeSpan(argument: argument) {
            time = AuditTime(microseconds: AuditTime.now.microseconds - Int64(span.duration.seconds * 1e6))
            return
        }
        let style = Date.ISO8601FormatStyle()
        guard
            let date = (try? style.parse(argument))
                ?? (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(argument))
        else { return nil }
        time = AuditTime(microseconds: Int64((date.timeIntervalSince1970 * 1e6).rounded()))
    }
}
