import ArgumentParser
import Configuration
import Essentials
import FoundationEssentials

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
    case nagios
    case openmetrics
}

/// Which clusters a command is about.
struct ClusterOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The configuration file; default: $PGDR_CONFIG, ./pgdr.yaml, and so on.")
    var config: String?

    @Option(name: [.customShort("C"), .long], help: "The cluster, where the configuration has several.")
    var cluster: String?

    /// Loads the configuration file and says what it warns of.
    func load() throws(Failure) -> ConfigurationFile {
        let path = try ConfigurationFile.find(explicit: config, environment: ProcessInfo.processInfo.environment)
        let file = try ConfigurationFile.load(path: path)
        for warning in file.warnings { Terminal.note("pgdr: \(warning)") }
        return file
    }
}

/// A span of time on the command line, in PostgreSQL's units: `500ms`, `10s`, `2min`. A bare number is seconds.
struct TimeSpan: ExpressibleByArgument, Sendable {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let text = argument.allSatisfy { $0.isNumber || $0 == "." } ? argument + "s" : argument
        guard let duration = Duration(configured: text) else { return nil }
        self.duration = duration
    }

    var defaultValueDescription: String { "\(duration.seconds) s" }
}
