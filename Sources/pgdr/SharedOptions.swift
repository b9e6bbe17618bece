import ArgumentParser
import Configuration
import Essentials

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How `status` is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
    case nagios
    case openmetrics
}

/// How everything else is printed that has a form for scripts.
enum DocumentFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json

    /// How a failure of the command is printed.
    var ofFailure: OutputFormat {
        switch self {
        case .table: .table
        case .json: .json
        }
    }
}

/// Which clusters a command is about.
struct ClusterOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The configuration file; default: $PGDR_CONFIG, ./pgdr.yaml, and so on.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(
        name: [.customShort("C"), .long],
        help: ArgumentHelp("The cluster, where the configuration has several.", valueName: "name"))
    var cluster: String?

    /// Whether there is a configuration to be found.
    var isConfigured: Bool {
        (try? ConfigurationFile.find(explicit: config, environment: ProcessInfo.processInfo.environment)) != nil
    }

    /// Loads the configuration file and says what it warns of.
    func load() throws(Failure) -> ConfigurationFile {
        let path = try ConfigurationFile.find(explicit: config, environment: ProcessInfo.processInfo.environment)
        let file = try ConfigurationFile.load(path: path)
        for warning in file.warnings { Terminal.note("pgdr: warning: \(warning)") }
        return file
    }

}

/// A span of time on the command line.
///
/// PostgreSQL's units: `500ms`, `10s`, `2min`. A bare number is seconds.
struct TimeSpan: ExpressibleByArgument, Sendable, CustomStringConvertible {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let text = argument.allSatisfy { $0.isNumber || $0 == "." } ? argument + "s" : argument
        guard let duration = Duration(configured: text) else { return nil }
        self.duration = duration
    }

    var description: String {
        let milliseconds = Int64((duration.seconds * 1000).rounded())
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    var defaultValueDescription: String { description }

    /// What an option of this type says of itself.
    static func help(_ abstract: String) -> ArgumentHelp { ArgumentHelp("\(abstract)", valueName: "time") }

    /// Refuses a span of no length for the option of that name.
    func requirePositive(_ option: String) throws {
        if duration <= .zero { throw ValidationError("\(option) must be more than nothing.") }
    }
}
