import Audit
import Essentials

/// What `pgdr audit export` tells of a copy.
struct AuditExportSummary {
    var export: AuditExport
    /// The head of the log before the copy was made.
    var head: AuditHead

    var text: String {
        let range = zip([export.first].compactMap(\.self), [export.last].compactMap(\.self)).map { ", \($0) to \($1)" }
        return """
            exported \(export.count) \(export.count == 1 ? "event" : "events")\(range.joined()), \(export.bytes) bytes
            sha256   \(export.sha256)
            head     \(head)
            """
    }

    /// Why a log that was tampered with is not copied.
    static func tampered(_ problem: AuditProblem, in directory: String) -> Failure {
        Failure(
            .audit, "line \(problem.line) of \"\(directory)/\(problem.file)\" is not as pgdr wrote it",
            detail: problem.text,
            hint: "Look at: pgdr audit verify --directory '\(directory)'"
                + "\nTo copy the events nevertheless add --unverified.")
    }
}
