import ArgumentParser
import Audit
import Configuration
import Essentials
import Estate
import SSH

/// What is looked at of an estate, and for how long.
struct EstateSubject: ParsableArguments {
    @Option(help: ArgumentHelp("Only this category; may be given several times.", valueName: "category"))
    var only: [String] = []

    @Option(help: TimeSpan.help("How long everything together may take; default: the estate's own."))
    var timeout: TimeSpan?

    func validate() throws { try timeout?.requirePositive("--timeout") }

    /// The estate that a configuration has.
    /// - Throws: `configuration` when it has none, or not these categories.
    func estate(of file: ConfigurationFile) throws(Failure) -> EstateConfiguration {
        guard let estate = file.estate else {
            throw Failure(
                .configuration, "\"\(file.path)\" has no estate",
                hint: "Add \"estate:\" to it; see an example with: pgdr estate example")
        }
        let categories = estate.categories
        if let stranger = only.first(where: { !categories.contains($0) }) {
            throw Failure(
                .configuration, "the estate has no category\(stranger.echo)",
                detail: "Categories: \(quotedList(categories)).",
                hint: NearestName.hint(for: stranger, among: categories))
        }
        return estate
    }

    /// Looks at it.
    func check(_ file: ConfigurationFile) async throws(Failure) -> CheckedEstate {
        let estate = try estate(of: file)
        let at = AuditTime.now
        let start = ContinuousClock.now
        let results = await checkEstate(
            estate, only: only, timeout: timeout?.duration, secrets: .fromTerminal,
            at: Double(at.microseconds) / 1e6)
        return CheckedEstate(
            at: at.text, took: start.duration(to: .now).seconds, only: only, estate: estate, results: results)
    }
}

/// An estate that was looked at.
struct CheckedEstate: Sendable {
    /// When it was begun, RFC 3339.
    var at: String
    /// How long it took, in seconds.
    var took: Double
    /// The categories that it is about; empty: all.
    var only: [String]
    var estate: EstateConfiguration
    var results: [EstateResult]

    /// Keeps the result in the audit log; where that can't be done, it is said and the result stands all the same.
    func record(in directory: String) {
        do {
            let log = try AuditLog.open(directory, actor: .current(), patience: .seconds(2))
            try log.append(EstateRun.entry(results, only: only, took: took))
        } catch {
            Terminal.note("pgdr: warning: the result is not kept: \(error.message)")
        }
    }
}
