package import Essentials

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Paths on the machine that runs pgdr, as a configuration names them.
package enum LocalPath {
    /// `path` with the home directory in place of a leading `~/`.
    /// - Throws: `configuration` when there is such a `~/` and no home directory.
    package static func expanded(_ path: String) throws(Failure) -> String {
        guard path.hasPrefix("~/") else { return path }
        guard let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") else {
            throw Failure(
                .configuration, "could not find the home directory that \"\(path)\" lies in",
                hint: "Set HOME, or write the path in full.")
        }
        return home + path.dropFirst(1)
    }

    /// The path of `name` in the directory of `file`; in the current one where the file is no file on disk, as with
    /// `--config <(decrypt pgdr.yaml.gpg)`.
    static func beside(_ file: String, _ name: String) -> String {
        guard let slash = file.lastIndex(of: "/"), !file.hasPrefix("/dev/"), !file.hasPrefix("/proc/") else {
            return name
        }
        return file[...slash] + name
    }

    /// Reads an absolute path, one that begins with `~/`, or one relative to the directory of `file`.
    static func read(_ value: YAMLValue, for key: String, file: String) throws(Failure) -> String {
        let path = try value.line("a directory", for: key)
        if path.hasPrefix("/") { return path }
        guard path.hasPrefix("~") else { return beside(file, path) }
        guard path.hasPrefix("~/") else {
            throw .configuration(
                at: value.location, "the home directory of another user is not looked up for \"\(key)\"",
                hint: "Write the path in full.")
        }
        do {
            return try expanded(path)
        } catch {
            throw .configuration(at: value.location, error.message, hint: error.hint)
        }
    }
}
