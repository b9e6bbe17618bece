import ArgumentParser
import Configuration
import Drills
import Essentials

/// Which reports are written of a run when it has ended.
struct ReportOptions: ParsableArguments {
    @Option(
        name: .customLong("report"), parsing: .singleValue,
        help: ArgumentHelp("Write a report of it to this file: .html, .md or .json; may be given several times."),
        completion: .file(extensions: ["html", "md", "json"]))
    var files: [ReportFile] = []

    /// Writes the reports of a run, however it ended.
    /// - Returns: the exit status: the run's own, unless that is 0 and a report could not be written.
    func write(_ run: String, of cluster: ClusterConfiguration, in directory: String, after status: Int32) -> Int32 {
        guard !files.isEmpty else { return status }
        var isWhole = true
        do {
            let report = try Report.read(run, of: cluster, in: directory)
            for file in files {
                do { try OutputFile.write(file.format.text(report), to: file.path) } catch { isWhole = tell(error) }
            }
        } catch {
            isWhole = tell(error)
        }
        return status == 0 && !isWhole ? ExitStatus.partWay : status
    }

    /// Says that there is no report where nothing was begun.
    func noteNothing() {
        if !files.isEmpty { Terminal.note("No report is written: nothing was begun.") }
    }

    private func tell(_ error: any Error) -> Bool {
        let failure = (error as? Failure) ?? Failure(.system, "\(error)")
        Terminal.note("pgdr: warning: no report: \(failure.message)" + (failure.detail.map { " (\($0))" } ?? ""))
        return false
    }
}

/// A file whose name says how a report is written to it.
struct ReportFile: ExpressibleByArgument, Sendable {
    var path: String
    var format: ReportFormat

    init?(argument: String) {
        guard let format = ReportFormat(fileName: argument) else { return nil }
        path = argument
        self.format = format
    }
}
