internal import FoundationEssentials
internal import Glibc

/// A process as `/proc` shows it at one moment.
struct ProcessEntry: Sendable {
    var pid: pid_t
    var parent: pid_t
    /// The program's name, which setting a title does not change.
    var name: String

    /// The working directory; nil when the process is gone or another user's.
    var workingDirectory: String? { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd") }
    /// The names of the files it has open; empty when the process is gone or another user's.
    var openFiles: [String] {
        let directory = "/proc/\(pid)/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return numbers.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)") }
    }
    /// The variables the program was started with; gone once it has given itself a title.
    var environment: [Substring] { (LabFile.read("/proc/\(pid)/environ") ?? "").split(separator: "\0") }

    /// The program's arguments, its name first, unless it has given itself a title.
    var arguments: [Substring] { (LabFile.read("/proc/\(pid)/cmdline") ?? "").split(separator: "\0") }

    /// The control groups it is in, one for each hierarchy, the root of a hierarchy left out.
    var controlGroups: [String] {
        (LabFile.read("/proc/\(pid)/cgroup") ?? "").split(separator: "\n").compactMap { line in
            line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last.map(String.init)
        }.filter { $0 != "/" }
    }

    /// The process with that id; nil when there is none or it is a zombie, which only waits for its parent.
    static func find(_ pid: pid_t) -> ProcessEntry? {
        // The name stands in parentheses and may itself hold some; fields follow the last one.
        guard let text = LabFile.read("/proc/\(pid)/stat"), let open = text.firstIndex(of: "("),
            let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 1, fields[0] != "Z", fields[0] != "X", let parent = pid_t(fields[1]) else { return nil }
        return ProcessEntry(pid: pid, parent: parent, name: String(text[text.index(after: open)..<close]))
    }

    /// All processes that live.
    static func all() -> [ProcessEntry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.compactMap(find)
    }

    /// Sends a signal; a process that is gone meanwhile is fine.
    func send(_ signal: Int32) { _ = Glibc.kill(pid, signal) }
}
