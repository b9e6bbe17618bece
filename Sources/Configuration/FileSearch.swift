package import Essentials

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ConfigurationFile {
    /// The path of the file to use: `explicit` (from `--config`), `PGDR_CONFIG`, then `pgdr.yaml` in the current
    /// directory, `~/.config/pgdr` and `/etc/pgdr`, the first that exists.
    ///
    /// A file that was named is used or the search fails: falling through to another one could act on the wrong
    /// cluster. `currentDirectory` and `systemDirectory` are where two of the usual places lie.
    /// - Throws: `configuration`; the detail lists every place looked at.
    package static func find(
        explicit: String?, environment: [String: String], currentDirectory: String = ".",
        systemDirectory: String = "/etc/pgdr"
    ) throws(Failure) -> String {
        if let explicit { return try named(explicit, by: "--config") }
        if let path = environment["PGDR_CONFIG"], !path.isEmpty { return try named(path, by: "PGDR_CONFIG") }
        var places = ["\(currentDirectory)/pgdr.yaml"]
        if let home = environment["HOME"], !home.isEmpty { places.append("\(home)/.config/pgdr/pgdr.yaml") }
        places.append("\(systemDirectory)/pgdr.yaml")
        var reasons: [String] = []
        for place in places {
            guard let reason = reasonForAbsence(of: place) else { return place }
            reasons.append("\(place): \(reason)")
        }
        throw Failure(
            .configuration, "found no configuration file",
            detail: (["--config: not given", "PGDR_CONFIG: not set"] + reasons).joined(separator: "\n"),
            hint: "Write one with: pgdr init CONNINFO")
    }

    private static func named(_ path: String, by source: String) throws(Failure) -> String {
        guard let reason = reasonForAbsence(of: path) else { return path }
        throw Failure(
            .configuration, "could not open configuration file \"\(path)\": \(reason)",
            detail: "It was named by \(source); no other place was looked at.")
    }

    /// Why there is nothing at `path`, in the system's words; nil when there is.
    private static func reasonForAbsence(of path: String) -> String? {
        access(path, F_OK) == 0 ? nil : String(cString: strerror(errno))
    }
}
