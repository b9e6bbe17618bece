internal import Configuration
package import Essentials
internal import RunbookFiles

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The runbooks there are: the built-in ones, and the operator's own, which win over built-in ones of the same name.
package struct RunbookLibrary: Sendable {
    /// Where a runbook comes from.
    package struct Source: Sendable, Equatable {
        /// Its name.
        package var name: String
        /// Its text.
        package var text: String
        /// The file it stands in; nil for a built-in one.
        package var path: String?
        /// How errors name it.
        package var place: String { path ?? "\(name).yaml" }
    }

    /// The runbooks, in alphabetical order.
    package let sources: [Source]

    /// The built-in runbooks and those in a directory.
    /// - Throws: `configuration` when the directory or a file in it can't be read.
    package init(directory: String?) throws(Failure) {
        var sources = RunbookFile.all.map { Source(name: $0.name, text: $0.text, path: nil) }
        if let directory {
            for file in try Self.files(in: directory) {
                let name = Self.name(of: file)
                let path = "\(directory)/\(file)"
                if let other = sources.first(where: { $0.name == name })?.path {
                    throw Failure(
                        .configuration, "there are two files of runbook \"\(name)\"", detail: "\(other) and \(path).")
                }
                sources.removeAll { $0.name == name }
                sources.append(Source(name: name, text: try FileContent.read(path).text, path: path))
            }
        }
        self.sources = sources.sorted { $0.name < $1.name }
    }

    /// The runbook of a name.
    /// - Throws: `configuration` when there is none, or when its text has a mistake, with line and column.
    package func definition(named name: String) throws(Failure) -> RunbookDefinition {
        let names = sources.map(\.name)
        guard let source = sources.first(where: { $0.name == name }) else {
            throw Failure(
                .configuration, "there is no runbook\(name.echo)", detail: "There are \(quotedList(names)).",
                hint: NearestName.hint(for: name, among: names))
        }
        return try RunbookDefinition(parsing: source.text, name: source.name, path: source.place)
    }

    /// Reads one runbook's file.
    package static func read(_ path: String) throws(Failure) -> RunbookDefinition {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return try RunbookDefinition(parsing: FileContent.read(path).text, name: name(of: file), path: path)
    }

    private static func name(of file: String) -> String {
        let ending = [".yaml", ".yml"].first { file.hasSuffix($0) } ?? ""
        return String(file.dropLast(ending.count))
    }

    /// Writes the built-in runbooks into a directory, which is made if it is missing.
    /// - Returns: the files written; those that were there already are left alone.
    package func export(to directory: String) throws(Failure) -> [String] {
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw Self.failure("make", directory) }
        var written: [String] = []
        for source in sources where source.path == nil {
            let path = "\(directory)/\(source.name).yaml"
            let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            if number < 0, errno == EEXIST { continue }
            guard number >= 0 else { throw Self.failure("write", path) }
            let descriptor = Descriptor(owning: number)
            let bytes = Array(source.text.utf8)
            guard write(descriptor.number, bytes, bytes.count) == bytes.count else { throw Self.failure("write", path) }
            written.append(path)
        }
        return written
    }

    private static func failure(_ verb: String, _ path: String) -> Failure {
        Failure(.system, "could not \(verb) \"\(path)\": \(String(cString: strerror(errno)))")
    }

    private static func files(in directory: String) throws(Failure) -> [String] {
        guard let stream = opendir(directory) else {
            throw Failure(
                .configuration,
                "could not open the runbooks' directory \"\(directory)\": \(String(cString: strerror(errno)))",
                hint: "It is the configuration's \"runbooks\".")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let isRunbook = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
            if isRunbook, !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
