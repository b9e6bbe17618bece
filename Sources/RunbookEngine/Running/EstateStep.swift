import Audit
import Configuration
import Essentials
import Estate
import Replication

extension ActRunner {
    /// Asks all that depends on the databases; what came of it is kept as of any check.
    /// - Returns: how much of it is as expected.
    /// - Throws: `command` when something isn't.
    func checkEstate() async throws(Failure) -> String {
        guard let estate = sessions.estate else { throw Failure(.configuration, "there is no estate to look at") }
        let began = ContinuousClock.now
        let results = await Estate.checkEstate(
            estate, secrets: sessions.secrets, at: Double(AuditTime.now.microseconds) / 1e6)
        guard !Task.isCancelled else { throw .cancelledStep }
        try log.append(EstateRun.entry(results, only: [], took: began.duration(to: .now).seconds))
        for result in results where result.finding.severity != .ok {
            attendant.told(.note(step: step, text: "\(result.name): \(result.finding.reason)"))
        }
        let tally = EstateTally(results)
        guard tally.total > tally.skipped else {
            throw Failure(
                .command, "nothing of the estate was looked at", detail: "All of it is declared as not deployed.")
        }
        let failed = results.filter { $0.finding.severity > .warning }
        guard failed.isEmpty else {
            throw Failure(
                .command, "of \(tally.total) parts of the estate \(failed.count) fail",
                detail: failed.map { "\($0.name): \($0.finding.reason)" }.joined(separator: "\n"),
                hint: "Look at them with: pgdr estate check")
        }
        return "\(tally.passed) of \(tally.passed + tally.failed) parts of the estate are as expected"
    }
}
